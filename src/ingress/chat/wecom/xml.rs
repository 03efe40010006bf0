//! The flat XML that `WeCom` speaks. No document type, no processing instruction, no entity but the five of the language:
//! what could expand or fetch something is refused.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use crate::request::rejection::{Rejection, RejectionReason};

const MAX_FIELDS: usize = 100;
const DEEPEST: usize = 8;

/// The elements inside `<xml>` with their texts, each name at most once. What is inside those is left out.
pub(super) fn children(body: &[u8]) -> Result<BTreeMap<String, String>, Rejection> {
    let text = std::str::from_utf8(body).map_err(|_| wrong(RejectionReason::NotUtf8))?;
    let mut reader = Reader::from_str(text);
    let (mut depth, mut found, mut open) = (0_usize, BTreeMap::new(), None::<(String, String)>);
    let mut has_root = false;
    loop {
        match reader.read_event().map_err(|_| wrong(RejectionReason::InvalidXml))? {
            Event::Start(start) => {
                let name = start.name();
                match depth {
                    0 if has_root || name.as_ref() != "xml" => return Err(wrong(RejectionReason::NotOneXmlElement)),
                    0 => has_root = true,
                    1 => open = Some((name.as_ref().to_owned(), String::new())),
                    _ if depth >= DEEPEST => return Err(wrong(RejectionReason::NestedTooDeep)),
                    _ => {}
                }
                depth += 1;
            }
            Event::Empty(start) if depth == 1 => insert(&mut found, start.name().as_ref().to_owned(), String::new())?,
            Event::Empty(_) if depth > 1 => {}
            Event::End(_) => {
                depth = depth.checked_sub(1).ok_or_else(|| wrong(RejectionReason::InvalidXml))?;
                if depth == 1
                    && let Some((name, text)) = open.take()
                {
                    insert(&mut found, name, text)?;
                }
            }
            Event::Text(text) => add(&mut open, depth, &text.xml10_content())?,
            Event::CData(text) => add(&mut open, depth, &text.xml10_content())?,
            Event::GeneralRef(entity) => add(&mut open, depth, &character(&entity)?.to_string())?,
            Event::Decl(_) if !has_root => {}
            Event::Eof if depth == 0 && has_root => return Ok(found),
            Event::Eof | Event::Empty(_) => return Err(wrong(RejectionReason::NotOneXmlElement)),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {
                return Err(wrong(RejectionReason::XmlMarkup));
            }
        }
    }
}

fn add(open: &mut Option<(String, String)>, depth: usize, text: &str) -> Result<(), Rejection> {
    match open {
        Some((_, own)) if depth == 2 => own.push_str(text),
        _ if depth < 2 && !text.trim().is_empty() => return Err(wrong(RejectionReason::XmlTextOutside)),
        _ => {}
    }
    Ok(())
}

fn insert(found: &mut BTreeMap<String, String>, name: String, text: String) -> Result<(), Rejection> {
    match found.insert(name, text) {
        Some(_) => Err(wrong(RejectionReason::DoubledName)),
        None if found.len() > MAX_FIELDS => Err(wrong(RejectionReason::TooManyFields { limit: MAX_FIELDS })),
        None => Ok(()),
    }
}

fn character(entity: &BytesRef) -> Result<char, Rejection> {
    let unknown = || wrong(RejectionReason::UnknownXmlEntity);
    if entity.is_char_ref() {
        return entity.resolve_char_ref().ok().flatten().ok_or_else(unknown);
    }
    match entity.xml10_content().as_ref() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(unknown()),
    }
}

fn wrong(reason: RejectionReason) -> Rejection {
    Rejection::new("body", reason)
}

/// One `<xml>` element with these inside, each in a `CDATA` section that its text cannot leave.
pub(super) fn document(fields: &[(&str, &str)]) -> String {
    let field = |(name, text): &(&str, &str)| {
        let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        format!("<{name}><![CDATA[{}]]></{name}>", text.replace("]]>", "]]]]><![CDATA[>"))
    };
    format!("<xml>{}</xml>", fields.iter().map(field).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_with_their_texts() {
        let text = "<?xml version=\"1.0\"?><xml>\n<A><![CDATA[a<b]]></A><B>1 &lt;&#50;</B><C/><D><E>x</E>y</D></xml>\n";
        let found = children(text.as_bytes()).unwrap();
        assert_eq!((&*found["A"], &*found["B"], &*found["C"], &*found["D"]), ("a<b", "1 <2", "", "y"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["", "a]]>b", "]]]]>>", "<xml>&amp;", "张三\n"] {
            assert_eq!(children(document(&[("A", text)]).as_bytes()).unwrap()["A"], text, "{text}");
        }
    }

    #[test]
    fn what_could_expand_or_fetch_something_is_refused() {
        for text in [
            "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY l2 \"&lol;&lol;\">]><xml><A>&l2;</A></xml>",
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><A>&e;</A></xml>",
            "<xml><A>&e;</A></xml>",
            "<xml><!DOCTYPE x><A>1</A></xml>",
            "<xml><?php echo 1 ?><A>1</A></xml>",
            "<xml><A>1<!-- -->2</A></xml>",
            "<xml><A>1</A><A>2</A></xml>",
            "<xml><A>1</A></xml><xml/>",
            "<xml><A>1</xml>",
            "<xml>1<A>1</A></xml>",
            "<A>1</A>",
            "<xml/>",
            "",
            "{}",
        ] {
            assert!(children(text.as_bytes()).is_err(), "{text}");
        }
        let deep = format!("<xml>{}{}</xml>", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert!(children(deep.as_bytes()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(body: Vec<u8>, text in "[<>/!\\[\\]a-c&;?x-]*") {
            let _ = children(&body);
            let _ = children(format!("<xml>{text}</xml>").as_bytes());
        }
    }
}
