//! English, as an engineer writes it at night: present tense, active, the thing by its name, one instruction.

use super::{Headline, Label, Phrase, Subject};
use crate::kind::{Kind, NoAnswer};
use crate::outcome::{KeyProblem, NextStep, Prediction, ReadItem, Reason, Refusal, ServiceError, VerdictReason};
use crate::request::command::CommandError;
use crate::request::facts::Difference;

const ROLE: &str = "AliyunServiceRoleForRdsBackupEncryption";

pub(super) fn full_stop() -> &'static str {
    "."
}

fn said(error: &ServiceError) -> String {
    super::Language::En.error(error)
}

fn key(about: Subject<'_>) -> String {
    about.key.map_or_else(|| "RDS's automatic key".to_owned(), |key| format!("key {key}"))
}

pub(super) fn reason(reason: &Reason, about: Subject<'_>) -> String {
    let Subject { instance, region, .. } = about;
    match reason {
        Reason::Accepted {} => format!(
            "Backup encryption of {instance} is on, with {}. Backups made from now on are encrypted; older ones are not.",
            key(about)
        ),
        Reason::AcceptedBefore {} => format!(
            "Backup encryption of {instance} is on. An earlier attempt got no clear answer, so that attempt probably turned it on; no API \
             tells which key is in use."
        ),
        Reason::AlreadyOn {} => match about.key {
            Some(key) => format!(
                "Backup encryption of {instance} was already on. No API tells whether it uses key {key}, and the key cannot \
                 be changed."
            ),
            None => format!("Backup encryption of {instance} was already on."),
        },
        Reason::Planned {} => "Nothing was changed.".to_owned(),
        Reason::Test {} => "This is a test message. No instance was read or changed.".to_owned(),
        Reason::Unanswered { error } => format!(
            "Backup encryption of {instance} may be on: RDS did not answer clearly. {} Sending the request again is safe.",
            said(error)
        ),
        Reason::Service { error } => match error.kind {
            Kind::Throttled => format!("Not done: RDS is rate-limiting us. {}", said(error)),
            Kind::Unavailable | Kind::Ambiguous => format!("Not done: RDS is not available. {}", said(error)),
            Kind::AlreadyEnabled
            | Kind::NotReady
            | Kind::Unsupported
            | Kind::NotFound
            | Kind::KeyOrRole
            | Kind::Forbidden
            | Kind::Unauthenticated
            | Kind::Account
            | Kind::InvalidRequest
            | Kind::Service
            | Kind::Unknown => format!("Not done. {}", said(error)),
        },
        Reason::InstanceBusy { status, error } => {
            format!("Not done: the instance is {status}. {}", said(error))
        }
        Reason::InstanceStopped { status } | Reason::InstanceGone { status } => {
            format!("Not done: the instance is {status}.")
        }
        Reason::NotVisibleYet { error } => {
            format!("Not done: RDS does not find {instance} yet, as happens with new instances. {}", said(error))
        }
        Reason::NotFound { error } => {
            format!("There is no {instance} in {region} in this account. {}", said(error))
        }
        Reason::InAnotherRegion { found, error } => {
            format!("{instance} is in {found}, not in {region}. {}", said(error))
        }
        Reason::Released { status, error } => format!("The instance is {status}. {}", said(error)),
        Reason::LooksUnsupported { error } => {
            format!("The instance exists, but RDS seems not to support backup encryption for it. {}", said(error))
        }
        Reason::ClockOff { seconds, is_ahead, error } => {
            let side = if *is_ahead { "ahead of" } else { "behind" };
            format!("This machine's clock is {seconds} s {side} RDS's. {}", said(error))
        }
        Reason::Forbidden { error, .. } => format!("Not done: a permission is missing. {}", said(error)),
        Reason::RoleMissing { error, .. } => format!("The account lacks the role {ROLE}. {}", said(error)),
        Reason::KeyUnusable { key, problem, error } => {
            format!("Key {key} {}. {}", key_problem(problem), said(error))
        }
        Reason::CredentialsBroken { problem } => problem.to_string(),
        Reason::CredentialsMissing {} => "There are no credentials to sign with.".to_owned(),
        Reason::CredentialsUnavailable { source, error, .. } => {
            format!("No credentials from {source}. {}", said(error))
        }
        Reason::TaskTooEarly { seconds } => format!("The task came {seconds} s early, so nothing was called."),
        Reason::HandedOver {} => {
            format!("The request for {instance} is with the worker, which judges it and carries it out.")
        }
        Reason::NotHandedOver { may_be_queued: false } => {
            "Not done: the worker's queue did not take the request.".to_owned()
        }
        Reason::NotHandedOver { may_be_queued: true } => {
            "The worker's queue did not answer: the worker may have the request. Sending it again is safe.".to_owned()
        }
        Reason::OffTheRecord {} => {
            "Not done: the audit stream cannot be written to, and nothing is changed off the record.".to_owned()
        }
        Reason::GivenUp { hours, is_in_doubt, last } => {
            let doubt = if *is_in_doubt { " An attempt may have turned it on." } else { "" };
            format!("Given up after {hours} h.{doubt} {}", super::Language::En.reason(last, about))
        }
        Reason::Refused(refusal_of) => refusal(refusal_of),
    }
}

