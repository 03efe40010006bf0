//! What is not as the chat signs it is refused, and what is signed and cannot be read is answered.

use super::*;

#[test]
fn a_time_is_near_on_both_sides_and_at_the_edge() {
    for (name, window) in [("slack_rds_encrypt", 300), ("dingtalk_rds_encrypt", 300), ("wecom_robot_plan", 300)]
        .into_iter()
        .chain([("lark_confirm_button", 600), ("dingtalk_encrypted_plan", 300), ("wecom_app_rds_encrypt", 300)])
    {
        let vector = named(name);
        for (off, fine) in [(window, true), (-window + 1, true), (window + 1, false), (-window - 1, false)] {
            let moved = Vector { now_unix: Some(1_767_225_600 + off), ..vector.clone() };
            assert_eq!(moved.hear().is_ok(), fine, "{name} {off}");
        }
    }
}

#[test]
fn a_header_that_is_missing_doubled_or_huge_is_refused() {
    for name in ["slack_rds_encrypt", "dingtalk_rds_encrypt", "lark_im_message_receive_v1", "teams_plan"] {
        let vector = named(name);
        for header in vector.headers().keys().filter(|header| *header != "content-type") {
            let mut missing = vector.headers();
            missing.remove(header);
            let mut doubled = vector.headers();
            doubled.append(header, doubled[header].clone());
            let mut huge = vector.headers();
            huge.insert(header, HeaderValue::from_bytes(&[b'1'; 8192]).unwrap());
            let mut foreign = vector.headers();
            foreign.insert(header, HeaderValue::from_bytes(b"v0=\xff").unwrap());
            for headers in [missing, doubled, huge, foreign] {
                let inbound = vector.hear_with(&headers, vector.body.as_bytes());
                assert!(matches!(inbound, Err(ChatError::Unauthorised)), "{name} {header}");
            }
        }
    }
}

#[test]
fn a_signature_of_another_form_is_refused() {
    let forms: [fn(&str) -> String; 6] = [
        |signature| format!("v1={}", signature.trim_start_matches("v0=").trim_start_matches("HMAC ")),
        |signature| signature[..signature.len() - 1].to_owned(),
        |signature| format!("{signature}00"),
        |signature| signature.to_uppercase() + "=",
        |_| String::new(),
        |signature| format!(" {signature}="),
    ];
    for (name, header) in [
        ("slack_rds_encrypt", "x-slack-signature"),
        ("dingtalk_rds_encrypt", "sign"),
        ("lark_im_message_receive_v1", "x-lark-signature"),
        ("teams_plan", "authorization"),
    ] {
        let vector = named(name);
        let signature = vector.headers()[header].to_str().unwrap().to_owned();
        for (number, form) in forms.iter().enumerate() {
            let mut headers = vector.headers();
            headers.insert(header, HeaderValue::try_from(form(&signature)).unwrap());
            let inbound = vector.hear_with(&headers, vector.body.as_bytes());
            assert!(matches!(inbound, Err(ChatError::Unauthorised)), "{name} {number}");
        }
    }
}

#[test]
fn the_check_of_an_address_reads_no_message_out() {
    for name in ["wecom_message_official", "wecom_robot_plan"] {
        let vector = named(name);
        assert!(vector.hear().is_ok(), "{name}");
        let (_, rest) =
            vector.body.split_once("<Encrypt><![CDATA[").or(vector.body.split_once("\"encrypt\":\"")).unwrap();
        let cipher_text = rest.split(['"', ']']).next().unwrap();
        let echo = percent_encoding::utf8_percent_encode(cipher_text, percent_encoding::NON_ALPHANUMERIC);
        let (method, path) = ("GET".to_owned(), format!("{}&echostr={echo}", vector.path));
        assert!(Vector { method, path, ..vector }.is_unauthorised(), "{name}");
    }
}

/// The signature sorts what it covers, so the two may change places. Then the request holds at the moment that the nonce
/// names, which docs/doors.md says, and an application's does not, whose time stands inside besides.
#[test]
fn a_nonce_of_ten_digits_is_a_second_moment_of_a_robots_request() {
    for (name, holds) in [("wecom_robot_plan", true), ("wecom_app_rds_encrypt", false)] {
        let vector = named(name);
        let sealed = envelope(&vector).seal(vector.plaintext.as_ref().unwrap(), "1767225600", "1767235600", [0; 16]);
        let encrypt = &sealed.encrypt;
        let as_json = format!("{{\"encrypt\":\"{encrypt}\"}}");
        let body = if holds { as_json } else { format!("<xml><Encrypt>{encrypt}</Encrypt></xml>") };
        let path = format!("/?msg_signature={}&timestamp=1767235600&nonce=1767225600", sealed.signature);
        let swapped = Vector { path, body, now_unix: Some(1_767_235_600), ..vector };
        assert_eq!(swapped.hear().is_ok(), holds, "{name}");
    }
}

