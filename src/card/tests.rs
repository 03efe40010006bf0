//! What strangers write, in every chat and language: nothing of it is markup, and no card is too large or broken.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::kind::Kind;
use crate::outcome::{
    Attempt, Job, Outcome, Prediction, Reason, Report, Resolution, ServiceError, Verdict, VerdictReason,
};
use crate::request::Mode;
use crate::request::SealRequest;
use crate::request::ids::printable;
use crate::words::{Language, write_sentences};

/// A report in which everything that strangers can write says this.
fn report(words: &str) -> Report {
    let mut request = SealRequest::sample();
    request.origin.actor = Some(printable(words));
    request.origin.event_name = Some(printable(words));
    let job = Job::new(request, Mode::Enforce, None, None, Attempt::fresh(1, jiff::Timestamp::UNIX_EPOCH));
    let error =
        ServiceError { code: Some(printable(words)), kind: Kind::Unknown, message: printable(words), no_answer: None };
    let reasons = vec![VerdictReason::Running {}, VerdictReason::Locked { lock_mode: printable(words) }];
    let resolution = Resolution {
        verdict: Some(Verdict::new(Prediction::Enable, reasons)),
        ..Resolution::new(Outcome::Failed, Reason::Service { error })
    };
    let mut report = job.report(resolution, jiff::Timestamp::UNIX_EPOCH);
    report.rule = Some(crate::outcome::Rule { name: Cow::Borrowed("a-rule"), value: None });
    write_sentences(&mut report);
    report
}

fn card(words: &str, language: Language) -> Card {
    let locale = Locale { language, ..Locale::default() };
    let offer =
        Offer { token: "AQGXbYZ0".to_owned(), expires_at: jiff::Timestamp::UNIX_EPOCH, needs_somebody_else: true };
    from_report(&report(words), Some(offer), locale)
}

/// Every text in a message, with the kind of object it stands in.
fn texts<'v>(value: &'v Value, kind: &'v str, found: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::String(text) => found.push((kind, text)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, kind, found)),
        Value::Object(fields) => {
            let kind = fields.get("type").or(fields.get("tag")).and_then(Value::as_str).unwrap_or(kind);
            let own = |name: &&String| *name != "tag" && *name != "type" && *name != "url";
            fields.iter().filter(|(name, _)| own(name)).for_each(|(_, item)| texts(item, kind, found));
        }
        _ => {}
    }
}

fn of_kind<'v>(message: &'v Value, wanted: &str) -> Vec<&'v str> {
    let mut found = Vec::new();
    texts(message, "", &mut found);
    found.into_iter().filter(|(kind, _)| *kind == wanted).map(|(_, text)| text).collect()
}

