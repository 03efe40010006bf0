//! An answer that belongs to no chat, and the cutting and escaping that each chat's form of it needs.

use std::fmt;

/// How an answer is meant: its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done.
    Good,
    /// Nothing had to be done, or a question was answered.
    Neutral,
    /// Waiting, refused, or a plan to be confirmed.
    Warn,
    /// Failed, or not known.
    Bad,
}

impl Tone {
    /// In chats whose texts have no colour.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Good => "✅",
            Self::Neutral => "ℹ️",
            Self::Warn => "🟠",
            Self::Bad => "❌",
        }
    }
}

/// Who should see an answer, where the chat can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Asker,
    Everyone,
}

/// What is said back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub tone: Tone,
    pub audience: Audience,
    pub title: String,
    pub text: String,
    /// Name and value. Ten are shown.
    pub facts: Vec<(String, String)>,
    pub next_step: Option<String>,
    pub link: Option<Link>,
    pub confirm: Option<Confirm>,
    pub footer: Option<String>,
}

impl Card {
    /// An answer for whoever asked, with nothing but words.
    pub fn new(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            tone,
            audience: Audience::Asker,
            title: title.into(),
            text: text.into(),
            facts: Vec::new(),
            next_step: None,
            link: None,
            confirm: None,
            footer: None,
        }
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.facts.iter().take(10).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What to say instead of pressing a button.
    pub(super) fn confirm_words(&self) -> Option<String> {
        self.confirm.as_ref().map(|confirm| format!("confirm {}", confirm.token))
    }
}

/// A link for people, to a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub label: String,
    pub url: String,
}

/// What can be confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirm {
    pub token: String,
    /// On the button.
    pub label: String,
    /// Asked once more where the chat can ask.
    pub question: String,
}

/// Without the token, which is a permission.
impl fmt::Debug for Confirm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirm").field("label", &self.label).finish_non_exhaustive()
    }
}

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

/// How a chat that takes one text writes an answer.
pub(super) struct Markup {
    pub(super) title: fn(&str, Tone) -> String,
    pub(super) fact: fn(&str, &str) -> String,
    pub(super) link: fn(&str, &str) -> String,
    pub(super) escape: Escape,
    /// Between paragraphs.
    pub(super) gap: &'static str,
    pub(super) most_bytes: usize,
}

impl Markup {
    /// The markdown of chats that know headings, lists and links.
    pub(super) const fn markdown(most_bytes: usize) -> Self {
        Self {
            title: |title, tone| format!("### {} {title}", tone.sign()),
            fact: |name, value| format!("- **{name}**: {value}"),
            link: |label, url| format!("[{label}]({url})"),
            escape: MARKDOWN,
            gap: "\n\n",
            most_bytes,
        }
    }

    /// The whole answer in one text. Where it is too long the message gives way first, then what follows it, and never the
    /// way to confirm it or the link.
    pub(super) fn write(&self, card: &Card) -> String {
        let title = (self.title)(&self.escaped(&card.title), card.tone);
        let (rest, tail) = (self.rest(card), self.tail(card));
        let room = self.most_bytes.saturating_sub(title.len() + self.gap.len() + rest.len() + tail.len());
        let text = fitted(&card.text, room, Unit::Bytes, self.escape);
        let gap = if text.is_empty() { "" } else { self.gap };
        let head = [title.as_str(), gap, &text, &rest].concat();
        fitted(&head, self.most_bytes.saturating_sub(tail.len()), Unit::Bytes, PLAIN) + &tail
    }

    /// Facts, next step and footer, each behind a gap.
    fn rest(&self, card: &Card) -> String {
        let fact = |(name, value): (&str, &str)| (self.fact)(&self.escaped(name), &self.escaped(value));
        let facts = card.facts().map(fact).collect::<Vec<_>>().join("\n");
        let step = card.next_step.as_deref().map(|step| fact(("Next step", step)));
        let footer = card.footer.as_deref().map(|footer| self.escaped(footer));
        let parts = Some(facts).filter(|facts| !facts.is_empty()).into_iter().chain(step).chain(footer);
        parts.flat_map(|part| [self.gap.to_owned(), part]).collect()
    }

    fn tail(&self, card: &Card) -> String {
        let words = card.confirm_words().map(|words| format!("To go ahead, say: {words}"));
        let link = card.link.as_ref().map(|link| (self.link)(&self.escaped(&link.label), &link.url));
        words.into_iter().chain(link).flat_map(|part| [self.gap.to_owned(), part]).collect()
    }

    fn escaped(&self, text: &str) -> String {
        fitted(text, usize::MAX, Unit::Bytes, self.escape)
    }
}

/// For the markdown of chats that document no escape: what would be markup becomes its wide form, which reads the same.
pub(super) const MARKDOWN: Escape = |character| {
    Some(match character {
        '[' => "［",
        ']' => "］",
        '<' => "＜",
        '>' => "＞",
        '*' => "＊",
        '`' => "｀",
        '#' => "＃",
        '~' => "～",
        '|' => "｜",
        '!' => "！",
        '\\' => "＼",
        _ => return None,
    })
};

#[cfg(test)]
mod tests {
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
            proptest::prop_assert!(fitted(&text, most, Unit::Bytes, MARKDOWN).len() <= most);
            proptest::prop_assert!(fitted(&text, most, Unit::Characters, MARKDOWN).chars().count() <= most);
        }
    }
}
