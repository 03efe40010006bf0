//! `sign`: a webhook request with its proof, as a command that sends it.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use reqwest::Url;

use super::assemble::is_on_fc;
use super::{Assembly, Unable, print, serve};
use crate::config;
use crate::env::Env;
use crate::ingress::BODY_LIMIT;
use crate::ingress::webhook::{Headers, WebhookCredential, sign};
use crate::notify::audit::Audit;
use crate::time::Clock;

/// What is signed, as whom, and where it goes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The file that holds the request, like {"instance":"rm-…","region":"cn-hangzhou"}
    file: PathBuf,
    /// The `[[doors.webhook]]` to send it as; may be left out where there is one
    #[arg(long, value_name = "CREDENTIAL")]
    name: Option<String>,
    /// Where the function is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9000")]
    url: String,
}

pub(super) async fn run(env: &Env, arguments: &Arguments) -> Result<u8, Unable> {
    let config = config::load(env, serve::beside_the_binary().as_deref())?;
    let app = Assembly::real(config, env, is_on_fc(env), Audit::to(std::io::sink())).ready(env).await?;
    let credential = pick(&app.webhooks, arguments.name.as_deref())?;
    let url = door(&arguments.url)?;
    let body = read(&arguments.file)?;
    let name = &credential.name;
    let headers = sign(credential, &fresh_id()?, Clock::System.now(), &body).ok_or_else(|| {
        format!("webhook {name} holds a public key (whpk_), which cannot sign: its sender holds the private half")
    })?;
    let headers = match headers {
        Headers::Signed(headers) => {
            headers.iter().map(|(name, value)| quoted(&format!("{name}: {value}"))).collect::<Vec<_>>()
        }
        Headers::Bearer => {
            // One that is in KMS is for its sender to put there.
            let variable = credential.variables.first().map_or("TOKEN", String::as_str);
            // For the shell to fill in: the token itself is not printed.
            vec![format!("\"authorization: Bearer ${{{variable}}}\"")]
        }
    };
    let file = arguments.file.to_str().ok_or("the name of the file is not UTF-8: a shell could not be told it")?;
    let mut words = vec![format!("curl -sS {}", quoted(&url)), "-H 'content-type: application/json'".to_owned()];
    words.extend(headers.iter().map(|header| format!("-H {header}")));
    words.push(format!("--data-binary {}", quoted(&format!("@{file}"))));
    print::command(&words.join(" \\\n  "))?;
    Ok(0)
}

/// The credential of that name, or the only one.
fn pick<'a>(webhooks: &'a [WebhookCredential], name: Option<&str>) -> Result<&'a WebhookCredential, String> {
    let names = webhooks.iter().map(|webhook| webhook.name.as_str()).collect::<Vec<_>>().join(", ");
    match (webhooks, name) {
        ([], _) => Err("no webhook door is configured: write a [[doors.webhook]] first".to_owned()),
        ([only], None) => Ok(only),
        (_, None) => Err(format!("there are several webhooks: say --name, one of {names}")),
        (_, Some(name)) => {
            let found = webhooks.iter().find(|webhook| webhook.name == name);
            found.ok_or_else(|| format!("no webhook has that name: there is {names}"))
        }
    }
}

/// The door's address under that of the function.
fn door(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text).map_err(|_| "--url is not an address: write one like https://example.com")?;
    let is_plain = url.query().is_none() && url.fragment().is_none();
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !is_plain || !is_anonymous {
        return Err("--url must be the function's own address: http or https, no query, nobody's name");
    }
    Ok(format!("{}/v1/requests", url.as_str().trim_end_matches('/')))
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    if file == Path::new("-") {
        return Err("standard input is gone when the request is sent: name a file".to_owned());
    }
    let unreadable = |error| format!("{} cannot be read: {error}", file.display());
    let mut body = Vec::new();
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    opened.take(BODY_LIMIT as u64 + 1).read_to_end(&mut body).map_err(unreadable)?;
    if body.len() > BODY_LIMIT {
        return Err(format!("{} is larger than 256 KiB, and no door takes that", file.display()));
    }
    Ok(body)
}

/// A new name for a delivery.
fn fresh_id() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
    Ok(format!("msg_{}", base16ct::lower::encode_string(&bytes)))
}

/// One word to a shell, whatever it holds.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word() {
        assert_eq!(quoted("a b$c`d\"e\\"), "'a b$c`d\"e\\'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn the_door_is_under_the_functions_address() {
        assert_eq!(door("http://127.0.0.1:9000").unwrap(), "http://127.0.0.1:9000/v1/requests");
        assert_eq!(door("https://example.com/seal/").unwrap(), "https://example.com/seal/v1/requests");
        for text in ["", "example.com", "ftp://a", "https://me@a", "https://:p@a", "https://a/?b", "https://a/#b"] {
            assert!(door(text).is_err(), "{text}");
        }
    }
}
