//! HMAC-SHA1 over the parameters (*documented* as "signature method V2 for RPC APIs"). Headers are not signed.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::{Arrival, Claim, Refusal, encoding};

pub(super) fn claim(arrival: &Arrival) -> Result<Claim, Refusal> {
    let required = |name: &str| arrival.parameter(name).map(str::to_owned).ok_or_else(|| Refusal::lacking(name));
    for (name, only) in [("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")] {
        if required(name)? != only {
            return Err(Refusal::named("InvalidParameter").because(&format!("{name} must be {only}.")));
        }
    }
    let string_to_sign = string_to_sign(arrival);
    Ok(Claim {
        key_id: required("AccessKeyId")?,
        date: required("Timestamp")?,
        nonce: Some(required("SignatureNonce")?),
        security_token: arrival.parameter("SecurityToken").map(str::to_owned),
        signature: required("Signature")?,
        string_to_sign,
        sign,
    })
}

/// Method, path and canonical query, the latter two encoded once more. Form parameters count like those of the query.
fn string_to_sign(arrival: &Arrival) -> String {
    let signed = arrival.query.iter().chain(&arrival.form).filter(|(name, _)| name != "Signature");
    format!("{}&%2F&{}", arrival.method, encoding::encode(&encoding::canonical(signed)))
}

fn sign(text: &str, secret: &str) -> String {
    let key = format!("{secret}&");
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    BASE64.encode(mac.finalize().into_bytes())
}
