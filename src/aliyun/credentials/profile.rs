//! The profiles of the vendor's command line, `~/.aliyun/config.json`. Modes and fields are read in its own code
//! (aliyun-cli `config/profile.go`, credentials-go `cli_profile.go`).

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};

#[cfg(feature = "external-credentials")]
use super::external::External;
use super::key_file::{KeyFile, SETTINGS_LIMIT};
use super::provider::Provider;
use super::section::{Names, Section};
use super::settings::{ChainSettings, PROFILE};
use super::sts_host::is_true;
use crate::env::Env;
use crate::kind::{CredentialProblem, FileProblem, Section as SectionName, SectionProblem};

const FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";
const DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";

/// The modes that are taken, as the vendor's command line writes them.
const MODES: [&str; 7] = ["AK", "StsToken", "RamRoleArn", "ChainableRamRoleArn", "OIDC", "EcsRamRole", "External"];

const NAMES: Names = Names {
    token: "sts_token",
    role: "ram_role_arn",
    session_name: "ram_session_name",
    token_file: "oidc_token_file",
    machine_role: "ram_role_name",
};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    current: Option<String>,
    #[serde(default)]
    profiles: Vec<Map<String, Value>>,
}

/// The profile that is named, else the current one.
pub(super) fn find(env: &Env, settings: &ChainSettings) -> Result<Option<Provider>, CredentialProblem> {
    if is_true(env, DISABLED) {
        return Ok(None);
    }
    let key_file = KeyFile::from_variable(env, FILE).or_else(|| KeyFile::at_home(env, ".aliyun/config.json"));
    let Some(key_file) = key_file else { return Ok(None) };
    let Some(text) = key_file.read(SETTINGS_LIMIT)? else { return Ok(None) };
    let file = parse(&text).ok_or_else(|| key_file.broken(FileProblem::NotProfiles {}))?;
    let named = env.get(PROFILE);
    let name = match (&named, file.current.as_deref().filter(|name| !name.is_empty())) {
        (Some(name), _) => name,
        (None, current) => current.unwrap_or("default"),
    };
    let by_whom = if named.is_some() { PROFILE } else { "current" };
    if file.profiles.is_empty() && named.is_none() {
        return Ok(None);
    }
    if !file.profiles.iter().any(|profile| is_named(profile, name)) {
        return Err(key_file.broken(FileProblem::NoSuchProfile { named_by: by_whom.to_owned() }));
    }
    let profiles = Profiles { all: &file.profiles, key_file: &key_file, env, settings };
    profiles.provider(name, &mut Vec::new()).map(Some)
}

/// An object, and nothing else that could be taken for one.
fn parse(text: &str) -> Option<File> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    serde_json::from_value(object.into()).ok()
}

fn is_named(profile: &Map<String, Value>, name: &str) -> bool {
    profile.get("name").and_then(Value::as_str) == Some(name)
}

struct Profiles<'a> {
    all: &'a [Map<String, Value>],
    key_file: &'a KeyFile,
    env: &'a Env,
    settings: &'a ChainSettings,
}

impl Profiles<'_> {
    /// The source that a profile describes; `seen` are the profiles that led here.
    fn provider(&self, name: &str, seen: &mut Vec<String>) -> Result<Provider, CredentialProblem> {
        if seen.iter().any(|earlier| earlier == name) {
            seen.push(name.to_owned());
            return Err(self.key_file.broken(FileProblem::Circle { names: seen.clone() }));
        }
        seen.push(name.to_owned());
        let section = self.section(name)?;
        let mode = section.need("mode")?.to_ascii_lowercase();
        Ok(match mode.as_str() {
            "ak" => Box::new(section.key_pair()?),
            "ststoken" => Box::new(section.key_pair_with_token()?),
            "ramrolearn" => Box::new(section.role(Box::new(section.key_pair()?), self.settings)?),
            "chainableramrolearn" => {
                let base = self.provider(section.need("source_profile")?, seen)?;
                Box::new(section.role(base, self.settings)?)
            }
            "oidc" => Box::new(section.oidc(self.settings)?),
            "ecsramrole" => Box::new(section.metadata(self.env, self.settings)?),
            "external" => self.external(&section)?,
            _ => {
                let known = MODES.map(str::to_owned).to_vec();
                return Err(section.broken(SectionProblem::UnknownMode { field: "mode".to_owned(), known }));
            }
        })
    }

    fn external(&self, section: &Section) -> Result<Provider, CredentialProblem> {
        if self.settings.on_function {
            return Err(section.broken(SectionProblem::ProgramOnFunction {}));
        }
        external(section)
    }

    fn section(&self, name: &str) -> Result<Section, CredentialProblem> {
        let profile = self.all.iter().find(|profile| is_named(profile, name));
        let profile = profile.ok_or_else(|| self.key_file.broken(FileProblem::NoProfile { name: name.to_owned() }))?;
        Ok(Section { name: SectionName::Profile { name: name.to_owned() }, names: &NAMES, fields: fields(profile) })
    }
}

