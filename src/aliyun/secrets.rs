//! Secrets that are in KMS: which are wanted, and their values, read all at once. No value is ever shown.

use std::collections::BTreeMap;
use std::fmt;

use futures_util::future::{try_join, try_join_all};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::error::Failure;
use super::kms::{GetSecretValue, SecretValue, Stage, WOULD_HAVE_WORKED};
use super::{Client, Target, Trace};

/// A secret of KMS, or one field of one that is JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName {
    /// Its name, or its ARN.
    pub name: String,
    pub field: Option<String>,
}

/// The secrets to read, by name, and whether what their previous versions hold counts too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted(BTreeMap<String, bool>);

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Values(BTreeMap<String, Versions>);

#[derive(Debug, Clone)]
struct Versions {
    current: SecretString,
    previous: Option<SecretString>,
}

/// A secret that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Unread {
    pub name: String,
    pub why: WhyUnread,
}

#[derive(Debug, Clone, PartialEq)]
pub enum WhyUnread {
    /// Neither its name says in which region it is, nor does anything else.
    NoRegion,
    Failed(Box<Failure>),
    Binary,
}

/// A secret that was read and does not hold what is wanted of it. Never repeats what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    #[error("was not read")]
    NotRead,
    #[error("is not a JSON object, so it has no field {0}")]
    NoJson(String),
    #[error("has no field {0}")]
    NoField(String),
    #[error("has a field {0} that is no text, or an empty one")]
    NoText(String),
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret {} of KMS", self.name)
    }
}

impl Wanted {
    /// Wants a secret for something that is signed, or sent.
    pub fn to_use(&mut self, secret: &SecretName) {
        self.0.entry(secret.name.clone()).or_default();
    }

    /// Wants a secret for something that is verified: for a while senders have its previous version.
    pub fn to_verify(&mut self, secret: &SecretName) {
        self.0.insert(secret.name.clone(), true);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Those that only the region we run in can tell where they are.
    pub fn without_region(&self) -> impl Iterator<Item = &str> {
        self.names().filter(|name| region_of(name).is_none())
    }
}

impl Values {
    /// What a secret holds now.
    pub fn current(&self, secret: &SecretName) -> Result<SecretString, NoValue> {
        let versions = self.0.get(&secret.name).ok_or(NoValue::NotRead)?;
        part(&versions.current, secret.field.as_deref())
    }

    /// What a secret held before, where that was read too and is something else.
    pub fn previous(&self, secret: &SecretName) -> Option<SecretString> {
        let versions = self.0.get(&secret.name)?;
        let of_secret = |whole: &SecretString| part(whole, secret.field.as_deref()).ok();
        let previous = of_secret(versions.previous.as_ref()?)?;
        Some(previous)
            .filter(|previous| of_secret(&versions.current).is_none_or(|current| !is_same(previous, &current)))
    }

    /// Whether everything holds the same in both.
    pub fn are_same(&self, others: &Self) -> bool {
        let is_same_one = |(one, other): (&Versions, &Versions)| {
            is_same(&one.current, &other.current)
                && match (&one.previous, &other.previous) {
                    (None, None) => true,
                    (Some(one), Some(other)) => is_same(one, other),
                    (None, Some(_)) | (Some(_), None) => false,
                }
        };
        self.0.keys().eq(others.0.keys()) && self.0.values().zip(others.0.values()).all(is_same_one)
    }
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// The whole, or one field of it.
fn part(whole: &SecretString, field: Option<&str>) -> Result<SecretString, NoValue> {
    let Some(field) = field else { return Ok(whole.clone()) };
    let fields = serde_json::from_str::<BTreeMap<String, Value>>(whole.expose_secret());
    let mut fields = fields.map_err(|_| NoValue::NoJson(field.to_owned()))?;
    match fields.remove(field) {
        None => Err(NoValue::NoField(field.to_owned())),
        Some(Value::String(text)) if !text.is_empty() => Ok(text.into()),
        Some(_) => Err(NoValue::NoText(field.to_owned())),
    }
}

/// The region in an ARN, `acs:kms:{region}:{account}:secret/{name}`.
fn region_of(name: &str) -> Option<&str> {
    name.strip_prefix("acs:kms:")?.split(':').next().filter(|region| !region.is_empty())
}

impl Client {
    /// Reads some secrets, all at the same time. `target` has the region of those whose name does not say it, and no region
    /// where none is known.
    pub async fn secrets(&self, wanted: &Wanted, target: Target<'_>) -> Result<Values, Unread> {
        let read = wanted.0.iter().map(|(name, with_previous)| async move {
            let previous = async { if *with_previous { self.previous(name, target).await } else { Ok(None) } };
            let (current, previous) = try_join(self.secret(name, Stage::Current, target), previous).await?;
            Ok::<_, Unread>((name.clone(), Versions { current, previous }))
        });
        Ok(Values(try_join_all(read).await?.into_iter().collect()))
    }

