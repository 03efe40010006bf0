//! A program that prints credentials. The contract is read in the vendor's code (credentials-go `external.go`): it is
//! started without a shell and prints one JSON object. The function is built without this file.

use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use super::credential::{Credentials, Source, filled};
use super::error::CredentialsError;
use super::provider::{ProvideCredentials, Provided};
use crate::aliyun::Client;
use crate::kind::{CredentialProblem, CredentialSource, NoAnswer, ProgramProblem};
use crate::time::Deadline;

/// The longest a program may run.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most it may print.
const LIMIT: u64 = 64 * 1024;

/// A program and its arguments, which are not shown: some hold secrets.
pub(super) struct External {
    program: String,
    arguments: Vec<SecretString>,
}

impl External {
    /// A command line, split at blanks; quotes hold together what belongs together. Nothing where it names no program
    /// or leaves a quote open.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = words(line)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty())?;
        Some(Self { program, arguments: words.map(Into::into).collect() })
    }

    /// The program's name without its folder.
    fn name(&self) -> &str {
        Path::new(&self.program).file_name().and_then(|name| name.to_str()).unwrap_or("of process_command")
    }

    fn broken(&self, problem: ProgramProblem) -> CredentialProblem {
        CredentialProblem::Program { program: self.name().to_owned(), problem }
    }

    async fn run(&self, deadline: Deadline) -> Result<Credentials, CredentialsError> {
        let mut command = Command::new(&self.program);
        command.args(self.arguments.iter().map(ExposeSecret::expose_secret)).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        // A process, which ends with this future; not a task, which would outlive it.
        let child = Command::spawn(&mut command).map_err(|_| self.broken(ProgramProblem::NotStarted {}))?;
        let limit = TIMEOUT.min(deadline.remaining());
        match tokio::time::timeout(limit, self.printed(child)).await {
            Ok(printed) => Ok(self.read(printed?.expose_secret())?),
            Err(_) => Err(CredentialsError::unavailable(
                CredentialSource::Program { program: self.name().to_owned() },
                NoAnswer::NotEnded,
            )),
        }
    }

    async fn printed(&self, mut child: Child) -> Result<SecretString, CredentialProblem> {
        let mut printed = String::new();
        if let Some(output) = child.stdout.take() {
            let read = output.take(LIMIT + 1).read_to_string(&mut printed).await;
            read.map_err(|_| self.broken(ProgramProblem::NotText {}))?;
        }
        if printed.len() as u64 > LIMIT {
            return Err(self.broken(ProgramProblem::TooMuch {}));
        }
        let status = child.wait().await.map_err(|_| self.broken(ProgramProblem::Lost {}))?;
        if status.success() { Ok(printed.into()) } else { Err(self.broken(ProgramProblem::Failed {})) }
    }

    fn read(&self, printed: &str) -> Result<Credentials, CredentialProblem> {
        let printed: Printed =
            serde_json::from_str(printed).map_err(|_| self.broken(ProgramProblem::NotCredentials {}))?;
        let missing = |field: &str| self.broken(ProgramProblem::NoField { field: field.to_owned() });
        let token = match printed.mode.as_str() {
            "AK" => None,
            "StsToken" => Some(filled(printed.sts_token).ok_or_else(|| missing("sts_token"))?),
            _ => return Err(self.broken(ProgramProblem::BadMode {})),
        };
        let expires_at = match printed.expiration.as_deref() {
            None | Some("") => None,
            Some(time) => Some(time.parse::<Timestamp>().map_err(|_| self.broken(ProgramProblem::BadExpiration {}))?),
        };
        Ok(Credentials {
            access_key_id: Some(printed.access_key_id)
                .filter(|id| !id.is_empty())
                .ok_or_else(|| missing("access_key_id"))?,
            access_key_secret: filled(printed.access_key_secret).ok_or_else(|| missing("access_key_secret"))?,
            security_token: token,
            expires_at,
            source: Source::External,
        })
    }
}

#[derive(Deserialize)]
struct Printed {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    access_key_id: String,
    access_key_secret: Option<SecretString>,
    sts_token: Option<SecretString>,
    expiration: Option<String>,
}