#[cfg(feature = "external-credentials")]
fn external(section: &Section) -> Result<Provider, CredentialProblem> {
    match External::parse(section.need("process_command")?) {
        Some(external) => Ok(Box::new(external)),
        None => Err(section.broken(SectionProblem::BadCommand {})),
    }
}

#[cfg(not(feature = "external-credentials"))]
fn external(section: &Section) -> Result<Provider, CredentialProblem> {
    Err(section.broken(SectionProblem::ProgramNotBuiltIn {}))
}

/// Text as it is, numbers and switches as text; the rest is nothing we read.
fn fields(profile: &Map<String, Value>) -> BTreeMap<String, SecretString> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(switch) => Some(switch.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    profile.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::key_file::Scratch;
    use super::*;

    fn found_with(file: &Value, name: &str, settings: &ChainSettings) -> Result<Option<String>, CredentialProblem> {
        let scratch = Scratch::new(&file.to_string());
        let env = Env::fixed([(FILE, scratch.path()), (PROFILE, name)]);
        find(&env, settings).map(|found| found.map(|provider| format!("{provider:?}")))
    }

    fn found(file: &Value, name: &str) -> Result<Option<String>, CredentialProblem> {
        found_with(file, name, &ChainSettings::default())
    }

    /// A file with one profile, `default`.
    fn one(mut profile: Value) -> Value {
        profile["name"] = json!("default");
        json!({"profiles": [profile]})
    }

    const ROLE: &str = "acs:ram::1:role/r";

    fn whole() -> Vec<(Value, &'static str, &'static [&'static str])> {
        let pair = json!({"access_key_id": "the-id", "access_key_secret": "the-secret"});
        let with = |mut base: Value, more: &Value| {
            for (field, value) in more.as_object().unwrap() {
                base[field] = value.clone();
            }
            base
        };
        let oidc = json!({"mode": "OIDC", "oidc_provider_arn": "p", "oidc_token_file": "/t", "ram_role_arn": ROLE});
        vec![
            (with(pair.clone(), &json!({"mode": "AK"})), "StaticCredentials", &["access_key_id", "access_key_secret"]),
            (with(pair.clone(), &json!({"mode": "StsToken", "sts_token": "t"})), "StaticCredentials", &["sts_token"]),
            (with(pair, &json!({"mode": "RamRoleArn", "ram_role_arn": ROLE})), "Role", &["ram_role_arn"]),
            (oidc, "Oidc", &["oidc_provider_arn", "oidc_token_file", "ram_role_arn"]),
            (json!({"mode": "EcsRamRole"}), "Metadata", &[]),
            #[cfg(feature = "external-credentials")]
            (
                json!({"mode": "External", "process_command": "vault --key the-secret"}),
                "External",
                &["process_command"],
            ),
        ]
    }

    #[test]
    fn each_mode_has_a_source_and_what_it_lacks_is_named() {
        for (profile, source, needed) in whole() {
            let shown = found(&one(profile.clone()), "").unwrap().unwrap();
            assert!(shown.starts_with(source) && !shown.contains("the-secret"), "{shown}");
            for field in needed {
                for missing in [Value::Null, json!("")] {
                    let mut half = profile.clone();
                    half[field] = missing;
                    let broken = found(&one(half), "").unwrap_err();
                    assert_eq!(broken.to_string(), format!("The profile \"default\" has no {field}."));
                }
            }
        }
    }

    #[test]
    fn other_modes_are_broken_and_the_sentence_says_which_are_taken() {
        for mode in ["CloudSSO", "OAuth", "RsaKeyPair", "the-secret"] {
            let broken = found(&one(json!({"mode": mode})), "").unwrap_err();
            assert!(broken.to_string().contains("StsToken") && !broken.to_string().contains(mode), "{broken}");
        }
    }

    #[test]
    fn the_variable_comes_before_the_current_profile() {
        let pair =
            |name: &str, id: &str| json!({"name": name, "mode": "ak", "access_key_id": id, "access_key_secret": "s"});
        let file = json!({"current": "b", "profiles": [pair("a", "of-a"), pair("b", "of-b")]});
        assert!(found(&file, "").unwrap().unwrap().contains("of-b"));
        assert!(found(&file, "a").unwrap().unwrap().contains("of-a"));
        let broken = found(&file, "c").unwrap_err();
        assert!(
            broken.to_string().ends_with("has no profile of the name that ALIBABA_CLOUD_PROFILE gives."),
            "{broken}"
        );
        assert!(found(&json!({"current": "c", "profiles": [pair("a", "x")]}), "").is_err());
    }

    #[test]
    fn a_file_without_profiles_is_absent_unless_one_is_named() {
        for file in [json!({}), json!({"current": "default", "profiles": []})] {
            assert_eq!(found(&file, "").unwrap(), None);
            assert!(found(&file, "prod").is_err());
        }
    }

    #[test]
    fn what_is_not_a_file_of_profiles_is_broken_and_not_repeated() {
        for text in ["the-secret", "[]", r#"{"profiles":"the-secret"}"#, ""] {
            let scratch = Scratch::new(text);
            let broken = find(&Env::fixed([(FILE, scratch.path())]), &ChainSettings::default()).unwrap_err();
            assert_eq!(broken.to_string(), format!("The file that {FILE} names is not a JSON object with profiles."));
        }
        let scratch = Scratch::new(&" ".repeat(1024 * 1024 + 1));
        assert!(
            find(&Env::fixed([(FILE, scratch.path())]), &ChainSettings::default())
                .unwrap_err()
                .to_string()
                .contains("larger")
        );
    }

    fn chained(name: &str, source: &str) -> Value {
        json!({"name": name, "mode": "ChainableRamRoleArn", "ram_role_arn": ROLE, "source_profile": source})
    }

    #[test]
    fn roles_chain_and_a_circle_is_named() {
        let pair = json!({"name": "root", "mode": "AK", "access_key_id": "of-root", "access_key_secret": "s"});
        let file = json!({"current": "a", "profiles": [chained("a", "b"), chained("b", "root"), pair]});
        assert!(found(&file, "").unwrap().unwrap().contains("of-root"));
        let circle = json!({"current": "a", "profiles": [chained("a", "b"), chained("b", "a")]});
        let broken = found(&circle, "").unwrap_err();
        assert!(broken.to_string().ends_with("has profiles that lead in a circle: \"a\", \"b\", \"a\"."), "{broken}");
        let nowhere = json!({"current": "a", "profiles": [chained("a", "b")]});
        assert!(found(&nowhere, "").unwrap_err().to_string().ends_with("has no profile \"b\"."));
    }

    #[test]
    fn inside_a_function_no_program_is_run_and_no_machine_is_asked() {
        let settings = ChainSettings { on_function: true, ..ChainSettings::default() };
        for profile in [json!({"mode": "External", "process_command": "x"}), json!({"mode": "EcsRamRole"})] {
            let broken = found_with(&one(profile), "", &settings).unwrap_err();
            assert!(broken.to_string().contains("function"), "{broken}");
        }
    }

    #[cfg(not(feature = "external-credentials"))]
    #[test]
    fn a_program_is_broken_in_a_build_that_runs_none() {
        let broken = found(&one(json!({"mode": "External", "process_command": "hush"})), "").unwrap_err();
        assert_eq!(
            broken.to_string(),
            "The profile \"default\" names a program, and this build runs none: build it with the feature \
             external-credentials."
        );
    }

    #[test]
    fn details_of_a_role_are_checked() {
        let role = |field: &str, value: Value| {
            let mut profile = whole().swap_remove(2).0;
            profile[field] = value;
            found(&one(profile), "")
        };
        assert!(role("expired_seconds", json!(900)).unwrap().unwrap().contains("\"900\""));
        assert!(role("expired_seconds", json!(0)).unwrap().unwrap().contains("\"3600\""));
        assert!(role("expired_seconds", json!(60)).is_err());
        assert!(role("sts_region", json!("cn-beijing")).unwrap().unwrap().contains("cn-beijing"));
        assert!(role("sts_region", json!("evil.example.com/")).is_err());
    }
}
