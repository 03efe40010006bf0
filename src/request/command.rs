//! What people type in a chat.
//!
//! ```text
//! plan|seal|status <instance>… [region=<r>] [key=<k>] [account=<a>] [dry_run=true]
//! confirm <token>      help      whoami      version
//! ```
//!
//! `encrypt` is another word for `seal`, and so is a bare instance id. A first word that begins with `/` is the chat's own
//! name for us. Values may be quoted. What input methods and chats put in by themselves is undone first: full-width blanks
//! and equals signs, curly quotes, characters without width. If anything is wrong, nothing is acted on.

use std::fmt;

use super::ids::{AccountId, InstanceId, KeyId, RegionId, printable};

/// More than this is not typed by a person.
const MAX_CHARS: usize = 2000;

/// As much of a word is shown that was not understood.
const MAX_SHOWN: usize = 40;

/// As many instances at once fit into an answer.
const MAX_INSTANCES: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Plan(Targets),
    Seal(Targets),
    Status(Targets),
    Confirm(PlanToken),
    Help,
    WhoAmI,
    Version,
}

/// The token of a plan. It is as good as a button, so it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PlanToken(pub String);

impl fmt::Debug for PlanToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlanToken")
    }
}

/// Which instances, and what was said about them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Targets {
    pub instances: Vec<InstanceId>,
    pub region: Option<RegionId>,
    pub key: Option<KeyId>,
    pub account: Option<AccountId>,
}

/// The names of commands, as grants list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommandName {
    Plan,
    Seal,
    Status,
}

impl CommandName {
    pub const ALL: [Self; 3] = [Self::Plan, Self::Seal, Self::Status];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Seal => "seal",
            Self::Status => "status",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

/// Why nothing was understood, with as much of what was typed as helps to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandError {
    TooLong { limit: usize },
    UnclosedQuote,
    UnknownCommand { word: String, near: Option<&'static str> },
    UnknownOption { word: String, near: Option<&'static str> },
    DoubledOption(&'static str),
    BadRegion,
    BadKey,
    BadAccount,
    BadDryRun,
    BadInstance { word: String },
    NoInstance(&'static str),
    TooManyInstances { limit: usize },
    NoToken,
    Surplus(&'static str),
}

const WORDS: [&str; 8] = ["plan", "seal", "status", "encrypt", "confirm", "help", "whoami", "version"];
const OPTIONS: [&str; 4] = ["region", "key", "account", "dry_run"];

impl Command {
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        if text.chars().count() > MAX_CHARS {
            return Err(CommandError::TooLong { limit: MAX_CHARS });
        }
        let mut words = words(&plain(text))?;
        if words.first().is_some_and(|word| word.starts_with('/')) {
            words.remove(0);
        }
        let Some(first) = words.first() else { return Ok(Self::Help) };
        let first = first.to_ascii_lowercase();
        let rest = &words[1..];
        match first.as_str() {
            "plan" => Targets::parse("plan", rest).map(|(targets, _)| Self::Plan(targets)),
            "status" => Targets::parse("status", rest).map(|(targets, _)| Self::Status(targets)),
            "seal" | "encrypt" => Self::seal(rest),
            "confirm" => match rest {
                [] => Err(CommandError::NoToken),
                [token] => Ok(Self::Confirm(PlanToken(token.clone()))),
                _ => Err(CommandError::Surplus("confirm")),
            },
            "help" => alone("help", rest, Self::Help),
            "whoami" => alone("whoami", rest, Self::WhoAmI),
            "version" => alone("version", rest, Self::Version),
            bare if InstanceId::parse(bare).is_ok() => Self::seal(&words),
            other => Err(CommandError::UnknownCommand { word: shown(&words[0]), near: nearest(other, &WORDS) }),
        }
    }

    fn seal(words: &[String]) -> Result<Self, CommandError> {
        let (targets, is_dry) = Targets::parse("seal", words)?;
        Ok(if is_dry { Self::Plan(targets) } else { Self::Seal(targets) })
    }
}

fn alone(name: &'static str, rest: &[String], command: Command) -> Result<Command, CommandError> {
    if rest.is_empty() { Ok(command) } else { Err(CommandError::Surplus(name)) }
}

impl Targets {
    /// The targets, and whether only a plan is wanted.
    fn parse(command: &'static str, words: &[String]) -> Result<(Self, bool), CommandError> {
        let (mut targets, mut dry_run) = (Self::default(), None);
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                let instance = InstanceId::parse(word).map_err(|_| CommandError::BadInstance { word: shown(word) })?;
                if !targets.instances.contains(&instance) {
                    targets.instances.push(instance);
                }
                continue;
            };
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "region" => set("region", &mut targets.region, RegionId::parse(value).ok(), CommandError::BadRegion)?,
                "key" => set("key", &mut targets.key, KeyId::parse(value).ok(), CommandError::BadKey)?,
                "account" => {
                    set("account", &mut targets.account, AccountId::parse(value).ok(), CommandError::BadAccount)?;
                }
                "dry_run" => set("dry_run", &mut dry_run, yes_or_no(value), CommandError::BadDryRun)?,
                other => {
                    return Err(CommandError::UnknownOption { word: shown(&name), near: nearest(other, &OPTIONS) });
                }
            }
        }
        match targets.instances.len() {
            0 => Err(CommandError::NoInstance(command)),
            1..=MAX_INSTANCES => Ok((targets, dry_run == Some(true))),
            _ => Err(CommandError::TooManyInstances { limit: MAX_INSTANCES }),
        }
    }
}

fn set<T>(
    name: &'static str,
    place: &mut Option<T>,
    value: Option<T>,
    otherwise: CommandError,
) -> Result<(), CommandError> {
    match place.replace(value.ok_or(otherwise)?) {
        None => Ok(()),
        Some(_) => Err(CommandError::DoubledOption(name)),
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

/// A word that was typed, as an answer may show it: its beginning is enough to find it.
fn shown(word: &str) -> String {
    printable(word).chars().take(MAX_SHOWN).collect()
}

/// What a keyboard would have sent.
fn plain(text: &str) -> String {
    let one = |c: char| match c {
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' => None,
        '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' => Some(' '),
        '\u{ff1d}' => Some('='),
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ff02}' => Some('"'),
        '\u{2018}' | '\u{2019}' | '\u{ff07}' => Some('\''),
        '\u{2010}'..='\u{2015}' | '\u{ff0d}' => Some('-'),
        c => Some(c),
    };
    text.chars().filter_map(one).collect()
}

/// Words between blanks; quotes hold together what is in them.
fn words(text: &str) -> Result<Vec<String>, CommandError> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            Some(_) | None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if quote.is_some() { Err(CommandError::UnclosedQuote) } else { Ok(words) }
}

/// The known word that somebody may have meant.
fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let likeness = |known: &&'static str| strsim::jaro_winkler(known, word);
    known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|it| likeness(it) > 0.8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn targets(instances: &[&str]) -> Targets {
        let instances = instances.iter().map(|id| InstanceId::parse(id).unwrap()).collect();
        Targets { instances, ..Targets::default() }
    }

