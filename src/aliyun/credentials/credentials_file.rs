//! The credentials file of the vendor's SDKs. Types and keys are those of their README files and code (Go and Node take
//! `~/.alibabacloud/credentials`, Python `credentials.ini`).

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::key_file::{KeyFile, SETTINGS_LIMIT};
use super::provider::Provider;
use super::section::{Names, Section};
use super::settings::{ChainSettings, PROFILE};
use crate::env::Env;
use crate::kind::{CredentialProblem, FileProblem, Section as SectionName, SectionProblem};

const FILE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";
const DEFAULT_PLACES: [&str; 2] = [".alibabacloud/credentials", ".alibabacloud/credentials.ini"];

const TYPES: [&str; 5] = ["access_key", "sts", "ram_role_arn", "oidc_role_arn", "ecs_ram_role"];

const NAMES: Names = Names {
    token: "security_token",
    role: "role_arn",
    session_name: "role_session_name",
    token_file: "oidc_token_file_path",
    machine_role: "role_name",
};

/// The section that is named, else `default`. The first file that is there is the file.
pub(super) fn find(env: &Env, settings: &ChainSettings) -> Result<Option<Provider>, CredentialProblem> {
    let Some((key_file, text)) = file(env)? else { return Ok(None) };
    let named = env.get(PROFILE);
    let name = named.as_deref().unwrap_or("default");
    let section = match fields(&text, name).map_err(|line| key_file.broken(FileProblem::BadLine { line }))? {
        Some(fields) => {
            Section { name: SectionName::OfCredentialsFile { name: name.to_owned() }, names: &NAMES, fields }
        }
        None if named.is_some() => {
            return Err(key_file.broken(FileProblem::NoSuchSection { named_by: PROFILE.to_owned() }));
        }
        None => return Ok(None),
    };
    if section.get("enable").is_some_and(|switch| switch.eq_ignore_ascii_case("false")) {
        return if named.is_some() { Err(section.broken(SectionProblem::SwitchedOff {})) } else { Ok(None) };
    }
    provider(&section, env, settings).map(Some)
}

fn file(env: &Env) -> Result<Option<(KeyFile, String)>, CredentialProblem> {
    let at_home = || DEFAULT_PLACES.iter().filter_map(|below| KeyFile::at_home(env, below));
    let key_files: Vec<KeyFile> =
        KeyFile::from_variable(env, FILE).map_or_else(|| at_home().collect(), |key_file| vec![key_file]);
    for key_file in key_files {
        if let Some(text) = key_file.read(SETTINGS_LIMIT)? {
            return Ok(Some((key_file, text)));
        }
    }
    Ok(None)
}

fn provider(section: &Section, env: &Env, settings: &ChainSettings) -> Result<Provider, CredentialProblem> {
    Ok(match section.need("type")? {
        "access_key" => Box::new(section.key_pair()?),
        "sts" => Box::new(section.key_pair_with_token()?),
        "ram_role_arn" => Box::new(section.role(Box::new(section.key_pair()?), settings)?),
        "oidc_role_arn" => Box::new(section.oidc(settings)?),
        "ecs_ram_role" => Box::new(section.metadata(env, settings)?),
        _ => {
            let known = TYPES.map(str::to_owned).to_vec();
            return Err(section.broken(SectionProblem::UnknownMode { field: "type".to_owned(), known }));
        }
    })
}

/// The keys of a section, which may be spread over the file; the number of the first line that cannot be read.
fn fields(text: &str, wanted: &str) -> Result<Option<BTreeMap<String, SecretString>>, usize> {
    let (mut found, mut is_wanted) = (None, false);
    for (number, line) in (1_usize..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = without_remark(line);
        if line.is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_wanted = name.trim() == wanted;
            if is_wanted {
                found.get_or_insert_with(BTreeMap::new);
            }
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(number)?;
        if let (true, Some(fields)) = (is_wanted, &mut found) {
            fields.insert(key.trim().to_ascii_lowercase(), unquoted(value.trim()).into());
        }
    }
    Ok(found)
}