pub(super) fn doubt() -> &'static str {
    "An earlier attempt may have turned it on."
}

pub(super) fn dry_run(prediction: Prediction) -> &'static str {
    match prediction {
        Prediction::Enable => "Dry run. In enforce mode this would turn it on.",
        Prediction::Wait => "Dry run. In enforce mode this would wait.",
        Prediction::Cannot => "Dry run. In enforce mode this would fail.",
        Prediction::CannotTell => "Dry run. What enforce mode would do is not known.",
    }
}

pub(super) fn prediction(prediction: Prediction) -> &'static str {
    match prediction {
        Prediction::Enable => "would be turned on",
        Prediction::Wait => "would wait",
        Prediction::Cannot => "cannot be turned on",
        Prediction::CannotTell => "not known",
    }
}

pub(super) fn verdict_reason(reason: &VerdictReason, about: Subject<'_>) -> String {
    let Subject { instance, region, .. } = about;
    match reason {
        VerdictReason::Running {} => format!("The instance is Running; {} would be used.", key(about)),
        VerdictReason::Busy { status } | VerdictReason::Gone { status } => format!("The instance is {status}."),
        VerdictReason::Stopped { status } => format!("The instance is {status} and has to be started."),
        VerdictReason::NotVisibleYet {} => format!("RDS does not show {instance} in {region} yet."),
        VerdictReason::NotFound {} => format!("RDS does not find {instance} in {region}."),
        VerdictReason::Unread { what, error, .. } => {
            format!("{} could not be read. {}", read_item(*what), said(error))
        }
        VerdictReason::RegionUnsupported {} => {
            format!("RDS says that {region} has no backup encryption for this instance.")
        }
        VerdictReason::KeyUnusable { key, problem } => format!("Key {key} {}.", key_problem(problem)),
        VerdictReason::RoleMissing {} => format!("The role {ROLE} is missing."),
        VerdictReason::RoleWouldBeCreated {} => format!("The role {ROLE} is missing and would be created."),
        VerdictReason::InAnotherRegion { found } => {
            format!("The instance is in {found}, not in {region}; no policy forbids this.")
        }
        VerdictReason::ProbablyOn {} => {
            "It is probably on already: the newest backup has encryption information.".to_owned()
        }
        VerdictReason::MayBeOn {} => "It may already be on: no API reports this.".to_owned(),
        VerdictReason::OutsideTheGuide { difference: is } => {
            format!("The vendor's guide does not name this instance ({}); RDS decides.", difference(is))
        }
        VerdictReason::Locked { lock_mode } => format!("The instance is locked: {lock_mode}."),
        VerdictReason::FirstBackup { at } => format!("The first encrypted backup would be the one at {at}."),
    }
}

fn read_item(item: ReadItem) -> &'static str {
    match item {
        ReadItem::Instance => "The instance",
        ReadItem::Tags => "The tags",
        ReadItem::RegionSupport => "Whether the region has backup encryption",
        ReadItem::Role => "Whether the role exists",
        ReadItem::Key => "The key",
        ReadItem::NewestBackup => "The newest backup",
        ReadItem::NextBackup => "The time of the next backup",
    }
}

