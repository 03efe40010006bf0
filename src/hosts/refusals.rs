//! The trace that refusals leave: a warning a minute and door, with how many they were, why the first was refused, and
//! where it came from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::throttle::Throttle;

/// Why one request was refused. No word of it is the sender's own.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) reason: Cow<'static, str>,
    pub(super) source: Option<IpAddr>,
}

/// Refusals by door, which is a path.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<BTreeMap<String, Throttle<Refusal>>>);

impl Refusals {
    pub(super) fn note(&self, door: &str, refusal: Refusal) {
        let mut doors = self.doors();
        if !doors.contains_key(door) {
            doors.insert(door.to_owned(), Throttle::default());
        }
        let due = doors.get_mut(door).and_then(|throttle| throttle.note(refusal, Instant::now()));
        drop(doors);
        if let Some((first, count)) = due {
            tracing::warn!("{}", sentence(door, &first, count));
        }
    }

    /// Says what was held back, where no further refusal will.
    pub(super) fn say_the_rest(&self) {
        for (door, throttle) in self.doors().iter_mut() {
            if let Some((first, count)) = throttle.rest() {
                tracing::warn!("{}", sentence(door, &first, count));
            }
        }
    }

    fn doors(&self) -> MutexGuard<'_, BTreeMap<String, Throttle<Refusal>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sentence(door: &str, Refusal { status, reason, source }: &Refusal, count: u64) -> String {
    let from = source.map_or_else(|| "an unknown address".to_owned(), |source| source.to_string());
    let status = status.as_u16();
    if count == 1 {
        format!("refused a request to {door} from {from} with {status}: {reason}")
    } else {
        format!(
            "refused {count} requests to {door} since the last such line, the first from {from} with {status}: {reason}"
        )
    }
}

/// The address of whoever is at the other end of the connection, where that is the sender or a gateway of ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Where a request to a function came from, by the platform's word: `x-fc-client-ip` (read in code: the vendor's runtimes;
/// no client can send it), else the last hop of `x-forwarded-for`, which is the platform's own. What comes before that is
/// the client's word.
pub(super) fn forwarded_by_platform(headers: &HeaderMap) -> Option<IpAddr> {
    let text = |name| headers.get_all(name).iter().next_back()?.to_str().ok();
    let address = |text: &str| text.trim().parse().ok();
    let own = text("x-fc-client-ip").and_then(address);
    own.or_else(|| address(text("x-forwarded-for")?.rsplit(',').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(reason: &'static str, source: Option<&str>) -> Refusal {
        let source = source.map(|text| text.parse().unwrap());
        Refusal { status: StatusCode::UNAUTHORIZED, reason: reason.into(), source }
    }

    #[test]
    fn one_is_said_with_its_source_and_many_with_their_number() {
        let unproven = refusal("no proof", Some("192.0.2.7"));
        assert_eq!(
            sentence("/v1/requests", &unproven, 1),
            "refused a request to /v1/requests from 192.0.2.7 with 401: no proof"
        );
        assert_eq!(
            sentence("/invoke", &refusal("no proof", None), 300),
            "refused 300 requests to /invoke since the last such line, the first from an unknown address with 401: no proof"
        );
    }

    #[test]
    fn the_platform_s_word_on_the_source_comes_first_and_the_client_s_never() {
        let source = |headers: &[(&'static str, &'static str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            forwarded_by_platform(&map).map(|address| address.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        let forwarded = ("x-forwarded-for", "203.0.113.9, 192.0.2.7");
        assert_eq!(source(&[forwarded]), some("192.0.2.7"));
        assert_eq!(
            source(&[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "2001:db8::7")]),
            some("2001:db8::7")
        );
        assert_eq!(source(&[("x-fc-client-ip", "198.51.100.3"), forwarded]), some("198.51.100.3"));
        assert_eq!(source(&[("x-fc-client-ip", ""), forwarded]), some("192.0.2.7"));
        for nonsense in ["", "unknown", "192.0.2.7, ", "192.0.2.7:80", "192.0.2.7\tFC Invoke End"] {
            assert_eq!(source(&[("x-forwarded-for", nonsense)]), None, "{nonsense}");
        }
        assert_eq!(source(&[]), None);
    }
}
