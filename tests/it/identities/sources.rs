//! What the environment, a cluster, files and a URI give.

use std::path::{Path, PathBuf};

use rds_seal::aliyun::credentials::{Credentials, Source};
use rds_seal::kind::Kind;
use serde_json::{Value, json};

use super::{Cloud, EXTERNAL_ID, OTHER, OWN, PROVIDER, at_once, file, kind, soon, told};

const PAIR: [(&str, &str); 2] =
    [("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAccessKeyId"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testAccessKeySecret")];

fn oidc(token: &Path) -> [(&str, &str); 3] {
    [
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::222:role/pod"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", PROVIDER),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", token.to_str().unwrap()),
    ]
}

#[tokio::test]
async fn the_environment_signs_in_its_own_account_and_is_asked_whose_it_is_once() {
    let cloud = Cloud::start().await;
    let identity = cloud.found(PAIR);
    let credentials = cloud.credentials(&identity).await;
    assert_eq!(credentials.source, Source::Environment);
    for _ in 0..3 {
        let account = identity.account(&cloud.client, &credentials, "cn-hangzhou", soon()).await;
        assert_eq!(account.as_deref(), Ok(OWN));
    }
    assert_eq!(cloud.count("GetCallerIdentity").await, 1);
}

#[tokio::test]
async fn an_account_that_was_not_told_is_asked_for_again() {
    let cloud = Cloud::start().await;
    cloud.script(json!([{"operation": "GetCallerIdentity", "fault": "code", "code": "Forbidden.RAM"}])).await;
    let identity = cloud.found(PAIR);
    let account = || async { identity.account(&cloud.client, &Credentials::stand_in(), "cn-hangzhou", soon()).await };
    let (sentence, unprovided) = told(account().await.unwrap_err());
    assert_eq!(kind(&unprovided), Some(Kind::Forbidden), "{sentence}");
    assert_eq!(account().await.as_deref(), Ok(OWN));
}

#[tokio::test]
async fn a_cluster_token_is_read_anew_at_each_exchange() {
    let cloud = Cloud::start().await;
    let token = file("the.first.token\n");
    let identity = cloud.found(oidc(&token));
    let first = cloud.credentials(&identity).await;
    assert!(first.source == Source::Oidc && first.source.renewable_here());
    assert_eq!(cloud.account(&first).await, OTHER);
    assert_eq!(cloud.look("rm-1", "cn-hangzhou", &first).await, "OK");

    cloud.trusting("the.second.token").await;
    std::fs::write(&token, "the.second.token").unwrap();
    assert_eq!(cloud.credentials(&identity).await.access_key_id, first.access_key_id, "it still does");
    identity.renew(&first);
    assert_ne!(cloud.credentials(&identity).await.access_key_id, first.access_key_id);
    assert_eq!(cloud.count("AssumeRoleWithOIDC").await, 2);
}

#[tokio::test]
async fn a_cluster_token_that_is_refused_is_a_failure_that_repeats_no_token() {
    let cloud = Cloud::start().await;
    let (sentence, _) = cloud.refused(&cloud.found(oidc(&file("hush.hush.hush")))).await;
    let expected = "No credentials came from the exchange of the OIDC token (AuthenticationFail.OIDCToken.Invalid): ";
    assert!(sentence.starts_with(expected), "{sentence}");
    let (sentence, unprovided) = cloud.refused(&cloud.found(oidc(&file("")))).await;
    assert_eq!(sentence, "The file that ALIBABA_CLOUD_OIDC_TOKEN_FILE names is empty.");
    assert_eq!(kind(&unprovided), None);
}

/// The file of the command line, with a role in the other account over a role in our own.
fn profiles() -> PathBuf {
    let pair = json!({"access_key_id": "testAccessKeyId", "access_key_secret": "testAccessKeySecret"});
    let with = |more: Value| {
        let mut profile = pair.clone();
        profile.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        profile
    };
    let sealer = "acs:ram::222:role/sealer";
    let chained = |name: &str, id: &str| {
        json!({"name": name, "mode": "ChainableRamRoleArn", "source_profile": "step", "ram_role_arn": sealer,
            "external_id": id, "expired_seconds": 900})
    };
    let printed = json!({"mode": "AK", "access_key_id": "testAccessKeyId", "access_key_secret": "testAccessKeySecret"});
    let profiles = [
        with(json!({"name": "pair", "mode": "AK"})),
        with(json!({"name": "step", "mode": "RamRoleArn", "ram_role_arn": format!("acs:ram::{OWN}:role/step")})),
        chained("chained", EXTERNAL_ID),
        chained("mistaken", "hush"),
        json!({"name": "machine", "mode": "EcsRamRole"}),
        json!({"name": "program", "mode": "External", "process_command": format!("printf '{printed}'")}),
    ];
    file(&json!({"current": "pair", "profiles": profiles}).to_string())
}

#[tokio::test]
async fn profiles_lead_to_pairs_roles_and_programs() {
    let cloud = Cloud::start().await;
    cloud.put("metadata", json!({"role": "machine"})).await;
    let path = profiles();
    let profile = |name: &'static str| {
        cloud.found([("ALIBABA_CLOUD_CONFIG_FILE", path.to_str().unwrap()), ("ALIBABA_CLOUD_PROFILE", name)])
    };
    for (name, source, account) in [
        ("", Source::Written, OWN),
        ("step", Source::Role, OWN),
        ("chained", Source::Role, OTHER),
        ("machine", Source::Metadata, OWN),
        ("program", Source::External, OWN),
    ] {
        let credentials = cloud.credentials(&profile(name)).await;
        assert_eq!((credentials.source, cloud.account(&credentials).await.as_str()), (source, account), "{name}");
    }
    let (sentence, unprovided) = cloud.refused(&profile("mistaken")).await;
    assert_eq!(kind(&unprovided), Some(Kind::Forbidden));
    assert!(sentence.starts_with("No credentials came from the role of the profile \"mistaken\" (NoPermission)"));
}