pub(super) fn key_problem(problem: &KeyProblem) -> String {
    match problem {
        KeyProblem::State { state } => format!("is {state}"),
        KeyProblem::Usage { usage } => format!("is for {usage}"),
        KeyProblem::OtherRegion { region } => format!("is in {region}"),
        KeyProblem::Missing {} => "does not exist in this region and account".to_owned(),
    }
}

fn difference(difference: &Difference) -> String {
    match difference {
        Difference::Engine { engine } => format!("engine {engine}"),
        Difference::Edition { edition } => format!("edition {edition}"),
        Difference::Storage { storage } => format!("storage {storage}"),
    }
}

pub(super) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::AccountNotAllowed { account } => format!("Account {account} is not in `policy.accounts`."),
        Refusal::AccountUnknown {} => {
            "The account of the instance is not known, and `policy.accounts` limits accounts.".to_owned()
        }
        Refusal::RegionNotAllowed { region } => format!("Region {region} is not in `policy.regions`."),
        Refusal::InstanceNotAllowed { instance } => format!("{instance} is not in `policy.instances`."),
        Refusal::TooManyAtOnce { asked, limit } => {
            format!("The delivery names {asked} instances; `policy.max_per_invocation` is {limit}.")
        }
        Refusal::TooOld { happened_at, limit, .. } => {
            format!("The event of {happened_at} is older than `policy.max_event_age` ({}).", span(*limit))
        }
        Refusal::FromTheFuture { happened_at } => format!("The event's time, {happened_at}, is in the future."),
        Refusal::TimeUnknown {} => "The event has no time, and `policy.max_event_age` limits its age.".to_owned(),
        Refusal::EngineNotAllowed { engine } => format!("Engine {engine} is not in `policy.engines`."),
        Refusal::EngineUnknown {} => "RDS does not tell the engine, and `policy.engines` limits engines.".to_owned(),
        Refusal::ResourceGroupNotAllowed { group } => {
            format!("Resource group {group} is not in `policy.resource_groups`.")
        }
        Refusal::ResourceGroupUnknown {} => {
            "RDS does not tell the resource group, and `policy.resource_groups` limits groups.".to_owned()
        }
        Refusal::OutsideTheGuide { difference: is } => {
            format!("The vendor's guide does not name this instance ({}), and `policy.strict` is set.", difference(is))
        }
        Refusal::InstanceUnknown {} => "The instance could not be read, and `[policy]` depends on it.".to_owned(),
        Refusal::Exempt { tag } => format!("The tag {tag} exempts the instance."),
        Refusal::ExemptUntil { last_day, .. } => format!("The instance is exempt until {last_day}."),
        Refusal::ExemptionUnreadable { tag } => {
            format!("The tag {tag} exempts the instance, but its value is not a date.")
        }
        Refusal::TagsMissing { wanted } => {
            format!("The instance has none of the tags in `policy.include_tags`: {wanted}.")
        }
        Refusal::TagsUnknown {} => "The tags could not be read, and `[policy]` depends on them.".to_owned(),
        Refusal::KeyNotAllowed { key } => format!("The request names key {key}, which is not in `key.allowed`."),
        Refusal::KeyOfUnknownAccount { region } => {
            format!("The key for {region} depends on the account, which is not known.")
        }
        Refusal::KeyRequired { region } => {
            format!("There is no key for {region}, and `key.required` forbids RDS's automatic key.")
        }
        Refusal::ForeignAccount { account, own } => {
            format!("The instance belongs to account {account}; the credentials belong to account {own}.")
        }
        Refusal::AccountNotComparable { account } => {
            format!("The request names account {account}; the account of the credentials is not known.")
        }
        Refusal::CredentialRevoked {} => "The credential of this request is no longer configured.".to_owned(),
        Refusal::CredentialAccount { account: Some(account) } => {
            format!("Account {account} is not in this webhook credential's `accounts`.")
        }
        Refusal::CredentialAccount { account: None } => {
            "The account of the instance is not known, and this webhook credential limits accounts.".to_owned()
        }
        Refusal::CredentialRegion { region } => {
            format!("Region {region} is not in this webhook credential's `regions`.")
        }
        Refusal::NotGranted { command, .. } => format!("You have no grant for `{command}` in this channel."),
        Refusal::GrantAccount { account: Some(account) } => format!("Your grant does not cover account {account}."),
        Refusal::GrantAccount { account: None } => {
            "The account of the instance is not known, and your grant limits accounts.".to_owned()
        }
        Refusal::GrantRegion { region } => format!("Your grant does not cover region {region}."),
        Refusal::SealingOff {} => "This deployment does not seal from a chat.".to_owned(),
        Refusal::BodyNotSigned {} => {
            "This chat does not sign its messages, so the sender cannot be verified and nothing is sealed.".to_owned()
        }
        Refusal::PlansOnly {} => "This deployment only plans; it seals nothing.".to_owned(),
        Refusal::SecondPersonNeeded {} => "You requested this plan, so somebody else has to confirm it.".to_owned(),
        Refusal::TokenInvalid {} => {
            "This confirmation code is not valid in this chat: it was changed, cut short or made elsewhere.".to_owned()
        }
        Refusal::TokenExpired {} => "This confirmation code has expired.".to_owned(),
        Refusal::KeyChanged {} => "The key has changed since the plan, so nothing was done.".to_owned(),
        Refusal::InstanceChanged {} => {
            "The instance or its key has changed since the plan, so nothing was done.".to_owned()
        }
        Refusal::NobodyTells {} => {
            "This chat takes no answer that comes late, and no sink would tell how the change ends.".to_owned()
        }
        Refusal::RegionMismatch { found, asked } => format!("The instance is in {found}, not in {asked}."),
        Refusal::OutOfReach { asked } => {
            format!("The session only reaches instances of {asked}, and this one is not among them.")
        }
        Refusal::NotPrimary { instance_type } => {
            format!("This is a {instance_type} instance; only primary instances have backups of their own.")
        }
    }
}

