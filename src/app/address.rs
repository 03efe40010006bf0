//! Where a request to a vendor's own host goes.

use reqwest::Url;

use super::App;

impl App {
    /// The host itself, or in a rehearsal the stand-in, under the host's own name and path: a rehearsal reaches nobody.
    pub(super) fn address(&self, url: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let Some(base) = &self.stand_in else { return Some(url) };
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        base.join(&format!("/_emulator/hosts/{}{}{query}", url.host_str()?, url.path())).ok()
    }
}
