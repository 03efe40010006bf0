//! Text with the one mark that cards need: what is to be copied as it is.

/// Paragraphs in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(pub Vec<Paragraph>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    pub is_bullet: bool,
    pub spans: Vec<Span>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    Plain(String),
    /// A command, an id, a statement: to be copied.
    Code(String),
}

impl Paragraph {
    /// Reads a sentence of ours, in which what is to be copied stands between backticks. What comes from outside has none.
    pub fn new(sentence: &str) -> Self {
        let parts: Vec<&str> = sentence.split('`').collect();
        // An odd mark out is no mark.
        let spans = if parts.len().is_multiple_of(2) {
            vec![Span::Plain(sentence.to_owned())]
        } else {
            let span = |(at, part): (usize, &&str)| match at % 2 {
                0 => Span::Plain((*part).to_owned()),
                _ => Span::Code((*part).to_owned()),
            };
            parts.iter().enumerate().filter(|(_, part)| !part.is_empty()).map(span).collect()
        };
        Self { is_bullet: false, spans }
    }

    pub fn bullet(sentence: &str) -> Self {
        Self { is_bullet: true, ..Self::new(sentence) }
    }
}

impl Text {
    /// Lines of ours, each a paragraph.
    pub fn lines(text: &str) -> Self {
        Self(text.lines().filter(|line| !line.is_empty()).map(Paragraph::new).collect())
    }

    /// One value that is to be copied.
    pub fn code(value: impl Into<String>) -> Self {
        Self(vec![Paragraph { is_bullet: false, spans: vec![Span::Code(value.into())] }])
    }

    /// One value that comes from outside: nothing in it is a mark.
    pub fn plain(value: impl Into<String>) -> Self {
        Self(vec![Paragraph { is_bullet: false, spans: vec![Span::Plain(value.into())] }])
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn spans(&self) -> impl Iterator<Item = &Span> {
        self.0.iter().flat_map(|paragraph| &paragraph.spans)
    }

    /// The same with at most so many characters. A span that is to be copied is there whole or not at all.
    pub(super) fn shortened(&self, most: usize) -> Self {
        let mut left = most;
        let mut paragraphs = Vec::new();
        for paragraph in &self.0 {
            if left == 0 {
                break;
            }
            let mut spans = Vec::new();
            for span in &paragraph.spans {
                let length = span.text().chars().count();
                match span {
                    _ if left == 0 => break,
                    span if length <= left => {
                        left -= length;
                        spans.push(span.clone());
                    }
                    Span::Plain(text) => {
                        spans.push(Span::Plain(super::fit::fitted_chars(text, left)));
                        left = 0;
                    }
                    Span::Code(_) => {
                        spans.push(Span::Plain("…".to_owned()));
                        left = 0;
                    }
                }
            }
            paragraphs.push(Paragraph { is_bullet: paragraph.is_bullet, spans });
        }
        Self(paragraphs)
    }
}

impl Span {
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Code(text) => text,
        }
    }
}

impl From<String> for Text {
    fn from(sentence: String) -> Self {
        Self(vec![Paragraph::new(&sentence)])
    }
}

impl From<&str> for Text {
    fn from(sentence: &str) -> Self {
        Self(vec![Paragraph::new(sentence)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_to_be_copied() {
        let spans = Paragraph::new("Send `help` now.").spans;
        let plain = |text: &str| Span::Plain(text.to_owned());
        assert_eq!(spans, [plain("Send "), Span::Code("help".to_owned()), plain(" now.")]);
        assert_eq!(Paragraph::new("an odd ` one").spans, [plain("an odd ` one")]);
    }

    #[test]
    fn what_is_to_be_copied_is_there_whole_or_not_at_all() {
        let text = Text::from("Add: `0123456789` now");
        assert_eq!(text.shortened(100), text);
        assert_eq!(text.shortened(15).0[0].spans.last(), Some(&Span::Code("0123456789".to_owned())));
        assert_eq!(text.shortened(14).0[0].spans.last(), Some(&Span::Plain("…".to_owned())));
    }
}