#[tokio::test]
async fn the_credentials_file_leads_to_pairs_and_roles() {
    let cloud = Cloud::start().await;
    let pair = "access_key_id = testAccessKeyId\naccess_key_secret = testAccessKeySecret\n";
    let role = format!("role_arn = acs:ram::222:role/sealer\nexternal_id = {EXTERNAL_ID}\n");
    let path = file(&format!("[default]\ntype = access_key\n{pair}\n[role]\ntype = ram_role_arn\n{pair}{role}"));
    for (name, source, account) in [("", Source::Written, OWN), ("role", Source::Role, OTHER)] {
        let variables = [("ALIBABA_CLOUD_CREDENTIALS_FILE", path.to_str().unwrap()), ("ALIBABA_CLOUD_PROFILE", name)];
        let credentials = cloud.credentials(&cloud.found(variables)).await;
        assert_eq!((credentials.source, cloud.account(&credentials).await.as_str()), (source, account), "{name}");
    }
}

#[tokio::test]
async fn what_a_uri_hands_out_is_renewed_before_it_expires() {
    let cloud = Cloud::start().await;
    cloud.put("metadata", json!({"role": "machine", "session_seconds": 600})).await;
    let identity = cloud.found([("ALIBABA_CLOUD_CREDENTIALS_URI", &cloud.control_url("credentials?key=hush"))]);
    let first = cloud.credentials(&identity).await;
    assert_eq!(first.source, Source::Uri);
    cloud.pass(300).await;
    assert_eq!(cloud.credentials(&identity).await.access_key_id, first.access_key_id);
    cloud.pass(250).await;
    let second = cloud.credentials(&identity).await;
    assert_ne!(second.access_key_id, first.access_key_id, "50 s do not outlive the operation");
    cloud.pass(100).await;
    assert_eq!(cloud.look("rm-own", "cn-hangzhou", &first).await, "InvalidSecurityToken.Expired");
    assert_eq!(cloud.look("rm-own", "cn-hangzhou", &second).await, "OK");
}

#[tokio::test]
async fn a_uri_that_fails_keeps_the_old_ones_as_long_as_they_do() {
    let cloud = Cloud::start().await;
    cloud.put("metadata", json!({"role": "machine", "session_seconds": 600})).await;
    let identity = cloud.found([("ALIBABA_CLOUD_CREDENTIALS_URI", &cloud.control_url("credentials?key=hush"))]);
    let first = cloud.credentials(&identity).await;
    cloud.put("metadata", json!({"role": "machine", "fault": "error"})).await;
    cloud.pass(450).await;
    assert_eq!(cloud.credentials(&identity).await.access_key_id, first.access_key_id);
    cloud.pass(145).await;
    let (sentence, unprovided) = cloud.refused(&identity).await;
    assert_eq!(sentence, "No credentials came from the credentials URI: The answer has the HTTP status 500.");
    assert_eq!(kind(&unprovided), Some(Kind::Unavailable));
}

#[tokio::test]
async fn a_uri_that_answers_anything_else_is_broken_and_one_that_hangs_is_not() {
    let cloud = Cloud::start().await;
    let uri = cloud.control_url("credentials?key=hush");
    let identity = cloud.found([("ALIBABA_CLOUD_CREDENTIALS_URI", &uri)]);
    let (sentence, _) = cloud.refused(&identity).await;
    assert_eq!(sentence, "The answer of the credentials URI has the HTTP status 404.");
    cloud.put("metadata", json!({"role": "machine", "fault": "html"})).await;
    let (sentence, unprovided) = cloud.refused(&identity).await;
    assert_eq!(
        (sentence.as_str(), kind(&unprovided)),
        ("The answer of the credentials URI cannot be read as credentials.", None)
    );
    cloud.put("metadata", json!({"role": "machine", "fault": "hang"})).await;
    let (_, unprovided) = cloud.refused_by(at_once(), &identity).await;
    assert_eq!(kind(&unprovided), Some(Kind::Unavailable));
}
