//! Cutting and escaping: no text is longer than its chat takes, and none becomes markup.

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
