//! The record of requests to the cloud.

use serde::Serialize;

/// One request and how it ended.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Call {
    pub(super) operation: Option<String>,
    pub(super) instance: Option<String>,
    pub(super) key: Option<String>,
    /// The region the host stands for, else the instance's if there is such an instance, else the one asked for.
    pub(super) region: Option<String>,
    /// `OK`, an error code, or the name of the fault that was played.
    pub(super) code: String,
    /// None while, or because, nothing was answered.
    pub(super) http_status: Option<u16>,
    /// The version it was signed with, rightly or wrongly.
    pub(super) signature: Option<&'static str>,
    /// The account the key belongs to, where it is another than the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
}

#[derive(Default)]
pub(super) struct Calls {
    /// Numbered, so that an open call is found again after others were forgotten.
    numbered: Vec<(u64, Call)>,
    next: u64,
}

impl Calls {
    /// Records a call and returns its number.
    pub(super) fn add(&mut self, call: Call) -> u64 {
        let number = self.next;
        self.numbered.push((number, call));
        self.next += 1;
        number
    }

    /// A call that was open got its answer.
    pub(super) fn answered(&mut self, number: u64, http_status: u16) {
        if let Some((_, call)) = self.numbered.iter_mut().find(|(other, _)| *other == number) {
            call.http_status = Some(http_status);
        }
    }

    pub(super) fn all(&self) -> Vec<&Call> {
        self.numbered.iter().map(|(_, call)| call).collect()
    }

    pub(super) fn forget(&mut self) {
        self.numbered.clear();
    }
}