    #[test]
    fn every_command_is_understood() {
        let one = || targets(&["rm-1"]);
        for (text, command) in [
            ("plan rm-1", Command::Plan(one())),
            ("PLAN rm-1", Command::Plan(one())),
            ("seal rm-1 rm-2 rm-1", Command::Seal(targets(&["rm-1", "rm-2"]))),
            ("encrypt rm-1", Command::Seal(one())),
            ("rm-1", Command::Seal(one())),
            ("/rds-seal rm-1", Command::Seal(one())),
            ("seal rm-1 dry_run=true", Command::Plan(one())),
            ("seal rm-1 dry_run=false", Command::Seal(one())),
            ("status rm-1", Command::Status(one())),
            ("confirm AQ-b_0", Command::Confirm(PlanToken("AQ-b_0".to_owned()))),
            ("help", Command::Help),
            ("", Command::Help),
            ("/rds-seal", Command::Help),
            ("whoami", Command::WhoAmI),
            ("version", Command::Version),
        ] {
            assert_eq!(Command::parse(text), Ok(command), "{text}");
        }
    }

    #[test]
    fn what_input_methods_put_in_is_undone() {
        let text = "\u{200b}seal\u{3000}rm-1\u{a0}region\u{ff1d}\u{201c}cn-hangzhou\u{201d} key='key-1'\u{feff}";
        let expected = Targets {
            region: Some(RegionId::parse("cn-hangzhou").unwrap()),
            key: Some(KeyId::parse("key-1").unwrap()),
            ..targets(&["rm-1"])
        };
        assert_eq!(Command::parse(text), Ok(Command::Seal(expected)));
    }

    #[test]
    fn what_is_wrong_is_said_and_nothing_is_acted_on() {
        let word = str::to_owned;
        for (text, error) in [
            ("paln rm-1", CommandError::UnknownCommand { word: word("paln"), near: Some("plan") }),
            ("drop everything", CommandError::UnknownCommand { word: word("drop"), near: None }),
            ("plan", CommandError::NoInstance("plan")),
            ("seal rm-1 rm-!", CommandError::BadInstance { word: word("rm-!") }),
            ("seal rm-1 regoin=x", CommandError::UnknownOption { word: word("regoin"), near: Some("region") }),
            ("seal rm-1 key=a key=b", CommandError::DoubledOption("key")),
            ("seal rm-1 dry_run=maybe", CommandError::BadDryRun),
            ("seal rm-1 account=12x", CommandError::BadAccount),
            ("seal rm-1 region=Nowhere", CommandError::BadRegion),
            ("seal \"rm-1", CommandError::UnclosedQuote),
            ("confirm", CommandError::NoToken),
            ("confirm a b", CommandError::Surplus("confirm")),
            ("help me", CommandError::Surplus("help")),
        ] {
            assert_eq!(Command::parse(text), Err(error), "{text}");
        }
        let eleven: Vec<String> = (0..11).map(|n| format!("rm-{n}")).collect();
        let too_many = Command::parse(&format!("plan {}", eleven.join(" ")));
        assert_eq!(too_many, Err(CommandError::TooManyInstances { limit: 10 }));
        assert_eq!(Command::parse(&"x".repeat(3000)), Err(CommandError::TooLong { limit: 2000 }));
        let Err(CommandError::UnknownCommand { word, .. }) = Command::parse(&"\u{1b}y".repeat(90)) else { panic!() };
        assert_eq!(word, "y".repeat(40), "what is shown is short and can be shown");
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_brings_it_down(text in ".{0,300}") {
            let _ = Command::parse(&text);
        }
    }
}
