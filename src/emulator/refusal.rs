//! A refusal as the cloud words it.

use serde_json::Value;

use super::codes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    /// Sent as the header `x-acs-retry-after`, in milliseconds (*read in code*).
    pub(super) retry_after_ms: Option<u64>,
    /// Who lacked which permission, if that is what is wrong (*documented*).
    pub(super) access_denied: Option<Value>,
}

impl Refusal {
    /// A code of one of the tables, with the status and message it has there. Any other code is a 400 without words.
    pub(super) fn named(code: &str) -> Self {
        let (status, message) = codes::find(code).map_or((400, ""), |row| (row.status, row.message));
        Self { status, code: code.to_owned(), message: message.to_owned(), retry_after_ms: None, access_denied: None }
    }

    /// The operation's own parameter is absent: `Missing` and its name (*documented*; the wording is *inferred*).
    pub(super) fn missing(parameter: &str) -> Self {
        Self::named(&format!("Missing{parameter}")).saying(format!("{parameter} is mandatory for this action."))
    }

    /// A parameter has a value it may not have.
    pub(super) fn invalid(parameter: &str) -> Self {
        Self::named("InvalidParameter").because(&format!("Parameter: {parameter}."))
    }

    /// A parameter or header that every request must have is absent.
    pub(super) fn lacking(name: &str) -> Self {
        Self::named("MissingParameter").saying(format!(
            "The input parameter \"{name}\" that is mandatory for processing this request is not supplied."
        ))
    }

    /// The signature is not what it should be. Ends in the string that had to be signed, as the gateway's does.
    pub(super) fn mismatch(string_to_sign: &str) -> Self {
        let refusal = Self::named("SignatureDoesNotMatch");
        let message = format!("{} server string to sign is:{string_to_sign}", refusal.message);
        refusal.saying(message)
    }

    /// The same with another message.
    pub(super) fn saying(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// The same, after adding what exactly is wrong.
    pub(super) fn because(self, detail: &str) -> Self {
        let message = format!("{} {detail}", self.message);
        self.saying(message)
    }
}
