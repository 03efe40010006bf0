//! `AssumeRoleWithOIDC`: a session for the token of an identity provider. Nobody signs; the token is the proof.
//!
//! The stand-in checks no signatures of tokens: the one token a role lists counts as genuine. A token that is exactly
//! `expired`, or a JWT whose `exp` has passed, has expired.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use serde_json::Value;

use super::{Invocation, Refusal, Wish};

pub(crate) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let (provider, token) = (call.required("OIDCProviderArn")?, call.required("OIDCToken")?);
    let wish = Wish::read(call)?;
    let accounts = &call.world.identities.accounts;
    if !accounts.knows_provider(provider) {
        let refusal = Refusal::named("AuthenticationFail.NoPermission");
        return Err(refusal.saying("No such OIDC Provider registered.".to_owned()));
    }
    let trusted = wish.role(&call.world.identities)?.oidc.as_ref().filter(|oidc| oidc.provider_arn == provider);
    let trusted = trusted.ok_or_else(|| Refusal::named("AuthenticationFail.NoPermission"))?;
    if has_expired(token, call.now) {
        return Err(Refusal::named("AuthenticationFail.OIDCToken.Expired"));
    }
    if trusted.token != token {
        return Err(Refusal::named("AuthenticationFail.OIDCToken.Invalid"));
    }
    super::open(call, wish)
}

fn has_expired(token: &str, now: Timestamp) -> bool {
    let end = claims(token).and_then(|claims| claims["exp"].as_i64());
    token == "expired" || end.is_some_and(|end| end <= now.as_second())
}

fn claims(token: &str) -> Option<Value> {
    let payload = BASE64.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}
