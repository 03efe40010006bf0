//! What the metadata service of a machine gives, and what answers in its place.

use std::time::Duration;

use futures_util::future::join_all;
use rds_seal::aliyun::credentials::{ChainSettings, Source, SourceName};
use rds_seal::kind::Kind;
use rds_seal::outbound;
use serde_json::json;

use super::{Cloud, at_once, kind, only, soon};

#[tokio::test]
async fn a_machine_has_the_session_of_its_role() {
    let cloud = Cloud::start().await;
    cloud.put("metadata", json!({"role": "machine", "v1": false})).await;
    for variables in [[("ALIBABA_CLOUD_ECS_METADATA", "")], [("ALIBABA_CLOUD_ECS_METADATA", "machine")]] {
        let credentials = cloud.credentials(&cloud.found(variables)).await;
        assert_eq!(credentials.source, Source::Metadata);
        assert_eq!(cloud.look("rm-own", "cn-hangzhou", &credentials).await, "OK");
    }
    let another = cloud.found([("ALIBABA_CLOUD_ECS_METADATA", "other")]);
    let (sentence, _) = cloud.refused(&another).await;
    assert_eq!(sentence, "The metadata service knows no role for this machine: attach one, or check the name.");
}

#[tokio::test]
async fn a_machine_without_a_role_is_absent_unless_it_is_asked_for_by_name() {
    let cloud = Cloud::start().await;
    let found = cloud.found([]).credentials(&cloud.client, soon()).await;
    assert!(found.unwrap().is_none());
    let named = cloud.identity([], only(SourceName::Metadata)).unwrap();
    let (sentence, _) = cloud.refused(&named).await;
    assert!(sentence.starts_with("The metadata service knows no role"), "{sentence}");
}

#[tokio::test]
async fn a_metadata_service_that_hangs_is_nobody_and_one_that_shows_a_page_is_broken() {
    let cloud = Cloud::start().await;
    cloud.put("metadata", json!({"role": "machine", "fault": "hang"})).await;
    let last = cloud.found([]);
    let asked = join_all((0..8).map(|_| last.credentials(&cloud.client, soon())));
    let started = std::time::Instant::now();
    assert!(asked.await.into_iter().all(|found| matches!(found, Ok(None))));
    assert!(started.elapsed() < Duration::from_secs(2), "nobody is asked for once: {:?}", started.elapsed());
    let named = cloud.identity([], only(SourceName::Metadata)).unwrap();
    let (_, unprovided) = cloud.refused_by(at_once(), &named).await;
    assert_eq!(kind(&unprovided), Some(Kind::Unavailable));

    cloud.put("metadata", json!({"role": "machine", "fault": "html"})).await;
    let (sentence, unprovided) = cloud.refused(&cloud.found([])).await;
    assert_eq!(sentence, "What answers in place of the metadata service gives no token.");
    assert_eq!(kind(&unprovided), None);
    cloud.put("metadata", json!({"role": "machine", "fault": "error"})).await;
    let (_, unprovided) = cloud.refused(&cloud.found([])).await;
    assert_eq!(kind(&unprovided), Some(Kind::Unavailable));
}

#[tokio::test]
async fn a_metadata_service_that_nobody_serves_is_absent_or_unreachable() {
    let cloud = Cloud::start().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let metadata = Some(outbound::parse_origin(&format!("http://{closed}")).unwrap());
    let settings = |only| ChainSettings { only, metadata: metadata.clone(), ..ChainSettings::default() };
    let last = cloud.identity([], settings(None)).unwrap();
    assert!(last.credentials(&cloud.client, soon()).await.unwrap().is_none());
    let named = cloud.identity([], settings(Some(SourceName::Metadata))).unwrap();
    let (_, unprovided) = cloud.refused(&named).await;
    assert_eq!(kind(&unprovided), Some(Kind::Unavailable));
}

/// A metadata service that knows no tokens.
async fn old_metadata_service() -> reqwest::Url {
    let body = r#"{"Code":"Success","AccessKeyId":"STS.old","AccessKeySecret":"s","SecurityToken":"t",
        "Expiration":"2100-01-01T00:00:00Z"}"#;
    let roles = "/latest/meta-data/ram/security-credentials/";
    let router = axum::Router::new()
        .route(roles, axum::routing::get(async || "machine\n"))
        .route(&format!("{roles}machine"), axum::routing::get(async move || body));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    outbound::parse_origin(&format!("http://{address}")).unwrap()
}

#[tokio::test]
async fn a_metadata_service_without_tokens_is_asked_only_where_that_is_allowed() {
    let cloud = Cloud::start().await;
    let metadata = Some(old_metadata_service().await);
    let settings = |allow_metadata_v1| ChainSettings {
        allow_metadata_v1,
        metadata: metadata.clone(),
        ..only(SourceName::Metadata)
    };
    let allowed = cloud.identity([], settings(true)).unwrap();
    assert_eq!(cloud.credentials(&allowed).await.access_key_id, "STS.old");
    cloud.refused(&cloud.identity([], settings(false)).unwrap()).await;
    let vetoed = cloud.identity([("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")], settings(true)).unwrap();
    cloud.refused(&vetoed).await;
}
