//! Which source is set up. The order is that of the vendor's SDKs (read in code), but for the metadata service, which
//! is last because it needs no setting up. A source that is set up and broken ends the search.

use super::environment::from_environment;
use super::metadata::Metadata;
use super::oidc::Oidc;
use super::provider::{ProvideCredentials, Provider};
use super::settings::ChainSettings;
use super::static_credentials::StaticCredentials;
use super::uri::Uri;
use super::{credentials_file, profile};
use crate::env::Env;
use crate::kind::{CredentialProblem, SourceName};

/// The first source that is set up, or the one that is named.
pub fn find(env: &Env, settings: &ChainSettings) -> Result<Option<Provider>, CredentialProblem> {
    let Some(only) = settings.only else { return first(env, settings) };
    let found = match only {
        SourceName::Metadata if settings.on_function => None,
        SourceName::Metadata => Some(Box::new(Metadata::required(env, settings, None)?) as Provider),
        _ => find_one(only, env, settings)?,
    };
    found.map(Some).ok_or(CredentialProblem::NotSetUp { name: only })
}

fn first(env: &Env, settings: &ChainSettings) -> Result<Option<Provider>, CredentialProblem> {
    let names = if settings.on_function { &SourceName::ALL[..1] } else { &SourceName::ALL };
    for name in names {
        if let Some(found) = find_one(*name, env, settings)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn find_one(name: SourceName, env: &Env, settings: &ChainSettings) -> Result<Option<Provider>, CredentialProblem> {
    Ok(match name {
        SourceName::Environment => boxed(from_environment(env, settings.environment)?.map(StaticCredentials)),
        SourceName::Oidc => boxed(Oidc::from_environment(env, settings.region.as_deref())?),
        SourceName::Profile => profile::find(env, settings)?,
        SourceName::File => credentials_file::find(env, settings)?,
        SourceName::Uri => boxed(Uri::from_environment(env)?),
        SourceName::Metadata => boxed(Metadata::optional(env, settings)?),
    })
}

fn boxed(found: Option<impl ProvideCredentials + 'static>) -> Option<Provider> {
    found.map(|source| Box::new(source) as Provider)
}

#[cfg(test)]
mod tests {
    use super::super::credential::Source;
    use super::super::key_file::Scratch;
    use super::*;

    const PAIR: [(&str, &str); 2] =
        [("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "the-secret")];
    const OIDC: [(&str, &str); 3] = [
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/token"),
    ];

    /// Everything is set up; taking the first away shows the next.
    fn all<'a>(profile: &'a Scratch, file: &'a Scratch) -> Vec<(&'static str, &'a str)> {
        let mut pairs = PAIR.to_vec();
        pairs.extend(OIDC);
        pairs.push(("ALIBABA_CLOUD_CONFIG_FILE", profile.path()));
        pairs.push(("ALIBABA_CLOUD_CREDENTIALS_FILE", file.path()));
        pairs.push(("ALIBABA_CLOUD_CREDENTIALS_URI", "https://vault.example.com/"));
        pairs
    }

    fn env(pairs: &[(&str, &str)]) -> Env {
        let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Env::Fixed(std::sync::Arc::new(owned.collect()))
    }

    fn shown(pairs: &[(&str, &str)], settings: &ChainSettings) -> Option<String> {
        find(&env(pairs), settings).unwrap().map(|found| format!("{found:?}"))
    }

    fn scratch_files() -> (Scratch, Scratch) {
        let pair = r#""access_key_id":"of-profile","access_key_secret":"s""#;
        (
            Scratch::new(&format!(r#"{{"profiles":[{{"name":"default","mode":"AK",{pair}}}]}}"#)),
            Scratch::new("[default]\ntype = access_key\naccess_key_id = of-file\naccess_key_secret = s\n"),
        )
    }

    #[test]
    fn sources_are_tried_in_order() {
        let (profile, file) = scratch_files();
        let pairs = all(&profile, &file);
        for (gone, words) in
            [(0, "\"id\""), (2, "Oidc"), (5, "of-profile"), (6, "of-file"), (7, "Uri"), (8, "Metadata")]
        {
            let found = shown(&pairs[gone..], &ChainSettings::default()).unwrap();
            assert!(found.contains(words), "{words}: {found}");
            assert!(!found.contains("the-secret"), "{found}");
        }
    }

    #[test]
    fn a_function_has_its_environment_and_nothing_else_unless_named() {
        let (profile, file) = scratch_files();
        let pairs = all(&profile, &file);
        let on_function =
            ChainSettings { on_function: true, environment: Source::FunctionEnvironment, ..ChainSettings::default() };
        assert!(shown(&pairs, &on_function).unwrap().contains("FunctionEnvironment"));
        assert_eq!(shown(&pairs[2..], &on_function), None);
        let named = ChainSettings { only: Some(SourceName::Oidc), ..on_function.clone() };
        assert!(shown(&pairs, &named).unwrap().contains("Oidc"));
        let metadata = ChainSettings { only: Some(SourceName::Metadata), ..on_function };
        assert!(find(&env(&pairs), &metadata).is_err(), "a function is no machine");
    }

    #[test]
    fn a_named_source_must_be_set_up_whatever_else_is() {
        for only in SourceName::ALL {
            assert_eq!(SourceName::parse(only.as_str()), Some(only));
            let settings = ChainSettings { only: Some(only), ..ChainSettings::default() };
            match (only, find(&env(&[]), &settings)) {
                (SourceName::Metadata, found) => assert!(found.unwrap().is_some()),
                (_, found) => assert!(found.unwrap_err().to_string().contains(only.as_str())),
            }
        }
    }

    #[test]
    fn a_broken_source_ends_the_search() {
        let (profile, file) = scratch_files();
        let pairs = all(&profile, &file);
        let broken = |pairs: &[(&str, &str)]| find(&env(pairs), &ChainSettings::default()).unwrap_err().to_string();
        assert!(broken(&pairs[1..]).contains("ALIBABA_CLOUD_ACCESS_KEY_ID"));
        assert!(broken(&pairs[3..]).contains("ALIBABA_CLOUD_ROLE_ARN"));
        let mut misplaced = pairs[5..].to_vec();
        misplaced[0].1 = "/nowhere/at/all";
        assert!(broken(&misplaced).contains("ALIBABA_CLOUD_CONFIG_FILE"));
    }

    #[test]
    fn switches_leave_sources_out() {
        let (profile, file) = scratch_files();
        let mut pairs = all(&profile, &file)[5..6].to_vec();
        pairs.push(("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true"));
        assert!(shown(&pairs, &ChainSettings::default()).unwrap().contains("Metadata"));
        pairs.push(("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"));
        assert_eq!(shown(&pairs, &ChainSettings::default()), None);
    }
}