/// Seconds as people say them.
fn span(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

pub(super) fn next_step(step: &NextStep) -> String {
    let fixed = match step {
        NextStep::Advice(error) => super::Language::En.advice(error),
        NextStep::WaitForRetry => "Nothing to do: it is tried again automatically.",
        NextStep::RepeatUnlessSettled => {
            "Nothing to do if a later report settles it; otherwise send the request again."
        }
        NextStep::FixCredentialSource => "Fix this source of credentials: no other one is tried.",
        NextStep::ProvideCredentials => {
            "Give the function a role, or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET."
        }
        NextStep::TrustRole { action } => {
            return format!(
                "Allow {action} for the function's role, and name that role (and the external id, if one is used) in the \
                 trust policy of the role it assumes."
            );
        }
        NextStep::CheckQueueDelay => {
            "If it happens once, ignore it; if it happens often, check the delay of the queue."
        }
        NextStep::WaitForWorker => "Nothing to do: the worker reports how it ends.",
        NextStep::CheckWorker => {
            "Send the same request again; if it is refused again, check that the door may invoke its worker."
        }
        NextStep::FixAndRepeat => "Fix the cause, then send the request again: repeating it is safe.",
        NextStep::StartInstance => "Start the instance, then send the request again.",
        NextStep::NothingToSeal => "Nothing to do: the instance is being deleted or has been released.",
        NextStep::WaitForDelivery => "Wait for the next delivery.",
        NextStep::NameRegion { region } => return format!("Send the request again with region {region}."),
        NextStep::RemoveFromList => "Remove the instance from whatever requests this.",
        NextStep::CompareWithGuide => {
            "Compare engine, edition and storage with the vendor's guide; leave the instance out if they do not match."
        }
        NextStep::CheckIdRegionAccount => "Check the instance id, the region and the account.",
        NextStep::SetClock => "Set this machine's clock, then send the request again.",
        NextStep::AllowStatement { statement } => {
            return format!("Add this statement to a policy of the role that signs: `{statement}`");
        }
        NextStep::LiftDenial { action, policy } => {
            return format!("Remove the statement that denies {action} ({policy}).");
        }
        NextStep::CheckSessionRegion { region } => {
            return format!("Check the region: the session only reaches instances of {region}.");
        }
        NextStep::AuthorizeAsAdministrator => {
            "Call AuthorizeBackupEncryption as an administrator: this identity could not create the role."
        }
        NextStep::Authorize => "Call AuthorizeBackupEncryption once for the account, or set `authorize = true`.",
        NextStep::EnableKey => "Enable the key, or choose another.",
        NextStep::ChooseSymmetricKey => "Choose a symmetric key for ENCRYPT/DECRYPT.",
        NextStep::ChooseKeyOfRegion => "Choose a key in the instance's region.",
        NextStep::CheckKey => "Check the key's id, region and account.",
        NextStep::ChooseOtherRegion => "Leave the instance out, or move it to a region that has backup encryption.",
        NextStep::ProvideStandardOutput => "Give the process a standard output that can be written to.",
        NextStep::WidenPolicy => "Nothing to do if this is intended; otherwise widen the rule under `[policy]`.",
        NextStep::GiveTime => "Send the event with its `time`, or remove `policy.max_event_age`.",
        NextStep::DropRule => "Name what is missing in the request, or remove the rule under `[policy]`.",
        NextStep::RemoveExemption => "Remove the tag when the instance may be sealed.",
        NextStep::WaitForExemption => "Try again after that day, or remove the tag.",
        NextStep::WriteDate => "Set the tag to a date such as 2027-01-31, or remove it.",
        NextStep::DropOrAllowKey => "Leave the key out to use the configured one, or add it to `key.allowed`.",
        NextStep::KeyWithoutAccount { region } => {
            return format!("Add a key for {region} without an account under `[key.default]`.");
        }
        NextStep::ConfigureKey { region } => {
            return format!("Add a key for {region} under `[key.default]`, or set `key.required = false`.");
        }
        NextStep::ConfigureRole => {
            "Deploy the function in the account that owns the instance, or configure `accounts.role`."
        }
        NextStep::OmitAccount => "Leave the account out if the credentials belong to it.",
        NextStep::UseOtherCredential => "Send the request again under a credential that is configured.",
        NextStep::WidenCredential => {
            "Nothing to do if this is intended; otherwise widen the credential under `[[doors.webhook]]`."
        }
        NextStep::AskForGrant { ids } => return format!("Ask an administrator for this grant: `{ids}`"),
        NextStep::AskForWiderGrant => "Ask an administrator to widen your grant.",
        NextStep::SetSecret => "Set `secret` to allow it.",
        NextStep::EncryptBodies => "Turn on body encryption for the robot; `plan` works without it.",
        NextStep::UsePlan => "Use `plan`, or ask an administrator to set `mode = \"enforce\"`.",
        NextStep::LetSomebodyElseConfirm => {
            "Ask another person with a `seal` grant to send the same `confirm` command."
        }
        NextStep::PlanAgain => "Send `seal <instance>` for a new plan.",
        NextStep::ConfigureSink => "Ask an administrator for a sink that hears of `enabled`, `failed` and `refused`.",
        NextStep::NameActualRegion => "Name the region the instance is in.",
        NextStep::AskForPrimary => "Name the primary instance if you mean to seal it.",
    };
    fixed.to_owned()
}

/// What to do about a kind of failure whose code is not known.
pub(super) fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::AlreadyEnabled => "Nothing to do: it is on, and its key cannot be changed.",
        Kind::Throttled => "Wait: the call is repeated with pauses.",
        Kind::Unavailable | Kind::Ambiguous => "Wait for the next delivery: repeating the call is safe.",
        Kind::NotReady => "Wait until the instance is Running.",
        Kind::Unsupported => "Leave this instance out, or change its class, version or region.",
        Kind::NotFound => "Check the instance id, the region and the account.",
        Kind::KeyOrRole => "Check the KMS key and the role AliyunServiceRoleForRdsBackupEncryption.",
        Kind::Forbidden => "Allow rds:EnableBackupEncryption on this instance in the role's RAM policy.",
        Kind::Unauthenticated => "Check the credentials of the function's role, and the clock.",
        Kind::Account => "Pay what the account owes or complete what it lacks, then send the request again.",
        Kind::InvalidRequest => "Check the request; if it is right, report a bug with the request id.",
        Kind::Service => "Open a ticket with the vendor and give the request id.",
        Kind::Unknown => "Look the code up in the vendor's list of error codes.",
    }
}

