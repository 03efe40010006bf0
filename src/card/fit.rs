//! Cutting and escaping: no text is longer than its chat takes, and none becomes markup.

use serde_json::Value;

use super::Card;

/// What a chat counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Characters,
    Bytes,
}

impl Unit {
    fn of(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Bytes => text.len(),
        }
    }
}

/// What is written instead of a character that a chat would read as markup.
pub(super) type Escape = fn(char) -> Option<&'static str>;

/// Nothing is markup.
pub(super) const PLAIN: Escape = |_| None;

/// At most so many characters of a text.
pub fn fitted_chars(text: &str, most: usize) -> String {
    fitted(text, most, Unit::Characters, PLAIN)
}

/// The text escaped and cut to what the chat takes: never inside a character, nor inside what stands for one.
pub(super) fn fitted(text: &str, most: usize, unit: Unit, escape: Escape) -> String {
    const MORE: &str = "…";
    let room = most.saturating_sub(unit.of(MORE));
    let (mut fitted, mut size, mut cut) = (String::with_capacity(text.len()), 0, None);
    for character in text.chars() {
        let mut own = [0; 4];
        let piece = escape(character).unwrap_or_else(|| character.encode_utf8(&mut own));
        if cut.is_none() && size + unit.of(piece) > room {
            cut = Some(fitted.len());
        }
        size += unit.of(piece);
        if size > most {
            fitted.truncate(cut.unwrap_or_default());
            if most >= unit.of(MORE) {
                fitted.push_str(MORE);
            }
            return fitted;
        }
        fitted.push_str(piece);
    }
    fitted
}

/// As much text as a card begins with, in characters.
const MAX_TEXT: usize = 2800;

/// The message that a renderer makes of a card, with as much of the card's text as the chat takes. What can be confirmed,
/// and what that means, is never cut.
pub(super) fn within(most_bytes: usize, card: &Card, render: impl Fn(&Card) -> Value) -> Value {
    let mut most = MAX_TEXT;
    loop {
        let message = render(&shortened(card, most));
        if most < 16 || message.to_string().len() <= most_bytes {
            return message;
        }
        most /= 2;
    }
}

/// The card with ten facts at most and so many characters of text; values and the next step in proportion.
pub(super) fn shortened(card: &Card, most: usize) -> Card {
    let mut card = card.clone();
    card.title = fitted_chars(&card.title, 120.min(most));
    card.text = card.text.shortened(most);
    card.facts.truncate(10);
    for fact in &mut card.facts {
        fact.value = fact.value.shortened((most / 14).max(1));
    }
    if let Some(step) = &mut card.next_step {
        step.value = step.value.shortened(most);
    }
    card.footer = card.footer.map(|footer| fitted_chars(&footer, 300.min(most)));
    card
}

#[cfg(test)]
mod tests {
    use super::super::markdown::WIDE;
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_never_inside_an_escape() {
        let ampersand: Escape = |c| (c == '&').then_some("&amp;");
        assert_eq!(fitted("a&b", 100, Unit::Characters, ampersand), "a&amp;b");
        assert_eq!(fitted("a&b", 6, Unit::Characters, ampersand), "a…");
        assert_eq!(fitted("a&b", 7, Unit::Characters, ampersand), "a&amp;b");
        assert_eq!(fitted("张三李四", 12, Unit::Bytes, PLAIN), "张三李四");
        assert_eq!(fitted("张三李四", 11, Unit::Bytes, PLAIN), "张三…");
        assert_eq!(fitted("张三李四", 2, Unit::Bytes, PLAIN), "");
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_longer_than_it_may_be(text: String, most in 0_usize..64) {
            proptest::prop_assert!(fitted(&text, most, Unit::Bytes, WIDE).len() <= most);
            proptest::prop_assert!(fitted(&text, most, Unit::Characters, WIDE).chars().count() <= most);
        }
    }
}
