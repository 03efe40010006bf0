//! The app of a host: at hand, or made once the secrets of its deployment have been read.

use std::sync::Arc;

use super::HostState;
use crate::app::{App, Context, Need, NoSecrets};

/// What senders are told while there is no app.
pub(super) const SECRETS_UNREAD: &str = "the secrets of this deployment cannot be read now";

impl HostState {
    /// The app, or why there is none. Secrets are read in a tracked task: a caller who hangs up neither stops the reading,
    /// nor has it begun anew.
    pub(super) async fn app(&self, context: &Context) -> Result<Arc<App>, NoSecrets> {
        match self.deployment.apps.at_hand() {
            Some(app) => app,
            None => Box::pin(self.read(context)).await,
        }
    }

    /// Has something proved by the secrets there are, and once more where newer ones are found.
    pub(super) async fn prove<T, E>(
        &self,
        app: &mut Arc<App>,
        context: &Context,
        check: impl Fn(&App) -> Result<T, E>,
    ) -> Result<T, E> {
        let refusal = match check(app) {
            Ok(proven) => return Ok(proven),
            Err(refusal) => refusal,
        };
        if self.renew(app, context).await { check(app) } else { Err(refusal) }
    }

    /// Puts an app with newer secrets in the place of one that refused somebody, if there are any.
    pub(super) async fn renew(&self, app: &mut Arc<App>, context: &Context) -> bool {
        if !self.deployment.apps.may_be_renewed(app) {
            return false;
        }
        let newer = Box::pin(self.renewed(app, context)).await;
        let is_renewed = newer.is_some();
        if let Some(newer) = newer {
            *app = newer;
        }
        is_renewed
    }

    async fn read(&self, context: &Context) -> Result<Arc<App>, NoSecrets> {
        let (deployment, need) = (Arc::clone(&self.deployment), Need::of(context));
        let reading = async move {
            let app = deployment.apps.get(&need).await;
            let needs_a_new_process = app.as_ref().is_err_and(|none| none.needs_a_new_process);
            (app, needs_a_new_process)
        };
        self.deliveries.run(reading).await.unwrap_or_else(|| Err(NoSecrets::unread()))
    }

    async fn renewed(&self, refused_by: &Arc<App>, context: &Context) -> Option<Arc<App>> {
        let (deployment, need) = (Arc::clone(&self.deployment), Need::of(context));
        let refused_by = Arc::clone(refused_by);
        self.deliveries.run(async move { (deployment.apps.renewed(&refused_by, &need).await, false) }).await.flatten()
    }
}