pub(super) fn no_answer(why: &NoAnswer) -> String {
    why.to_string()
}

pub(super) fn command_error(error: &CommandError) -> String {
    let hint = |near: Option<&str>| near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
    match error {
        CommandError::TooLong { limit } => format!("The command is longer than {limit} characters."),
        CommandError::UnclosedQuote => "A quote is not closed.".to_owned(),
        CommandError::UnknownCommand { word, near } => format!("Unknown command \"{word}\".{}", hint(*near)),
        CommandError::UnknownOption { word, near } => format!("Unknown option \"{word}\".{}", hint(*near)),
        CommandError::DoubledOption(name) => format!("`{name}=` is given twice."),
        CommandError::BadRegion => "`region=` is not a region id, such as cn-hangzhou.".to_owned(),
        CommandError::BadKey => "`key=` is not a KMS key id, such as key-hzz62bb4a8d3j4qp9jo7g.".to_owned(),
        CommandError::BadAccount => "`account=` is not an account id, such as 1234567890123456.".to_owned(),
        CommandError::BadDryRun => "`dry_run=` is neither true nor false.".to_owned(),
        CommandError::BadInstance { word } => {
            format!("\"{word}\" is not an RDS instance id, such as rm-bp1q2w3e4r5t6y7u8.")
        }
        CommandError::NoInstance(command) => format!("`{command}` needs an instance: `{command} rm-…`."),
        CommandError::TooManyInstances { limit } => format!("Name at most {limit} instances."),
        CommandError::NoToken => "`confirm` needs a confirmation code: `confirm <code>`.".to_owned(),
        CommandError::Surplus(command) => format!("`{command}` takes nothing more."),
    }
}

