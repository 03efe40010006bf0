//! Why a sink did not take a report.

/// Why a sink did not take a report. Never holds its address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    #[error("no answer came in time")]
    NoAnswer,
    #[error("no connection could be opened: check its address and its certificate")]
    NotConnected,
    #[error("it answered with status {status}{}", shown(code))]
    Status { status: u16, code: String },
    #[error("it is gone (status 410): remove it or give it a new URL")]
    Gone,
    #[error("the message is larger than it takes")]
    TooLarge,
    #[error("there are no credentials to sign with")]
    NoCredentials,
    #[error("its address is not a URL")]
    NoAddress,
}

/// A code in brackets. What a stranger puts there is cut to what codes are made of.
fn shown(code: &str) -> String {
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(40).collect();
    if code.is_empty() { code } else { format!(" ({code})") }
}
