//! Cards as one text, for chats that take no more.

use super::fit::{Escape, PLAIN, Unit, fitted};
use super::size::shortened;
use super::{Card, Fact, Span, Text, Tone};

/// How a chat that takes one text writes a card.
pub(super) struct Markup {
    pub(super) title: fn(&str, Tone) -> String,
    pub(super) fact: fn(&str, &str) -> String,
    pub(super) link: fn(&str, &str) -> String,
    pub(super) bullet: &'static str,
    /// Around what is to be copied.
    pub(super) code: &'static str,
    pub(super) strong: &'static str,
    pub(super) escape: Escape,
    /// Between paragraphs.
    pub(super) gap: &'static str,
}

/// The markdown of chats that know headings, lists, code and links.
pub(super) const MARKDOWN: Markup = Markup {
    title: |title, tone| format!("### {} {title}", tone.sign()),
    fact: |name, value| format!("- **{name}**: {value}"),
    link: |label, url| format!("[{label}]({url})"),
    bullet: "- ",
    code: "`",
    strong: "**",
    escape: WIDE,
    gap: "\n\n",
};

/// No markup of ours. `WeCom` reads `<a href="…">` in a text (documented).
pub(super) const TEXT: Markup = Markup {
    title: |title, tone| format!("{} {title}", tone.sign()),
    fact: |name, value| format!("{name}: {value}"),
    link: |label, url| format!("{label}: {url}"),
    bullet: "• ",
    code: "",
    strong: "",
    escape: ANGLES,
    gap: "\n",
};

/// For texts in which nothing but a link in HTML's form is markup.
const ANGLES: Escape = |character| match character {
    '<' => Some("＜"),
    '>' => Some("＞"),
    _ => None,
};

/// For the markdown of chats that document no escape: what would be markup becomes its wide form, which reads the same.
pub(super) const WIDE: Escape = |character| {
    Some(match character {
        '[' => "［",
        ']' => "］",
        '<' => "＜",
        '>' => "＞",
        '*' => "＊",
        '_' => "＿",
        '`' => "｀",
        '#' => "＃",
        '~' => "～",
        '|' => "｜",
        '!' => "！",
        '\\' => "＼",
        _ => return None,
    })
};

impl Markup {
    /// The whole card in one text of at most so many bytes. Where it is too long the message gives way first, then what
    /// follows it; never what can be confirmed and what that means, nor the link.
    pub(super) fn write(&self, card: &Card, most_bytes: usize) -> String {
        let title = (self.title)(&self.escaped(&card.title), card.tone);
        let mut most = most_bytes;
        loop {
            let short = shortened(card, most);
            let tail = self.tail(&short);
            let body = [self.paragraphs(&short.text), self.rest(&short)].concat();
            if title.len() + body.len() + tail.len() <= most_bytes || most < 8 {
                let head = fitted(&(title + &body), most_bytes.saturating_sub(tail.len()), Unit::Bytes, PLAIN);
                return head + &tail;
            }
            most /= 2;
        }
    }

    /// Paragraphs and lists, each behind a gap.
    fn paragraphs(&self, text: &Text) -> String {
        let (mut written, mut in_list) = (String::new(), false);
        for paragraph in &text.0 {
            written.push_str(if paragraph.is_bullet && in_list { "\n" } else { self.gap });
            written.push_str(if paragraph.is_bullet { self.bullet } else { "" });
            written.push_str(&self.spans(&paragraph.spans));
            in_list = paragraph.is_bullet;
        }
        written
    }

    /// Facts and next step, each behind a gap.
    fn rest(&self, card: &Card) -> String {
        let fact = |fact: &Fact| (self.fact)(&self.escaped(fact.name), &self.value(&fact.value));
        let facts = card.facts.iter().map(fact).collect::<Vec<_>>().join("\n");
        let step = card.next_step.as_ref().map(fact);
        let parts = Some(facts).filter(|facts| !facts.is_empty()).into_iter().chain(step);
        parts.flat_map(|part| [self.gap.to_owned(), part]).collect()
    }

    /// What can be confirmed, the link and the footer, each behind a gap.
    fn tail(&self, card: &Card) -> String {
        let mut parts = Vec::new();
        if let Some(confirm) = &card.confirm {
            parts.push(format!(
                "{0}{1}{0} {2}",
                self.strong,
                self.escaped(&confirm.warning),
                self.escaped(&confirm.conditions)
            ));
            let (send, command) = (self.escaped(&confirm.send), confirm.command());
            parts.push(format!("{send} {0}{command}{0}", self.code));
        }
        parts.extend(card.link.as_ref().map(|link| (self.link)(&self.escaped(&link.label), &link.url)));
        parts.extend(card.footer.as_deref().map(|footer| self.escaped(footer)));
        parts.into_iter().flat_map(|part| [self.gap.to_owned(), part]).collect()
    }

    fn value(&self, text: &Text) -> String {
        self.spans(&text.spans().cloned().collect::<Vec<_>>())
    }

    fn spans(&self, spans: &[Span]) -> String {
        spans.iter().map(|span| self.span(span)).collect()
    }

    fn span(&self, span: &Span) -> String {
        match span {
            // As it is, so that it can be copied; unless a client that knows no code would make a link of it.
            Span::Code(text)
                if !self.code.is_empty()
                    && !text.contains(['`', '\n'])
                    && !text.contains("](")
                    && !text.contains("://") =>
            {
                format!("{0}{text}{0}", self.code)
            }
            Span::Plain(text) | Span::Code(text) => self.escaped(text),
        }
    }

    /// Clients make a link of an address by themselves, unless its colon is a wide one.
    fn escaped(&self, text: &str) -> String {
        fitted(text, usize::MAX, Unit::Bytes, self.escape).replace("://", "：//")
    }
}