pub(super) fn headline(headline: Headline) -> &'static str {
    match headline {
        Headline::Enabled => "Backup encryption enabled",
        Headline::ProbablyEnabled => "Backup encryption is on, probably by an earlier attempt",
        Headline::AlreadyEnabled => "Backup encryption was already on",
        Headline::WouldEnable => "Dry run: backup encryption would be turned on",
        Headline::ProbablyOn => "Dry run: backup encryption is probably on already",
        Headline::WouldWait => "Dry run: turning it on would have to wait",
        Headline::CannotEnable => "Backup encryption cannot be turned on",
        Headline::CannotTell => "Dry run: what would happen is not known",
        Headline::Refused => "Backup encryption refused",
        Headline::Waiting => "Backup encryption waiting",
        Headline::HandedOver => "Working on it",
        Headline::Failed => "Backup encryption failed",
        Headline::FailedInDoubt => "Backup encryption failed; an earlier attempt may have worked",
        Headline::Unknown => "Backup encryption: outcome unknown",
        Headline::Test => "rds-seal: test message",
    }
}

pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Instance => "Instance",
        Label::Region => "Region",
        Label::Account => "Account",
        Label::Key => "Key",
        Label::AutomaticKey => "RDS's automatic key",
        Label::Verdict => "Verdict",
        Label::Rule => "Rule",
        Label::Code => "Code",
        Label::RequestedBy => "Requested by",
        Label::ConfirmedBy => "Confirmed by",
        Label::Trigger => "Trigger",
        Label::Status => "Status",
        Label::Engine => "Engine",
        Label::NewestBackup => "Newest backup",
        Label::NextBackup => "Next backup",
        Label::NextStep => "Next step",
        Label::Chat => "Chat",
        Label::Tenant => "Tenant",
        Label::Channel => "Channel",
        Label::User => "User",
    }
}