/// A remark begins with `#` or `;`, at the beginning of a line or behind a blank.
fn without_remark(line: &str) -> &str {
    let begins = |(at, c): (usize, char)| {
        matches!(c, '#' | ';') && line[..at].chars().next_back().is_none_or(char::is_whitespace)
    };
    let end = line.char_indices().find(|found| begins(*found)).map_or(line.len(), |(at, _)| at);
    line[..end].trim()
}

fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::super::key_file::Scratch;
    use super::*;

    fn found(text: &str, profile: &str) -> Result<Option<String>, CredentialProblem> {
        let scratch = Scratch::new(text);
        let env = Env::fixed([(FILE, scratch.path()), (PROFILE, profile)]);
        find(&env, &ChainSettings::default()).map(|found| found.map(|provider| format!("{provider:?}")))
    }

    const PAIR: &str = "access_key_id = the-id\naccess_key_secret = the-secret\n";

    #[test]
    fn a_section_is_read_with_its_remarks_and_blanks() {
        let text = "; head\r\n[ default ] # mine\r\ntype = access_key  # the usual\r\n\r\n access_key_id=the-id\r\n\
                    access_key_secret = \"a#b=;c\"\r\n[other]\r\naccess_key_secret = no\r\n";
        let fields = fields(text, "default").unwrap().unwrap();
        let value = |key: &str| fields[key].expose_secret().to_owned();
        assert_eq!(
            [value("type"), value("access_key_id"), value("access_key_secret")],
            ["access_key", "the-id", "a#b=;c"]
        );
    }

    #[test]
    fn each_type_has_a_source_and_what_it_lacks_is_named() {
        let role = "role_arn = acs:ram::1:role/r\n";
        let oidc = "oidc_provider_arn = p\noidc_token_file_path = /t\n";
        let cases = [
            ("access_key", PAIR.to_owned(), "StaticCredentials", "access_key_secret"),
            ("sts", format!("{PAIR}security_token = t\n"), "StaticCredentials", "security_token"),
            ("ram_role_arn", format!("{PAIR}{role}"), "Role", "role_arn"),
            ("oidc_role_arn", format!("{role}{oidc}"), "Oidc", "oidc_token_file_path"),
        ];
        for (kind, text, source, field) in cases {
            let text = format!("[default]\ntype = {kind}\n{text}");
            assert!(found(&text, "").unwrap().unwrap().starts_with(source), "{kind}");
            let broken = found(&text.replace(&format!("\n{field}"), "\nother"), "").unwrap_err();
            assert_eq!(broken.to_string(), format!("The section \"default\" of the credentials file has no {field}."));
        }
        assert!(found("[default]\ntype = ecs_ram_role", "").unwrap().unwrap().starts_with("Metadata"));
    }

    #[test]
    fn another_type_is_broken() {
        let broken = found("[default]\ntype = rsa_key_pair\n", "").unwrap_err();
        assert!(broken.to_string().contains("has a type that is not taken here"), "{broken}");
    }

    #[test]
    fn the_default_section_may_be_missing_and_a_named_one_may_not() {
        let text = format!("[a]\ntype = access_key\n{PAIR}");
        assert_eq!(found(&text, "").unwrap(), None);
        assert!(found(&text, "a").unwrap().is_some());
        let broken = found(&text, "b").unwrap_err();
        assert!(
            broken.to_string().ends_with("has no section of the name that ALIBABA_CLOUD_PROFILE gives."),
            "{broken}"
        );
        assert!(found(&text.replace("[a]", "[a]\nenable = false"), "a").is_err());
        assert_eq!(found(&text.replace("[a]", "[default]\nenable = False"), "").unwrap(), None);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_by_number_only() {
        let broken = found("[default]\nthe-secret\n", "").unwrap_err();
        assert!(broken.to_string().contains("line 2") && !broken.to_string().contains("the-secret"), "{broken}");
    }

    #[test]
    fn no_secret_is_shown() {
        let shown = found(&format!("[default]\ntype = access_key\n{PAIR}"), "").unwrap().unwrap();
        assert!(!shown.contains("the-secret"), "{shown}");
    }
}
