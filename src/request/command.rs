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

use super::ids::{AccountId, InstanceId, KeyId, RegionId};

/// More than this is not typed by a person.
const MAX_CHARS: usize = 2000;

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

/// Why nothing was understood. Names what is known, and never repeats what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandError {
    TooLong,
    UnclosedQuote,
    UnknownCommand { near: Option<&'static str> },
    UnknownOption { near: Option<&'static str> },
    DoubledOption(&'static str),
    BadOption { name: &'static str, why: String },
    BadInstance(String),
    NoInstance(&'static str),
    TooManyInstances,
    NoToken,
    Surplus(&'static str),
}

const WORDS: [&str; 8] = ["plan", "seal", "status", "encrypt", "confirm", "help", "whoami", "version"];
const OPTIONS: [&str; 4] = ["region", "key", "account", "dry_run"];

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hint = |near: Option<&str>| near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
        match self {
            Self::TooLong => write!(f, "The command is longer than {MAX_CHARS} characters."),
            Self::UnclosedQuote => f.write_str("A quote is opened and never closed."),
            Self::UnknownCommand { near } => write!(f, "The first word is no command.{}", hint(*near)),
            Self::UnknownOption { near } => write!(f, "An option is not known.{}", hint(*near)),
            Self::DoubledOption(name) => write!(f, "`{name}=` is given twice."),
            Self::BadOption { name, why } => write!(f, "The value of `{name}=` is {why}."),
            Self::BadInstance(why) => write!(f, "A word is {why}."),
            Self::NoInstance(command) => write!(f, "`{command}` needs an instance: `{command} rm-…`."),
            Self::TooManyInstances => write!(f, "More than {MAX_INSTANCES} instances are asked for at once."),
            Self::NoToken => f.write_str("`confirm` needs the token of a plan: `confirm <token>`."),
            Self::Surplus(command) => write!(f, "`{command}` takes nothing more."),
        }
    }
}

impl Command {
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        if text.chars().count() > MAX_CHARS {
            return Err(CommandError::TooLong);
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
            other => Err(CommandError::UnknownCommand { near: nearest(other, &WORDS) }),
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
                let instance =
                    InstanceId::parse(word).map_err(|invalid| CommandError::BadInstance(invalid.to_string()))?;
                if !targets.instances.contains(&instance) {
                    targets.instances.push(instance);
                }
                continue;
            };
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "region" => set("region", &mut targets.region, value, RegionId::parse)?,
                "key" => set("key", &mut targets.key, value, KeyId::parse)?,
                "account" => set("account", &mut targets.account, value, AccountId::parse)?,
                "dry_run" => set("dry_run", &mut dry_run, value, yes_or_no)?,
                other => return Err(CommandError::UnknownOption { near: nearest(other, &OPTIONS) }),
            }
        }
        match targets.instances.len() {
            0 => Err(CommandError::NoInstance(command)),
            1..=MAX_INSTANCES => Ok((targets, dry_run == Some(true))),
            _ => Err(CommandError::TooManyInstances),
        }
    }
}

fn set<T, E: fmt::Display>(
    name: &'static str,
    place: &mut Option<T>,
    value: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<(), CommandError> {
    let value = parse(value).map_err(|why| CommandError::BadOption { name, why: why.to_string() })?;
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(CommandError::DoubledOption(name)),
    }
}

fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" => Ok(true),
        "false" | "no" => Ok(false),
        _ => Err("neither true nor false"),
    }
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

    fn misread(text: &str) -> String {
        Command::parse(text).unwrap_err().to_string()
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
            ("confirm abc.def", Command::Confirm(PlanToken("abc.def".to_owned()))),
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
        for (text, sentence) in [
            ("paln rm-1", "The first word is no command. Did you mean `plan`?"),
            ("drop everything", "The first word is no command."),
            ("plan", "`plan` needs an instance: `plan rm-…`."),
            ("seal rm-1 rm-!", "A word is not an RDS instance id: write one like rm-bp1q2w3e4r5t6y7u8."),
            ("seal rm-1 regoin=cn-hangzhou", "An option is not known. Did you mean `region`?"),
            ("seal rm-1 key=a key=b", "`key=` is given twice."),
            ("seal rm-1 dry_run=maybe", "The value of `dry_run=` is neither true nor false."),
            (
                "seal rm-1 account=12x",
                "The value of `account=` is not an account id: write its digits, like 1234567890123456.",
            ),
            ("seal \"rm-1", "A quote is opened and never closed."),
            ("confirm", "`confirm` needs the token of a plan: `confirm <token>`."),
            ("confirm a b", "`confirm` takes nothing more."),
            ("help me", "`help` takes nothing more."),
            (
                "plan rm-1 rm-2 rm-3 rm-4 rm-5 rm-6 rm-7 rm-8 rm-9 rm-10 rm-11",
                "More than 10 instances are asked for at once.",
            ),
        ] {
            assert_eq!(misread(text), sentence, "{text}");
        }
        assert_eq!(misread(&"x".repeat(3000)), "The command is longer than 2000 characters.");
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_brings_it_down(text in ".{0,300}") {
            let _ = Command::parse(&text);
        }
    }
}