pub(super) fn phrase(phrase: &Phrase<'_>) -> String {
    let fixed = match phrase {
        Phrase::Irreversible { instance, key } => {
            return format!(
                "This cannot be undone: backup encryption of {instance} ({key}) cannot be turned off again, and the key \
                 cannot be changed."
            );
        }
        Phrase::IrreversibleShort => "This cannot be undone, and the key cannot be changed.",
        Phrase::TokenExpires { at } => return format!("Valid until {at}."),
        Phrase::SomebodyElseConfirms => "Somebody else has to confirm.",
        Phrase::PressOrSend => "To go ahead, press the button or send:",
        Phrase::Send => "To go ahead, send:",
        Phrase::ConfirmLabel => "Turn it on",
        Phrase::Cancel => "Cancel",
        Phrase::OpenConsole => "Open the console",
        Phrase::SecretsUnread => "The secrets of this deployment cannot be read now. Try again in a minute.",
        Phrase::Unpublished { sinks } => {
            return format!(
                "This report did not reach {sinks}, and nothing sends it again: tell its readers, or resend it from the \
                 audit stream with `rds-seal replay`."
            );
        }
        Phrase::Unrecorded => "This report is not on record: the audit stream takes no lines. Pass it on.",
        Phrase::Report { id } => return format!("report {id}"),
        Phrase::RequestId { id } => return format!("request {id}"),
        Phrase::RetryAt { at } => return format!("tried again at {at}"),
        Phrase::AnswerComesHere { until } => return format!("The answer comes here, by {until} at the latest."),
        Phrase::SinksTell { sinks, until } => return format!("{sinks} tells how it ends, by {until} at the latest."),
        Phrase::ConfirmAgain => "Send the same `confirm` again: repeating it is safe.",
        Phrase::AskAgain => "Send the same command again in a minute: repeating it is safe.",
        Phrase::StatusTitle => "Status of the instance",
        Phrase::BackupNamesEncryption { at } => return format!("{at}, with encryption information"),
        Phrase::BackupNamesNone { at } => return format!("{at}, without encryption information"),
        Phrase::Instances { count } => return format!("{count} instances"),
        Phrase::DigestLine { instance, region, message } => return format!("`{instance}` ({region}): {message}"),
        Phrase::NeedAttention { count, total, first, next_step } => {
            let need = if *count == 1 { "needs" } else { "need" };
            return format!("{count} of {total} {need} attention. Start with `{first}`: {next_step}");
        }
        Phrase::AndMore { count } => return format!("and {count} more"),
        Phrase::SealOneForToken => "Send `seal <instance>` for one of them to get a confirmation code.",
        Phrase::Help { can_seal } => {
            let seal = if *can_seal {
                "`seal <instance>`: plan one instance and get a confirmation code (irreversible once confirmed)\n\
                 `confirm <code>`: turn it on\n"
            } else {
                ""
            };
            return format!(
                "`plan <instance>…`: what would happen, and why\n`status <instance>…`: current state\n{seal}`whoami`: your \
                 ids, for a grant\n`version`\n\nOptions: `region=cn-hangzhou` `key=key-…` \
                 `account=1234567890123456`\nExample: `plan rm-bp1q2w3e4r5t6y7u8 region=cn-hangzhou`"
            );
        }
        Phrase::WhoAmITitle => "Who you are here",
        Phrase::WhoAmI => "An administrator needs these ids for a grant.",
        Phrase::Version { version } => return format!("Version {version}."),
        Phrase::NotUnderstood => "Not understood",
        Phrase::NothingDoneSeeHelp => "Nothing was done. Send `help` for a list of commands.",
        Phrase::WhichRegion => "Which region?",
        Phrase::RegionUnknown => "The region of the instance is not known.",
        Phrase::NameRegion => "Name it, like `region=cn-hangzhou`.",
        Phrase::NotAllowed => "Not allowed",
        Phrase::TokenNotValid => "Confirmation code not valid",
        Phrase::PlanExpired => "Confirmation code expired",
        Phrase::NotHere => "Not here",
        Phrase::PlansOnly => "Plans only",
        Phrase::Test => "This is a test message. No instance was read or changed.",
    };
    fixed.to_owned()
}
