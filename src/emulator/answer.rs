//! Answers in the vendor's form.

use std::hash::{BuildHasher as _, RandomState};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{encoding, refusal::Refusal};

const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=utf-8");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const RETRY_AFTER: HeaderName = HeaderName::from_static("x-acs-retry-after");

/// What the cloud says, and what goes into the record about it.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) body: String,
    pub(super) headers: HeaderMap,
}

impl Answer {
    /// The operation's own fields, completed by the request id.
    pub(super) fn success(mut fields: Value) -> Self {
        let request_id = new_request_id();
        fields["RequestId"] = Value::from(request_id.as_str());
        Self { status: StatusCode::OK, code: "OK".to_owned(), body: fields.to_string(), headers: headers(&request_id) }
    }

    pub(super) fn refusal(refusal: Refusal, host: &str) -> Self {
        let request_id = new_request_id();
        let mut body = json!({
            "RequestId": request_id,
            "HostId": host,
            "Code": refusal.code,
            "Message": refusal.message,
            "Recommend": troubleshooter(&refusal.code, &request_id, host),
        });
        if let Some(detail) = refusal.access_denied {
            body["AccessDeniedDetail"] = detail;
        }
        let mut answer = Self {
            status: StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: refusal.code,
            body: body.to_string(),
            headers: headers(&request_id),
        };
        answer.retry_after(refusal.retry_after_ms);
        answer
    }

    /// Says when to come back, if there is something to say.
    pub(super) fn retry_after(&mut self, ms: Option<u64>) {
        if let Some(ms) = ms {
            self.headers.insert(RETRY_AFTER, ms.into());
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}

fn headers(request_id: &str) -> HeaderMap {
    let id = HeaderValue::try_from(request_id).expect("hexadecimal digits are visible ASCII");
    HeaderMap::from_iter([(header::CONTENT_TYPE, JSON), (REQUEST_ID, id)])
}

/// The vendor's page that explains an error (*documented* to be a URL; its form is *inferred*).
fn troubleshooter(code: &str, request_id: &str, host: &str) -> String {
    let code = encoding::encode(code);
    let product = ["Kms", "Sts", "EventBridge"]
        .into_iter()
        .find(|name| host.to_ascii_lowercase().starts_with(&name.to_lowercase()));
    let product = product.unwrap_or("Rds");
    format!("https://api.alibabacloud.com/troubleshoot?q={code}&product={product}&requestId={request_id}")
}

/// An upper-case UUID of version 5, like the vendor's own.
pub(super) fn new_request_id() -> String {
    let random = || RandomState::new().hash_one(());
    let high = random() & !0xf000 | 0x5000;
    let low = random() & (u64::MAX >> 2) | 1 << 63;
    let digits = format!("{high:016X}{low:016X}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::new_request_id;

    #[test]
    fn request_ids_look_like_the_vendors_and_differ() {
        let id = new_request_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(id.chars().all(|digit| digit == '-' || digit.is_ascii_digit() || ('A'..='F').contains(&digit)), "{id}");
        assert_eq!(&id[14..15], "5");
        assert!("89AB".contains(&id[19..20]), "{id}");
        assert_ne!(id, new_request_id());
    }
}