    /// Whether a secret could be read. Nothing of it is.
    pub async fn could_read(&self, name: &str, target: Target<'_>) -> Result<(), Unread> {
        match self.ask_for(name, Stage::Current, true, target).await {
            Err(Unread { why: WhyUnread::Failed(failure), .. }) if failure.is(WOULD_HAVE_WORKED) => Ok(()),
            Err(unread) => Err(unread),
            // It was no dry run to the service. What it said is dropped here.
            Ok(_) => Ok(()),
        }
    }

    /// The version before the current one. A secret that was never rotated has none; the code that says so is inferred, so
    /// any clear no is taken for that.
    async fn previous(&self, name: &str, target: Target<'_>) -> Result<Option<SecretString>, Unread> {
        match self.secret(name, Stage::Previous, target).await {
            Err(Unread { why: WhyUnread::Failed(failure), .. }) if !failure.kind.may_pass() => Ok(None),
            result => result.map(Some),
        }
    }

    async fn secret(&self, name: &str, stage: Stage, target: Target<'_>) -> Result<SecretString, Unread> {
        let value = self.ask_for(name, stage, false, target).await?;
        if value.secret_data_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("binary")) {
            return Err(Unread { name: name.to_owned(), why: WhyUnread::Binary });
        }
        Ok(value.secret_data)
    }

    async fn ask_for(
        &self,
        name: &str,
        stage: Stage,
        is_dry_run: bool,
        target: Target<'_>,
    ) -> Result<SecretValue, Unread> {
        let unread = |why| Unread { name: name.to_owned(), why };
        let region = region_of(name).unwrap_or(target.region);
        if region.is_empty() {
            return Err(unread(WhyUnread::NoRegion));
        }
        let question = GetSecretValue { secret: name, stage, is_dry_run };
        let answer = self.call(&question, Target { region, ..target }, &mut Trace::default()).await;
        answer.map_err(|failure| unread(WhyUnread::Failed(failure.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, field: Option<&str>) -> SecretName {
        SecretName { name: name.to_owned(), field: field.map(str::to_owned) }
    }

    fn holding(current: &str, previous: Option<&str>) -> Values {
        let versions = Versions { current: current.into(), previous: previous.map(Into::into) };
        Values([("one".to_owned(), versions)].into())
    }

    fn texts(values: &Values, field: Option<&str>) -> Vec<String> {
        let (current, previous) =
            (values.current(&named("one", field)).unwrap(), values.previous(&named("one", field)));
        [current].iter().chain(&previous).map(|value| value.expose_secret().to_owned()).collect()
    }

    #[test]
    fn the_previous_version_is_there_while_it_is_another() {
        assert_eq!(texts(&holding("new", Some("old")), None), ["new", "old"]);
        assert_eq!(texts(&holding("new", Some("new")), None), ["new"], "the same twice is one");
    }

    #[test]
    fn a_field_is_taken_out_of_a_json_secret() {
        let values = holding(r#"{"token": "t", "port": 1, "none": ""}"#, Some("no JSON yet"));
        assert_eq!(texts(&values, Some("token")), ["t"]);
        let large = format!(r#"{{"pad": "{}", "token": "t"}}"#, "x".repeat(30_000));
        assert_eq!(texts(&holding(&large, None), Some("token")), ["t"]);
    }

    #[test]
    fn what_is_missing_is_said_without_what_is_there() {
        let said = |whole: &str, field: &str| {
            holding(whole, None).current(&named("one", Some(field))).unwrap_err().to_string()
        };
        assert_eq!(said("a-secret", "token"), "is not a JSON object, so it has no field token");
        assert_eq!(said("[\"a-secret\"]", "token"), "is not a JSON object, so it has no field token");
        assert_eq!(said(r#"{"other": "a-secret"}"#, "token"), "has no field token");
        for no_text in [r#"{"token": 1}"#, r#"{"token": ""}"#, r#"{"token": null}"#] {
            assert_eq!(said(no_text, "token"), "has a field token that is no text, or an empty one");
        }
        assert_eq!(holding("x", None).current(&named("two", None)).unwrap_err(), NoValue::NotRead);
    }

    #[test]
    fn a_change_of_either_version_is_a_change() {
        let values = holding("new", Some("old"));
        assert!(values.are_same(&values.clone()));
        for other in [holding("newer", Some("old")), holding("new", Some("older")), holding("new", None)] {
            assert!(!values.are_same(&other));
        }
        assert!(!values.are_same(&Values::default()));
    }

    #[test]
    fn nothing_shows_a_value() {
        let shown = format!("{:?}", holding("a-secret", Some("an-old-secret")));
        assert!(!shown.contains("secret\"") && !shown.contains("a-secret"), "{shown}");
    }

    #[test]
    fn an_arn_says_its_region() {
        let mut wanted = Wanted::default();
        wanted.to_use(&named("acs:kms:cn-chengdu:1234567890123456:secret/a/b", None));
        wanted.to_verify(&named("one", None));
        wanted.to_use(&named("one", Some("field")));
        assert_eq!(wanted.without_region().collect::<Vec<_>>(), ["one"]);
        assert!(wanted.0["one"], "once for verifying is enough");
        assert_eq!(region_of("acs:kms::1:secret/a"), None);
    }
}