impl fmt::Debug for External {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("External").field("program", &self.name()).finish_non_exhaustive()
    }
}

impl ProvideCredentials for External {
    fn provide<'a>(&'a self, _client: &'a Client, deadline: Deadline) -> BoxFuture<'a, Provided> {
        async move { self.run(deadline).await.map(Some) }.boxed()
    }
}

/// Splits a line at blanks. Quotes of either kind may begin anywhere, and nothing inside them is special.
fn words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None, None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_ascii_whitespace() => words.extend(word.take()),
            Some(_) | None => word.get_or_insert_with(String::new).push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_at_blanks_and_quotes_hold_together() {
        let split = |line: &str| words(line).unwrap();
        assert_eq!(split("  vault  get\tkey "), ["vault", "get", "key"]);
        assert_eq!(split(r#""/opt/my tools/vault" --team='a "b"' """#), ["/opt/my tools/vault", r#"--team=a "b""#, ""]);
        assert_eq!(split("a; rm -rf $HOME | b"), ["a;", "rm", "-rf", "$HOME", "|", "b"], "no shell");
        assert_eq!(words("vault 'open"), None);
        for nothing in ["", "  ", "''", "\"open"] {
            assert!(External::parse(nothing).is_none(), "{nothing:?}");
        }
    }

    fn read(printed: &str) -> Result<Credentials, CredentialProblem> {
        External::parse("/opt/vault --key hush").unwrap().read(printed)
    }

    #[test]
    fn both_modes_are_read_and_nothing_else() {
        let pair = r#""access_key_id":"id","access_key_secret":"the-secret""#;
        assert!(read(&format!(r#"{{"mode":"AK",{pair}}}"#)).unwrap().security_token.is_none());
        let token = format!(r#"{{"mode":"StsToken",{pair},"sts_token":"t","expiration":"2026-11-24T12:00:00Z"}}"#);
        assert!(read(&token).unwrap().expires_at.is_some());
        for bad in [
            format!(r#"{{"mode":"StsToken",{pair}}}"#),
            format!(r#"{{"mode":"OAuth",{pair}}}"#),
            format!(r#"{{"mode":"AK",{pair},"expiration":"soon"}}"#),
            r#"{"mode":"AK","access_key_id":"id"}"#.to_owned(),
            "the-secret".to_owned(),
        ] {
            let broken = read(&bad).unwrap_err();
            assert!(
                broken.to_string().starts_with("The program vault prints ")
                    || broken.to_string().contains("does not print"),
                "{broken}"
            );
            assert!(!broken.to_string().contains("the-secret"), "{broken}");
        }
    }

    #[test]
    fn arguments_are_not_shown() {
        let shown = format!("{:?}", External::parse("/opt/vault --key hush").unwrap());
        assert!(shown.contains("vault") && !shown.contains("hush") && !shown.contains("/opt"), "{shown}");
    }

    async fn run(line: &str, deadline: Duration) -> Result<Credentials, CredentialsError> {
        External::parse(line).unwrap().run(Deadline::after(deadline)).await
    }

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_program_is_run_and_what_it_prints_is_read() {
        let printed = r#"{"mode":"AK","access_key_id":"id","access_key_secret":"the-secret"}"#;
        assert_eq!(run(&format!("printf '{printed}'"), LONG).await.unwrap().access_key_id, "id");
    }

    #[tokio::test]
    async fn a_program_that_fails_is_broken_by_name() {
        let told = |result: Result<Credentials, CredentialsError>| result.unwrap_err().to_string();
        assert_eq!(told(run("false hush", LONG).await), "The program false ended with a failure.");
        assert_eq!(told(run("/nowhere/at-all hush", LONG).await), "The program at-all cannot be started.");
        assert_eq!(told(run("head -c 70000 /dev/zero", LONG).await), "The program head prints too much.");
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended_at_the_deadline() {
        let error = run("sleep 60", Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.to_string(), "No credentials came from the program sleep: It did not end in time.");
    }
}