#[test]
fn a_query_that_says_something_twice_is_refused() {
    for name in ["wecom_message_official", "wecom_verify_url_official", "wecom_robot_plan", "dingtalk_encrypted_plan"] {
        let vector = named(name);
        for more in ["&nonce=1", "&timestamp=1409659813", "&msg_signature=0", "&%6eonce=1"] {
            let path = format!("{}{more}", vector.path);
            assert!(Vector { path, ..vector.clone() }.is_unauthorised(), "{name} {more}");
        }
        let path = vector.path.split('?').next().unwrap().to_owned();
        assert!(Vector { path, ..vector }.is_unauthorised(), "{name}");
    }
    let vector = named("dingtalk_encrypted_plan");
    let path = vector.path.replace("&signature=", "&signature=0");
    assert!(Vector { path, ..vector }.is_unauthorised());
}

#[test]
fn a_door_without_secrets_hears_nothing() {
    for name in ["slack_rds_encrypt", "dingtalk_rds_encrypt", "teams_plan"] {
        let vector = named(name);
        let (headers, method) = (vector.headers(), Method::POST);
        let request = RawRequest::new(&method, None, &headers, vector.body.as_bytes());
        let inbound = match name {
            "slack_rds_encrypt" => SlackDoor::new(vec![]).unwrap().hear(&request, vector.now()),
            "teams_plan" => TeamsDoor::new(&[]).unwrap().hear(&request, vector.now()),
            _ => DingTalkDoor::new(vec![], None, true).unwrap().hear(&request, vector.now()),
        };
        assert!(matches!(inbound, Err(ChatError::Unauthorised)), "{name}");
    }
    assert!(SlackDoor::new(vec!["".into()]).is_err() && DingTalkDoor::new(vec![" ".into()], None, false).is_err());
    assert!(TeamsDoor::new(&["".into()]).is_err() && TeamsDoor::new(&["not base64".into()]).is_err());
    let wecom = |receiver: &str, kind| {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".into();
        WeComDoor::new("t".into(), &key, receiver.to_owned(), kind).map_err(|unfit| unfit.field)
    };
    assert_eq!(wecom("", WeComKind::Application).unwrap_err(), "receive_id");
    assert_eq!(wecom("ww1", WeComKind::SmartRobot).unwrap_err(), "receive_id");
}

#[test]
fn a_plain_body_does_not_pass_where_bodies_are_encrypted() {
    let plain = named("dingtalk_rds_encrypt");
    let encrypted = named("dingtalk_encrypted_plan");
    let downgraded = Vector { secret: encrypted.secret, ..plain };
    assert!(downgraded.is_unauthorised());
    let robot = named("wecom_robot_plan");
    assert!(
        Vector { channel: "wecom".to_owned(), secret: named("wecom_message_official").secret, ..robot }
            .is_unauthorised()
    );
    let vector = named("lark_url_verification_plain");
    assert!(Vector { secret: named("lark_confirm_button").secret, ..vector }.is_unauthorised());
}

#[test]
fn an_unsigned_body_is_trusted_only_where_the_door_says_so() {
    let vector = named("dingtalk_rds_encrypt");
    let door = DingTalkDoor::new(vec![vector.secret["app_secret"].as_str().into()], None, true).unwrap();
    let (headers, method) = (vector.headers(), Method::POST);
    let inbound = door.hear(&RawRequest::new(&method, None, &headers, vector.body.as_bytes()), vector.now());
    let Ok(ChatInbound::ChatMessage(message)) = inbound else { panic!("{inbound:?}") };
    assert!(message.body_is_trusted);
}

#[test]
fn what_slack_signed_and_we_cannot_read_is_unreadable_and_repeats_nothing() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let thousand: Vec<_> = (0..1000).map(|n| format!("f{n}=1")).collect();
    for (content_type, body) in [
        (FORM, ""),
        (FORM, r#"{"type":"block_actions"}"#),
        (FORM, "team_id=T1&team_id=T2&channel_id=C1&user_id=U1&trigger_id=1&text="),
        (FORM, "team_id=T1&channel_id=C1&trigger_id=1&text=plan"),
        (FORM, "team_id=T1&channel_id=C1&user_id=U%0a1&trigger_id=1&text=plan"),
        (FORM, "team_id=T1&channel_id=C1&user_id=U1&trigger_id=1&text=&response_url=https%3A%2F%2Fexample.com%2F"),
        (FORM, "payload=%7B%7D"),
        (FORM, "payload=[]"),
        (FORM, &thousand.join("&")),
        ("application/json", "team_id=T1"),
        ("application/json", r#"{"type":"url_verification"}"#),
        ("application/json", r#"{"type":"url_verification","type":"x","challenge":"x"}"#),
        ("text/plain", "team_id=T1"),
    ] {
        match slack(content_type, body).hear() {
            Err(ChatError::Unreadable(rejection)) => {
                assert!(!format!("{rejection:?}").contains("example.com"), "{rejection:?}");
            }
            other => panic!("{content_type} {body}: {other:?}"),
        }
    }
}
