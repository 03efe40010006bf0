//! Sessions in the accounts of instances.

use std::time::Duration;

use futures_util::future::join_all;
use rds_seal::aliyun::credentials::assume::{NamedKey, RoleSettings, Roles, SessionTarget};
use rds_seal::aliyun::credentials::{Credentials, CredentialsError, Source};
use rds_seal::aliyun::ram::Needs;
use rds_seal::kind::Kind;
use serde_json::json;

use super::{Cloud, EXTERNAL_ID, OTHER, kind, soon, told};

impl Cloud {
    async fn session(&self, roles: &Roles, place: SessionTarget<'_>) -> Result<Credentials, CredentialsError> {
        roles.session(&self.client, &Credentials::stand_in(), place, soon()).await
    }
}

fn roles(name: &str, isolate: bool) -> Roles {
    Roles::new(RoleSettings {
        arn_template: format!("acs:ram::{{account}}:role/{name}"),
        external_id: Some(EXTERNAL_ID.into()),
        isolate,
        duration: Duration::from_hours(1),
        needs: Needs { listing: false, authorize: true, only_reads: false },
        keys: vec![NamedKey { account: None, region: None, id: "*".to_owned() }],
    })
    .unwrap()
}

fn at<'a>(instance: &'a str, region: &'a str) -> SessionTarget<'a> {
    SessionTarget { account: OTHER, region, instance }
}

#[tokio::test]
async fn all_who_wait_for_a_session_share_one_and_other_regions_have_their_own() {
    let cloud = Cloud::start().await;
    let roles = roles("sealer", false);
    cloud.script(json!([{"operation": "AssumeRole", "fault": "slow", "ms": 200}])).await;
    let places = (0..10).flat_map(|_| [at("rm-1", "cn-hangzhou"), at("rm-2", "cn-hangzhou"), at("rm-3", "cn-chengdu")]);
    let sessions = join_all(places.map(|place| cloud.session(&roles, place))).await;
    let mut ids: Vec<String> = sessions.into_iter().map(|session| session.unwrap().access_key_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), cloud.count("AssumeRole").await), (2, 2));
}

#[tokio::test]
async fn a_session_reaches_the_instances_of_its_region_and_no_others() {
    let cloud = Cloud::start().await;
    let session = cloud.session(&roles("sealer", false), at("rm-1", "cn-hangzhou")).await.unwrap();
    assert_eq!(session.source, Source::Role);
    assert_eq!(cloud.look("rm-1", "cn-hangzhou", &session).await, "OK");
    assert_eq!(cloud.look("rm-2", "cn-hangzhou", &session).await, "OK");
    assert_eq!(cloud.look("rm-3", "cn-chengdu", &session).await, "Forbidden.RAM");
}

#[tokio::test]
async fn an_isolated_session_reaches_one_instance_and_is_not_kept() {
    let cloud = Cloud::start().await;
    let roles = roles("sealer", true);
    let session = cloud.session(&roles, at("rm-1", "cn-hangzhou")).await.unwrap();
    assert_eq!(cloud.look("rm-1", "cn-hangzhou", &session).await, "OK");
    assert_eq!(cloud.look("rm-2", "cn-hangzhou", &session).await, "Forbidden.RAM");
    let again = cloud.session(&roles, at("rm-1", "cn-hangzhou")).await.unwrap();
    assert_ne!(again.access_key_id, session.access_key_id);
    assert_eq!(cloud.count("AssumeRole").await, 2);
}

#[tokio::test]
async fn a_session_is_renewed_when_it_would_not_outlive_the_operation_or_was_of_no_use() {
    let cloud = Cloud::start().await;
    let roles = roles("sealer", false);
    let place = at("rm-1", "cn-hangzhou");
    let first = cloud.session(&roles, place).await.unwrap();
    cloud.pass(1800).await;
    assert_eq!(cloud.session(&roles, place).await.unwrap().access_key_id, first.access_key_id);
    cloud.pass(1740).await;
    let second = cloud.session(&roles, place).await.unwrap();
    assert_ne!(second.access_key_id, first.access_key_id);
    roles.renew(place, &first);
    assert_eq!(cloud.session(&roles, place).await.unwrap().access_key_id, second.access_key_id);
    roles.renew(place, &second);
    assert_ne!(cloud.session(&roles, place).await.unwrap().access_key_id, second.access_key_id);
    assert_eq!(cloud.count("AssumeRole").await, 3);
}

#[tokio::test]
async fn a_role_that_does_not_trust_us_is_forbidden_and_nothing_is_kept() {
    let cloud = Cloud::start().await;
    let mistaken = Roles::new(RoleSettings {
        arn_template: "acs:ram::{account}:role/sealer".to_owned(),
        external_id: Some("hush".into()),
        isolate: false,
        duration: Duration::from_hours(1),
        needs: Needs::default(),
        keys: Vec::new(),
    });
    for roles in [roles("closed", false), mistaken.unwrap()] {
        for _ in 0..2 {
            let (sentence, unprovided) = told(cloud.session(&roles, at("rm-1", "cn-hangzhou")).await.unwrap_err());
            assert_eq!(kind(&unprovided), Some(Kind::Forbidden));
            assert!(
                sentence.starts_with("No credentials came from the role of account 222 (NoPermission)"),
                "{sentence}"
            );
        }
    }
    assert_eq!(cloud.count("AssumeRole").await, 4);
}

#[tokio::test]
async fn throttling_is_waited_out_or_said() {
    let cloud = Cloud::start().await;
    let roles = roles("sealer", false);
    let throttled =
        |times: u32| json!([{"operation": "AssumeRole", "fault": "throttle", "retry_after_ms": 5, "times": times}]);
    cloud.script(throttled(5)).await;
    let (sentence, unprovided) = told(cloud.session(&roles, at("rm-1", "cn-hangzhou")).await.unwrap_err());
    assert_eq!(kind(&unprovided), Some(Kind::Throttled), "{sentence}");
    cloud.script(throttled(2)).await;
    assert!(cloud.session(&roles, at("rm-1", "cn-hangzhou")).await.is_ok());
}

#[tokio::test]
async fn a_session_that_got_no_answer_casts_no_doubt_on_the_change() {
    let cloud = Cloud::start().await;
    cloud.script(json!([{"operation": "AssumeRole", "fault": "drop", "times": 5}])).await;
    let (_, unprovided) = told(cloud.session(&roles("sealer", false), at("rm-1", "cn-hangzhou")).await.unwrap_err());
    let CredentialsError::Failed { failure, .. } = unprovided else { panic!("it is a failed call") };
    assert_eq!((failure.kind, failure.may_have_applied), (Kind::Ambiguous, false));
}

#[tokio::test]
async fn a_service_that_repeats_the_external_id_is_not_repeated() {
    let cloud = Cloud::start().await;
    for form in [EXTERNAL_ID, "between%2Fyou%2Band%3Dme", "between%252Fyou%252Band%253Dme"] {
        let message = format!("Not {form}.");
        let fault = json!([{"operation": "AssumeRole", "fault": "code", "code": "NoPermission", "message": message}]);
        cloud.script(fault).await;
        let (sentence, _) = told(cloud.session(&roles("sealer", false), at("rm-1", "cn-hangzhou")).await.unwrap_err());
        assert_eq!(sentence, "No credentials came from the role of account 222: NoPermission.");
    }
}
