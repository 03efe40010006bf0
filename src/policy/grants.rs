//! Who may command what in which chat. Deny by default: without a grant there is nothing but `help`, `whoami` and
//! `version`.

use std::collections::BTreeSet;

use crate::outcome::Refusal;
use crate::request::command::CommandName;
use crate::request::ids::{AccountId, RegionId, printable};
use crate::request::pattern::Pattern;

/// A person in a chat, by the chat's own ids. Names are never identity: they can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub chat: &'static str,
    pub tenant: String,
    pub channel: String,
    pub user: String,
}

/// `[[grants]]`.
#[derive(Debug, Clone)]
pub struct Grant {
    pub chat: String,
    pub tenant: String,
    /// Ids, or `*` alone for every channel of the tenant.
    pub channels: BTreeSet<String>,
    /// Ids, or `*` alone for everybody in those channels.
    pub users: BTreeSet<String>,
    pub commands: BTreeSet<CommandName>,
    pub accounts: Vec<Pattern>,
    pub regions: Vec<Pattern>,
    /// Somebody else than who asked has to confirm.
    pub second_person: bool,
}

impl Grant {
    pub(super) fn limits_accounts(&self) -> bool {
        Pattern::limit(&self.accounts)
    }

    fn names(&self, person: &Person) -> bool {
        self.names_somewhere(person) && holds(&self.channels, &person.channel)
    }

    /// In whatever channel.
    fn names_somewhere(&self, person: &Person) -> bool {
        self.chat == person.chat && self.tenant == person.tenant && holds(&self.users, &person.user)
    }

    fn reaches_account(&self, account: Option<&AccountId>) -> bool {
        Pattern::any(&self.accounts, account.map_or("", AccountId::as_str))
    }

    fn reaches_region(&self, region: &RegionId) -> bool {
        Pattern::any(&self.regions, region.as_str())
    }
}

fn holds(ids: &BTreeSet<String>, id: &str) -> bool {
    ids.contains(id) || ids.contains("*")
}

/// The grants by which a person may give a command at all.
pub fn granted<'g>(grants: &'g [Grant], person: &Person, command: CommandName) -> Result<Vec<&'g Grant>, Refusal> {
    let granted: Vec<&Grant> =
        grants.iter().filter(|grant| grant.names(person) && grant.commands.contains(&command)).collect();
    if !granted.is_empty() {
        return Ok(granted);
    }
    let Person { chat, tenant, channel, user } = person;
    let ids = format!(
        "chat = \"{chat}\", tenant = \"{}\", channels = [\"{}\"], users = [\"{}\"]",
        printable(tenant),
        printable(channel),
        printable(user)
    );
    Err(Refusal::NotGranted { command: command.as_str().to_owned(), ids })
}

/// Whether some grant reaches an instance's account and region. Whether it really is in that region is looked at later.
pub fn reaching(granted: &[&Grant], account: Option<&AccountId>, region: &RegionId) -> Result<(), Refusal> {
    let mut of_account = granted.iter().filter(|grant| grant.reaches_account(account)).peekable();
    if of_account.peek().is_none() {
        return Err(Refusal::GrantAccount { account: account.cloned() });
    }
    if of_account.any(|grant| grant.reaches_region(region)) {
        return Ok(());
    }
    Err(Refusal::GrantRegion { region: region.clone() })
}

/// Whether somebody else than who asked has to confirm: where any grant that names the person and reaches the instance says
/// so, in whatever channel. Else four eyes would be two in the next channel.
pub fn needs_second_person(grants: &[Grant], person: &Person, account: Option<&AccountId>, region: &RegionId) -> bool {
    grants.iter().any(|grant| {
        grant.second_person
            && grant.names_somewhere(person)
            && grant.reaches_account(account)
            && grant.reaches_region(region)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant {
            chat: "slack".to_owned(),
            tenant: "T1".to_owned(),
            channels: ["C1".to_owned()].into(),
            users: ["U1".to_owned()].into(),
            commands: [CommandName::Plan, CommandName::Seal].into(),
            accounts: vec![Pattern::new("*")],
            regions: vec![Pattern::new("cn-*")],
            second_person: false,
        }
    }

    fn person() -> Person {
        Person { chat: "slack", tenant: "T1".to_owned(), channel: "C1".to_owned(), user: "U1".to_owned() }
    }

    #[test]
    fn a_person_is_who_every_id_says() {
        let is_granted = |person: &Person, command| granted(&[grant()], person, command).is_ok();
        assert!(is_granted(&person(), CommandName::Seal));
        assert!(!is_granted(&person(), CommandName::Status), "a command that is not listed");
        for other in [
            Person { chat: "teams", ..person() },
            Person { tenant: "T2".to_owned(), ..person() },
            Person { channel: "C2".to_owned(), ..person() },
            Person { user: "U2".to_owned(), ..person() },
            Person { user: "*".to_owned(), ..person() },
        ] {
            assert!(!is_granted(&other, CommandName::Seal), "{other:?}");
        }
        assert!(granted(&[], &person(), CommandName::Plan).is_err(), "no grant, no command");
    }

    #[test]
    fn a_stranger_is_told_which_ids_an_administrator_needs() {
        let refusal = granted(&[], &person(), CommandName::Seal).unwrap_err();
        let Refusal::NotGranted { ids, .. } = refusal else { panic!("{refusal:?}") };
        assert!(ids.contains(r#"tenant = "T1", channels = ["C1"], users = ["U1"]"#), "{ids}");
    }

    #[test]
    fn a_grant_reaches_its_accounts_and_regions_only() {
        let account = AccountId::parse("1234567890123456").unwrap();
        let region = |text| RegionId::parse(text).unwrap();
        let own = Grant { accounts: vec![Pattern::new("1234567890123456")], ..grant() };
        assert!(reaching(&[&own], Some(&account), &region("cn-hangzhou")).is_ok());
        let name = |result: Result<(), Refusal>| result.unwrap_err().rule();
        assert_eq!(name(reaching(&[&own], Some(&account), &region("eu-central-1"))), "grant-regions");
        assert_eq!(name(reaching(&[&own], None, &region("cn-hangzhou"))), "grant-accounts");
        let everywhere = Grant { regions: vec![Pattern::new("*")], accounts: vec![Pattern::new("999*")], ..grant() };
        let mixed = reaching(&[&own, &everywhere], Some(&account), &region("eu-central-1"));
        assert_eq!(name(mixed), "grant-regions", "two halves make no whole");
    }

    #[test]
    fn the_strictest_grant_decides_in_any_order_and_in_whatever_channel() {
        let account = AccountId::parse("1234567890123456").unwrap();
        let region = RegionId::parse("cn-hangzhou").unwrap();
        let strict = Grant { second_person: true, ..grant() };
        let anywhere = Grant { channels: ["*".to_owned()].into(), ..grant() };
        let in_c2 = Person { channel: "C2".to_owned(), ..person() };
        let is_needed =
            |grants: &[Grant], person: &Person| needs_second_person(grants, person, Some(&account), &region);
        for both in [[anywhere.clone(), strict.clone()], [strict.clone(), anywhere.clone()]] {
            assert!(is_needed(&both, &person()));
            assert!(is_needed(&both, &in_c2), "the next channel is no way around it");
            assert!(!is_needed(&both, &Person { user: "U2".to_owned(), ..person() }), "it names somebody else");
        }
        let elsewhere = Grant { regions: vec![Pattern::new("eu-*")], ..strict };
        assert!(!is_needed(&[anywhere, elsewhere], &in_c2), "it does not reach the instance");
    }
}
