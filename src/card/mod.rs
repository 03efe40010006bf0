//! What people see of a report or an answer: one card, which belongs to no chat, and one renderer for each chat.
//!
//! A renderer knows its chat's markup, limits and escapes. Nothing that comes from outside becomes markup, a mention or a
//! link; what is to be copied stays as it is; and no card is larger than its chat takes.

pub mod dingtalk;
pub mod feishu;
mod fit;
mod from_report;
mod locale;
mod markdown;
mod model;
mod size;
pub mod slack;
pub mod teams;
mod text;
pub mod wecom;

pub use fit::fitted_chars;
pub use from_report::{Offer, console, digest, from_report, status};
pub use locale::Locale;
pub use model::{Audience, Card, Confirm, Fact, Link, Tone};
pub use text::{Paragraph, Span, Text};

#[cfg(test)]
mod tests;