/// What is not between backticks.
fn outside_code(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

const HOSTILE: [&str; 10] = [
    "<!channel> <@U1> <https://example.com|click>",
    "@all @everyone <at id=all></at> <@all>",
    "[click](https://example.com) ![x](https://example.com/a.png)",
    "**bold** _it_ ~no~ # head > quote | cell",
    "<a href=\"https://example.com\">x</a><script>1</script>",
    "`code` ```block``` \\`",
    "{\"tag\":\"button\",\"value\":{\"confirm\":\"x\"}}",
    "\u{202e}gnirts desrever\u{200b}\u{feff}",
    "line\nbreak\r\n- item\t# head",
    "👩‍👩‍👧‍👦 é ｆｕｌｌ 𝒻",
];

#[test]
fn what_strangers_write_is_no_markup_mention_or_link_in_any_chat() {
    for words in HOSTILE {
        for language in Language::ALL {
            let card = card(words, language);
            let slack = slack::message(&card);
            assert!(of_kind(&slack, "mrkdwn").is_empty(), "only rich and plain text: {slack}");
            let fallback = slack["text"].as_str().unwrap();
            assert!(!fallback.contains(['<', '>']), "{fallback}");
            let feishu = feishu::card(&card);
            for text in of_kind(&feishu, "lark_md") {
                let bare = text.replace("**", "");
                assert!(!bare.contains(['<', '>', '*', '[', ']', '`', '~', '_']), "{bare}");
            }
            let dingtalk = dingtalk::message(&card);
            for text in [dingtalk["markdown"]["text"].as_str().unwrap(), &wecom::markdown(&card)] {
                let (own, link) = text.rsplit_once('[').unwrap();
                assert!(link.contains("](https://rdsnext.console.aliyun.com/"), "the one link is ours: {link}");
                let outside = outside_code(own).replace("**", "").replace("### ", "").replace("\n> ", "\n");
                assert!(!outside.contains(['<', '>', '*', '[', ']', '_', '~', '#', '|']), "{outside}");
            }
            let text = wecom::text(&card);
            assert!(!text.contains(['<', '>']), "an application's text knows <a href>: {text}");
            let teams = teams::message(&card);
            for text in of_kind(&teams, "TextBlock").into_iter().chain(of_kind(&teams, "FactSet")) {
                assert!(!text.contains(['<', '>', '*', '[', ']', '`', '_']), "{text}");
            }
        }
    }
}

#[test]
fn every_card_says_that_it_cannot_be_undone_until_when_and_who_has_to_confirm() {
    for (language, words) in [
        (Language::En, ["cannot be undone", "1970-01-01 00:00:00 UTC", "Somebody else"]),
        (Language::Zh, ["不可撤销", "1970-01-01 00:00:00 UTC", "其他人"]),
        (Language::Ja, ["取り消せません", "1970-01-01 00:00:00 UTC", "別の"]),
    ] {
        let card = card("x", language);
        for (chat, text) in [
            ("slack", slack::message(&card).to_string()),
            ("dingtalk", dingtalk::message(&card).to_string()),
            ("feishu", feishu::card(&card).to_string()),
            ("wecom's application", wecom::text(&card)),
            ("wecom", wecom::stream("1", &card).to_string()),
            ("teams", teams::message(&card).to_string()),
        ] {
            for words in words.into_iter().chain(["confirm AQGXbYZ0"]) {
                assert!(text.contains(words), "{chat} lacks {words}: {text}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_card_is_larger_than_its_chat_takes(words in ".{0,200}", times in 1_usize..60) {
        let words = words.repeat(times);
        for language in Language::ALL {
            let mut card = card(&words, language);
            card.text = Text::from(words.clone());
            card.next_step = Some(Fact { name: "x", value: Text::plain(words.clone()) });
            card.facts.iter_mut().for_each(|fact| fact.value = Text::plain(words.clone()));
            prop_assert!(slack::message(&card).to_string().len() <= 13_000);
            prop_assert!(feishu::card(&card).to_string().len() <= 19_000);
            prop_assert!(teams::message(&card).to_string().len() <= 21_000);
            prop_assert!(dingtalk::message(&card)["markdown"]["text"].as_str().unwrap().len() <= 8_000);
            prop_assert!(wecom::markdown(&card).len() <= 4096 && wecom::text(&card).len() <= 2048);
            prop_assert!(wecom::text(&card).contains("confirm AQGXbYZ0"));
        }
    }
}

#[test]
fn a_digest_says_how_many_need_somebody_in_the_punctuation_of_its_language() {
    let mut done = report("x");
    (done.outcome, done.reason) = (Outcome::Enabled, Reason::Accepted {});
    let failed = report("x");
    let reports = [&done, &failed, &done];
    let said = |language| {
        let card = digest(&reports, Locale { language, ..Locale::default() });
        let step = card.next_step.as_ref().map(|step| step.value.spans().map(Span::text).collect::<String>());
        let first: String = card.text.spans().skip(2).take(2).map(Span::text).collect();
        (step.unwrap_or_default(), first, slack::message(&card)["text"].as_str().unwrap().to_owned())
    };
    let instance = failed.instance.as_str();
    let (step, _, notification) = said(Language::En);
    assert!(step.starts_with(&format!("1 of 3 needs attention. Start with {instance}: ")), "{step}");
    assert!(notification.starts_with("*3 instances* · 2 × "), "{notification}");
    assert!(notification.contains(" · 1 × ") && notification.ends_with(&format!(" · {instance}")), "{notification}");
    let (step, line, _) = said(Language::Zh);
    assert!(step.starts_with(&format!("3 个实例中有 1 个需要处理。请先处理 {instance}：")), "{step}");
    assert!(line.contains('（'), "{line}");
    assert!(!step.contains(": ") && !line.contains(" ("), "{step} {line}");
    let all_done = digest(&[&done, &done], Locale::default());
    assert_eq!(all_done.next_step, None);
}
