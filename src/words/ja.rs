//! Japanese, as an engineer in Japan writes it: short, polite, the thing by its name, one instruction.

use super::{Headline, Label, Phrase, Subject, credentials};
use crate::kind::{Kind, NoAnswer};
use crate::outcome::{KeyProblem, NextStep, Prediction, ReadItem, Reason, Refusal, ServiceError, VerdictReason};
use crate::request::command::CommandError;
use crate::request::facts::Difference;

const ROLE: &str = "AliyunServiceRoleForRdsBackupEncryption";

pub(super) fn full_stop() -> &'static str {
    "。"
}

fn said(error: &ServiceError) -> String {
    super::Language::Ja.error(error)
}

/// The key between Japanese words, with a blank on the side where it is Latin.
fn key(about: Subject<'_>) -> String {
    about.key.map_or_else(|| " RDS が自動生成したキー".to_owned(), |key| format!("キー {key} "))
}

pub(super) fn reason(reason: &Reason, about: Subject<'_>) -> String {
    let Subject { instance, region, .. } = about;
    match reason {
        Reason::Accepted {} => format!(
            "{instance} のバックアップ暗号化を{}で有効化しました。\
             今後作成されるバックアップは暗号化されますが、既存のバックアップは暗号化されません。",
            key(about)
        ),
        Reason::AcceptedBefore {} => format!(
            "{instance} のバックアップ暗号化は有効です。\
             以前の試行で明確な応答が得られなかったため、おそらくその試行によるものです。\
             どのキーが使われているかを確認できる API はありません。"
        ),
        Reason::AlreadyOn {} => match about.key {
            Some(key) => format!(
                "{instance} のバックアップ暗号化はすでに有効でした。\
                 キー {key} が使われているかどうかを確認できる API はなく、キーは変更できません。"
            ),
            None => format!("{instance} のバックアップ暗号化はすでに有効でした。"),
        },
        Reason::Planned {} => "何も変更していません。".to_owned(),
        Reason::Test {} => "これはテストメッセージです。インスタンスの読み取りも変更も行っていません。".to_owned(),
        Reason::Unanswered { error } => format!(
            "{instance} のバックアップ暗号化は有効になった可能性があります。RDS から明確な応答がありませんでした。\
             {}リクエストを再送信しても安全です。",
            said(error)
        ),
        Reason::Service { error } => match error.kind {
            Kind::Throttled => format!("実行していません。RDS のレート制限を受けています。{}", said(error)),
            Kind::Unavailable | Kind::Ambiguous => format!("実行していません。RDS を利用できません。{}", said(error)),
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
            | Kind::Unknown => format!("実行していません。{}", said(error)),
        },
        Reason::InstanceBusy { status, error } => {
            format!("実行していません。インスタンスのステータスは {status} です。{}", said(error))
        }
        Reason::InstanceStopped { status } | Reason::InstanceGone { status } => {
            format!("実行していません。インスタンスのステータスは {status} です。")
        }
        Reason::NotVisibleYet { error } => format!(
            "実行していません。RDS で {instance} がまだ見つかりません。新しいインスタンスでは起こることがあります。{}",
            said(error)
        ),
        Reason::NotFound { error } => {
            format!("このアカウントの {region} に {instance} はありません。{}", said(error))
        }
        Reason::InAnotherRegion { found, error } => {
            format!("{instance} は {region} ではなく {found} にあります。{}", said(error))
        }
        Reason::Released { status, error } => {
            format!("インスタンスのステータスは {status} です。{}", said(error))
        }
        Reason::LooksUnsupported { error } => format!(
            "インスタンスは存在しますが、RDS はこのインスタンスのバックアップ暗号化に対応していないようです。{}",
            said(error)
        ),
        Reason::ClockOff { seconds, is_ahead, error } => {
            let side = if *is_ahead { "進んで" } else { "遅れて" };
            format!("このマシンの時計は RDS の時計より {seconds} 秒{side}います。{}", said(error))
        }
        Reason::Forbidden { error, .. } => format!("実行していません。必要な権限がありません。{}", said(error)),
        Reason::RoleMissing { error, .. } => format!("アカウントにロール {ROLE} がありません。{}", said(error)),
        Reason::KeyUnusable { key, problem, error } => {
            format!("キー {key} {}。{}", key_problem(problem), said(error))
        }
        Reason::CredentialsBroken { problem } => credentials::ja::problem(problem),
        Reason::CredentialsMissing {} => "署名に使う認証情報がありません。".to_owned(),
        Reason::CredentialsUnavailable { source, error, .. } => {
            format!("{}から認証情報を取得できませんでした。{}", credentials::ja::source(source), said(error))
        }
        Reason::TaskTooEarly { seconds } => {
            format!("タスクが {seconds} 秒早く届いたため、API は呼び出していません。")
        }
        Reason::HandedOver {} => {
            format!("{instance} のリクエストは worker に渡されました。worker が判定して実行します。")
        }
        Reason::NotHandedOver { may_be_queued: false } => {
            "実行されませんでした。worker のキューがリクエストを受け付けませんでした。".to_owned()
        }
        Reason::NotHandedOver { may_be_queued: true } => {
            "worker のキューから応答がありません。worker がリクエストを受け取った可能性があります。再送信しても安全です。".to_owned()
        }
        Reason::OffTheRecord {} => {
            "実行していません。監査ストリームに書き込めません。記録を残さずに変更することはありません。".to_owned()
        }
        Reason::GivenUp { hours, is_in_doubt, last } => {
            let doubt =
                if *is_in_doubt { "いずれかの試行で有効化された可能性があります。" } else { "" };
            format!("{hours} 時間で打ち切りました。{doubt}{}", super::Language::Ja.reason(last, about))
        }
        Reason::Refused(refusal_of) => refusal(refusal_of),
    }
}

pub(super) fn doubt() -> &'static str {
    "以前の試行で有効化された可能性があります。"
}

pub(super) fn dry_run(prediction: Prediction) -> &'static str {
    match prediction {
        Prediction::Enable => "ドライランです。enforce モードでは有効化されます。",
        Prediction::Wait => "ドライランです。enforce モードでは待機します。",
        Prediction::Cannot => "ドライランです。enforce モードでは失敗します。",
        Prediction::CannotTell => "ドライランです。enforce モードでどうなるかは不明です。",
    }
}

pub(super) fn prediction(prediction: Prediction) -> &'static str {
    match prediction {
        Prediction::Enable => "有効化されます",
        Prediction::Wait => "待機します",
        Prediction::Cannot => "有効化できません",
        Prediction::CannotTell => "不明です",
    }
}

pub(super) fn verdict_reason(reason: &VerdictReason, about: Subject<'_>) -> String {
    let Subject { instance, region, .. } = about;
    match reason {
        VerdictReason::Running {} => {
            format!("インスタンスは Running です。有効化には{}が使われます。", key(about))
        }
        VerdictReason::Busy { status } | VerdictReason::Gone { status } => {
            format!("インスタンスのステータスは {status} です。")
        }
        VerdictReason::Stopped { status } => {
            format!("インスタンスのステータスは {status} で、起動する必要があります。")
        }
        VerdictReason::NotVisibleYet {} => format!("RDS の {region} に {instance} はまだ表示されていません。"),
        VerdictReason::NotFound {} => format!("RDS の {region} に {instance} は見つかりません。"),
        VerdictReason::Unread { what, error, .. } => {
            format!("{}を読み取れませんでした。{}", read_item(*what), said(error))
        }
        VerdictReason::RegionUnsupported {} => {
            format!("RDS によると、{region} ではこのインスタンスのバックアップ暗号化を利用できません。")
        }
        VerdictReason::KeyUnusable { key, problem } => format!("キー {key} {}。", key_problem(problem)),
        VerdictReason::RoleMissing {} => format!("ロール {ROLE} がありません。"),
        VerdictReason::RoleWouldBeCreated {} => {
            format!("ロール {ROLE} がありません。enforce モードでは作成されます。")
        }
        VerdictReason::InAnotherRegion { found } => {
            format!("インスタンスは {region} ではなく {found} にあります。これを禁止するポリシーはありません。")
        }
        VerdictReason::ProbablyOn {} => "おそらくすでに有効です。最新のバックアップに暗号化情報があります。".to_owned(),
        VerdictReason::MayBeOn {} => {
            "すでに有効な可能性があります。有効かどうかを確認できる API はありません。".to_owned()
        }
        VerdictReason::OutsideTheGuide { difference: is } => format!(
            "Alibaba Cloud のガイドにこのインスタンスの記載はありません（{}）。可否は RDS が判断します。",
            difference(is)
        ),
        VerdictReason::Locked { lock_mode } => format!("インスタンスはロックされています（{lock_mode}）。"),
        VerdictReason::FirstBackup { at } => {
            format!("最初に暗号化されるバックアップは {at} のバックアップになります。")
        }
    }
}

fn read_item(item: ReadItem) -> &'static str {
    match item {
        ReadItem::Instance => "インスタンス",
        ReadItem::Tags => "タグ",
        ReadItem::RegionSupport => "リージョンがバックアップ暗号化に対応しているかどうか",
        ReadItem::Role => "ロールの有無",
        ReadItem::Key => "キー",
        ReadItem::NewestBackup => "最新のバックアップ",
        ReadItem::NextBackup => "次回のバックアップの日時",
    }
}

/// What follows the key's id, up to the full stop.
pub(super) fn key_problem(problem: &KeyProblem) -> String {
    match problem {
        KeyProblem::State { state } => format!("の状態は {state} です"),
        KeyProblem::Usage { usage } => format!("の用途は {usage} です"),
        KeyProblem::OtherRegion { region } => format!("は {region} にあります"),
        KeyProblem::Missing {} => "はこのリージョンとアカウントに存在しません".to_owned(),
    }
}

fn difference(difference: &Difference) -> String {
    match difference {
        Difference::Engine { engine } => format!("エンジン {engine}"),
        Difference::Edition { edition } => format!("エディション {edition}"),
        Difference::Storage { storage } => format!("ストレージ {storage}"),
    }
}

pub(super) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::AccountNotAllowed { account } => {
            format!("アカウント {account} は `policy.accounts` に含まれていません。")
        }
        Refusal::AccountUnknown {} => {
            "インスタンスのアカウントが不明ですが、`policy.accounts` でアカウントが制限されています。".to_owned()
        }
        Refusal::RegionNotAllowed { region } => {
            format!("リージョン {region} は `policy.regions` に含まれていません。")
        }
        Refusal::InstanceNotAllowed { instance } => {
            format!("{instance} は `policy.instances` に含まれていません。")
        }
        Refusal::TooManyAtOnce { asked, limit } => format!(
            "この配信は {asked} 件のインスタンスを指定していますが、`policy.max_per_invocation` は {limit} です。"
        ),
        Refusal::TooOld { happened_at, limit, .. } => {
            format!("イベントの時刻 {happened_at} は `policy.max_event_age`（{}）より古いです。", span(*limit))
        }
        Refusal::FromTheFuture { happened_at } => format!("イベントの日時 {happened_at} は未来の日時です。"),
        Refusal::TimeUnknown {} => {
            "イベントに時刻がありませんが、`policy.max_event_age` で経過時間が制限されています。".to_owned()
        }
        Refusal::EngineNotAllowed { engine } => {
            format!("エンジン {engine} は `policy.engines` に含まれていません。")
        }
        Refusal::EngineUnknown {} => {
            "RDS からエンジンの情報が得られませんが、`policy.engines` でエンジンが制限されています。".to_owned()
        }
        Refusal::ResourceGroupNotAllowed { group } => {
            format!("リソースグループ {group} は `policy.resource_groups` に含まれていません。")
        }
        Refusal::ResourceGroupUnknown {} => "RDS からリソースグループの情報が得られませんが、\
             `policy.resource_groups` でリソースグループが制限されています。"
            .to_owned(),
        Refusal::OutsideTheGuide { difference: is } => format!(
            "Alibaba Cloud のガイドにこのインスタンスの記載がなく（{}）、`policy.strict` が設定されています。",
            difference(is)
        ),
        Refusal::InstanceUnknown {} => {
            "インスタンスを読み取れませんでしたが、`[policy]` の判定にはインスタンスの情報が必要です。".to_owned()
        }
        Refusal::Exempt { tag } => format!("タグ {tag} により、インスタンスは対象外です。"),
        Refusal::ExemptUntil { last_day, .. } => format!("インスタンスは {last_day} まで対象外です。"),
        Refusal::ExemptionUnreadable { tag } => {
            format!("タグ {tag} によりインスタンスは対象外ですが、タグの値が日付ではありません。")
        }
        Refusal::TagsMissing { wanted } => {
            format!("インスタンスに `policy.include_tags` のタグ（{wanted}）が 1 つもありません。")
        }
        Refusal::TagsUnknown {} => {
            "タグを読み取れませんでしたが、`[policy]` の判定にはタグの情報が必要です。".to_owned()
        }
        Refusal::KeyNotAllowed { key } => {
            format!("リクエストで指定されたキー {key} は `key.allowed` に含まれていません。")
        }
        Refusal::KeyOfUnknownAccount { region } => {
            format!("{region} のキーはアカウントによって決まりますが、アカウントが不明です。")
        }
        Refusal::KeyRequired { region } => {
            format!("{region} のキーがなく、`key.required` により RDS が自動生成したキーは使用できません。")
        }
        Refusal::ForeignAccount { account, own } => {
            format!("インスタンスはアカウント {account} のものですが、認証情報はアカウント {own} のものです。")
        }
        Refusal::AccountNotComparable { account } => {
            format!("リクエストはアカウント {account} を指定していますが、認証情報のアカウントが不明です。")
        }
        Refusal::CredentialRevoked {} => "このリクエストの認証情報は、現在は設定にありません。".to_owned(),
        Refusal::CredentialAccount { account: Some(account) } => {
            format!("アカウント {account} は、この Webhook 認証情報の `accounts` に含まれていません。")
        }
        Refusal::CredentialAccount { account: None } => {
            "インスタンスのアカウントが不明ですが、この Webhook 認証情報でアカウントが制限されています。".to_owned()
        }
        Refusal::CredentialRegion { region } => {
            format!("リージョン {region} は、この Webhook 認証情報の `regions` に含まれていません。")
        }
        Refusal::NotGranted { command, .. } => {
            format!("このチャンネルで `{command}` を使うための許可（grant）がありません。")
        }
        Refusal::GrantAccount { account: Some(account) } => {
            format!("アカウント {account} は許可（grant）の範囲に含まれていません。")
        }
        Refusal::GrantAccount { account: None } => {
            "インスタンスのアカウントが不明ですが、許可（grant）でアカウントが制限されています。".to_owned()
        }
        Refusal::GrantRegion { region } => {
            format!("リージョン {region} は許可（grant）の範囲に含まれていません。")
        }
        Refusal::SealingOff {} => "このデプロイメントでは、チャットからの有効化は行いません。".to_owned(),
        Refusal::BodyNotSigned {} => {
            "このチャットはメッセージに署名しないため、送信者を検証できません。有効化は行いません。".to_owned()
        }
        Refusal::PlansOnly {} => "このデプロイメントはプランの作成のみを行います。有効化は行いません。".to_owned(),
        Refusal::SecondPersonNeeded {} => {
            "このプランの依頼者と同じ人は承認できません。別の人の承認が必要です。".to_owned()
        }
        Refusal::TokenInvalid {} => "この承認コードはこのチャットでは無効です。\
                                     改変されたか、途中で切れたか、別の場所で作成されたものです。"
            .to_owned(),
        Refusal::TokenExpired {} => "この承認コードは有効期限が切れています。".to_owned(),
        Refusal::KeyChanged {} => "プランの作成後にキーが変わったため、何も実行していません。".to_owned(),
        Refusal::InstanceChanged {} => {
            "プランの作成後にインスタンスまたはそのキーが変わったため、何も実行していません。".to_owned()
        }
        Refusal::NobodyTells {} => {
            "このチャットは後からの返信に対応しておらず、変更の結果を知らせる通知先もありません。".to_owned()
        }
        Refusal::RegionMismatch { found, asked } => {
            format!("インスタンスは {asked} ではなく {found} にあります。")
        }
        Refusal::OutOfReach { asked } => {
            format!("このセッションがアクセスできるのは {asked} のインスタンスのみで、このインスタンスは含まれません。")
        }
        Refusal::NotPrimary { instance_type } => format!(
            "これは {instance_type} インスタンスです。独自のバックアップを持つのはプライマリインスタンスのみです。"
        ),
    }
}

/// Seconds as people say them.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} 秒"),
        60..7200 => format!("{} 分", seconds / 60),
        7200..172_800 => format!("{} 時間", seconds / 3600),
        172_800.. => format!("{} 日", seconds / 86_400),
    }
}

pub(super) fn next_step(step: &NextStep) -> String {
    let fixed = match step {
        NextStep::Advice(error) => super::Language::Ja.advice(error),
        NextStep::WaitForRetry => "対応は不要です。自動的に再試行されます。",
        NextStep::RepeatUnlessSettled => {
            "後のレポートで結果が確定すれば対応は不要です。確定しない場合は、リクエストを再送信してください。"
        }
        NextStep::FixCredentialSource => "この認証情報の取得元を修正してください。ほかの取得元は試行されません。",
        NextStep::ProvideCredentials => {
            "関数にロールを設定するか、\
             ALIBABA_CLOUD_ACCESS_KEY_ID と ALIBABA_CLOUD_ACCESS_KEY_SECRET を設定してください。"
        }
        NextStep::TrustRole { action } => {
            return format!(
                "関数のロールに {action} を許可し、引き受けるロールの信頼ポリシーに関数のロール\
                （外部 ID を使う場合は外部 ID も）を記載してください。"
            );
        }
        NextStep::CheckQueueDelay => {
            "一度だけなら対応は不要です。頻繁に起こる場合は、キューが遅延時間を守っていません。"
        }
        NextStep::WaitForWorker => "対応は不要です。結果は worker が報告します。",
        NextStep::CheckWorker => {
            "同じリクエストをもう一度送信してください。再び拒否される場合は、door に worker を呼び出す権限があるか確認してください。"
        }
        NextStep::FixAndRepeat => "原因を解消してから、リクエストを再送信してください。再送信を繰り返しても安全です。",
        NextStep::StartInstance => "インスタンスを起動してから、リクエストを再送信してください。",
        NextStep::NothingToSeal => "対応は不要です。インスタンスは削除中か、すでにリリースされています。",
        NextStep::WaitForDelivery => "次の配信を待ってください。",
        NextStep::NameRegion { region } => {
            return format!("リージョン {region} を指定して、リクエストを再送信してください。");
        }
        NextStep::RemoveFromList => "このリクエストの発行元から、インスタンスを除外してください。",
        NextStep::CompareWithGuide => {
            "エンジン、エディション、ストレージを Alibaba Cloud のガイドと照合し、\
             一致しない場合はインスタンスを対象から外してください。"
        }
        NextStep::CheckIdRegionAccount => "インスタンス ID、リージョン、アカウントを確認してください。",
        NextStep::SetClock => "このマシンの時計を合わせてから、リクエストを再送信してください。",
        NextStep::AllowStatement { statement } => {
            return format!("署名に使うロールのポリシーに、次のステートメントを追加してください: `{statement}`");
        }
        NextStep::LiftDenial { action, policy } => {
            return format!("{action} を拒否しているステートメント（{policy}）を削除してください。");
        }
        NextStep::CheckSessionRegion { region } => {
            return format!(
                "リージョンを確認してください。このセッションがアクセスできるのは {region} のインスタンスのみです。"
            );
        }
        NextStep::AuthorizeAsAdministrator => {
            "管理者として AuthorizeBackupEncryption を呼び出してください。\
             現在のアイデンティティではロールを作成できませんでした。"
        }
        NextStep::Authorize => {
            "アカウントで AuthorizeBackupEncryption を一度呼び出すか、`authorize = true` を設定してください。"
        }
        NextStep::EnableKey => "キーを有効化するか、別のキーを選択してください。",
        NextStep::ChooseSymmetricKey => "ENCRYPT/DECRYPT 用の対称キーを選択してください。",
        NextStep::ChooseKeyOfRegion => "インスタンスと同じリージョンのキーを選択してください。",
        NextStep::CheckKey => "キーの ID、リージョン、アカウントを確認してください。",
        NextStep::ChooseOtherRegion => {
            "インスタンスを対象から外すか、バックアップ暗号化を利用できるリージョンに移行してください。"
        }
        NextStep::ProvideStandardOutput => "書き込み可能な標準出力をプロセスに用意してください。",
        NextStep::WidenPolicy => {
            "意図どおりであれば対応は不要です。そうでない場合は、`[policy]` のルールの範囲を広げてください。"
        }
        NextStep::GiveTime => "`time` を付けてイベントを送信するか、`policy.max_event_age` を削除してください。",
        NextStep::DropRule => "不足している情報をリクエストで指定するか、`[policy]` のルールを削除してください。",
        NextStep::RemoveExemption => "インスタンスを有効化の対象にしてよい場合は、タグを削除してください。",
        NextStep::WaitForExemption => "その日を過ぎてから再試行するか、タグを削除してください。",
        NextStep::WriteDate => "タグの値を 2027-01-31 のような日付にするか、タグを削除してください。",
        NextStep::DropOrAllowKey => {
            "キーの指定を省略して設定済みのキーを使うか、指定したキーを `key.allowed` に追加してください。"
        }
        NextStep::KeyWithoutAccount { region } => {
            return format!("`[key.default]` に、アカウントを指定しない {region} のキーを追加してください。");
        }
        NextStep::ConfigureKey { region } => {
            return format!(
                "`[key.default]` に {region} のキーを追加するか、`key.required = false` を設定してください。"
            );
        }
        NextStep::ConfigureRole => {
            "インスタンスを所有するアカウントに関数をデプロイするか、`accounts.role` を設定してください。"
        }
        NextStep::OmitAccount => "認証情報がそのアカウントのものである場合は、アカウントの指定を省略してください。",
        NextStep::UseOtherCredential => "設定済みの認証情報で、リクエストを再送信してください。",
        NextStep::WidenCredential => {
            "意図どおりであれば対応は不要です。\
             そうでない場合は、`[[doors.webhook]]` の認証情報の範囲を広げてください。"
        }
        NextStep::AskForGrant { ids } => {
            return format!("管理者に次の許可（grant）を依頼してください: `{ids}`");
        }
        NextStep::AskForWiderGrant => "許可（grant）の範囲を広げるよう管理者に依頼してください。",
        NextStep::SetSecret => "許可するには `secret` を設定してください。",
        NextStep::EncryptBodies => "ボットの本文暗号化を有効化してください。`plan` は本文暗号化なしでも使えます。",
        NextStep::UsePlan => "`plan` を使うか、`mode = \"enforce\"` の設定を管理者に依頼してください。",
        NextStep::LetSomebodyElseConfirm => {
            "`seal` の許可（grant）を持つ別の人に、同じ `confirm` コマンドの送信を依頼してください。"
        }
        NextStep::PlanAgain => "`seal <インスタンス>` を送信して、新しいプランを作成してください。",
        NextStep::ConfigureSink => "`enabled`、`failed`、`refused` を受け取る通知先の追加を管理者に依頼してください。",
        NextStep::NameActualRegion => "インスタンスがあるリージョンを指定してください。",
        NextStep::AskForPrimary => {
            "プライマリインスタンスで有効化する場合は、プライマリインスタンスを指定してください。"
        }
    };
    fixed.to_owned()
}

/// What to do about a kind of failure whose code is not known.
pub(super) fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::AlreadyEnabled => "対応は不要です。すでに有効で、キーは変更できません。",
        Kind::Throttled => "待ってください。呼び出しは間隔を空けて繰り返されます。",
        Kind::Unavailable | Kind::Ambiguous => "次の配信を待ってください。呼び出しを繰り返しても安全です。",
        Kind::NotReady => "インスタンスが Running になるまで待ってください。",
        Kind::Unsupported => {
            "このインスタンスを対象から外すか、クラス、バージョン、リージョンのいずれかを変更してください。"
        }
        Kind::NotFound => "インスタンス ID、リージョン、アカウントを確認してください。",
        Kind::KeyOrRole => "KMS キーとロール AliyunServiceRoleForRdsBackupEncryption を確認してください。",
        Kind::Forbidden => {
            "ロールの RAM ポリシーで、このインスタンスに対する rds:EnableBackupEncryption を許可してください。"
        }
        Kind::Unauthenticated => "関数のロールの認証情報と、時計を確認してください。",
        Kind::Account => "アカウントの未払いや不備を解消してから、リクエストを再送信してください。",
        Kind::InvalidRequest => "リクエストを確認し、正しい場合はリクエスト ID を添えてバグを報告してください。",
        Kind::Service => "リクエスト ID を添えて、Alibaba Cloud にチケットを起票してください。",
        Kind::Unknown => "Alibaba Cloud のエラーコード一覧でコードを調べてください。",
    }
}

pub(super) fn no_answer(why: &NoAnswer) -> String {
    let fixed = match why {
        NoAnswer::NotConnected { host } => return format!("{host} に接続できませんでした"),
        NoAnswer::NoTime => "呼び出しを開始する時間が残っていませんでした",
        NoAnswer::NoCredentials => "呼び出しの署名に使う認証情報がありません",
        NoAnswer::NotBuilt => "リクエストを組み立てられませんでした",
        NoAnswer::TimedOut => "時間内に応答がありませんでした",
        NoAnswer::Disconnected => "応答が届く前に接続が切れました",
        NoAnswer::Cut => "応答が途中で切れました",
        NoAnswer::TooLarge => "応答が大きすぎました",
        NoAnswer::Unreadable => "応答を読み取れませんでした",
        NoAnswer::NoCode => "応答にエラーコードがありません",
        NoAnswer::HttpStatus { status } => return format!("応答の HTTP ステータスは {status} です"),
        NoAnswer::OtherRequest => "応答は別のリクエストに対するものです",
        NoAnswer::NotListed => "RDS の一覧にインスタンスがありません",
        NoAnswer::EndlessList => "インスタンスの一覧が終わりません。同じページトークンが 2 回返されました",
        NoAnswer::RoleNotKnownYet => "ロールは作成されましたが、まだ全体に反映されていません",
        NoAnswer::OthersWait => "ほかの呼び出しが応答を待っています",
        NoAnswer::Gone => "取得元がなくなりました",
        NoAnswer::Expired => "受け取った時点で有効期限が切れていました。時計を確認してください",
        NoAnswer::NotEnded => "時間内に終了しませんでした",
        NoAnswer::NoSession => "セッションがありません",
    };
    fixed.to_owned()
}

pub(super) fn command_error(error: &CommandError) -> String {
    let hint = |near: Option<&str>| near.map(|near| format!("`{near}` のことですか。")).unwrap_or_default();
    match error {
        CommandError::TooLong { limit } => format!("コマンドが {limit} 文字を超えています。"),
        CommandError::UnclosedQuote => "引用符が閉じられていません。".to_owned(),
        CommandError::UnknownCommand { word, near } => {
            format!("「{word}」というコマンドはありません。{}", hint(*near))
        }
        CommandError::UnknownOption { word, near } => {
            format!("「{word}」というオプションはありません。{}", hint(*near))
        }
        CommandError::DoubledOption(name) => format!("`{name}=` が 2 回指定されています。"),
        CommandError::BadRegion => "`region=` の値が cn-hangzhou のようなリージョン ID ではありません。".to_owned(),
        CommandError::BadKey => {
            "`key=` の値が key-hzz62bb4a8d3j4qp9jo7g のような KMS キー ID ではありません。".to_owned()
        }
        CommandError::BadAccount => {
            "`account=` の値が 1234567890123456 のようなアカウント ID ではありません。".to_owned()
        }
        CommandError::BadDryRun => "`dry_run=` の値が true でも false でもありません。".to_owned(),
        CommandError::BadInstance { word } => {
            format!("「{word}」は rm-bp1q2w3e4r5t6y7u8 のような RDS インスタンス ID ではありません。")
        }
        CommandError::NoInstance(command) => {
            format!("`{command}` にはインスタンスが必要です: `{command} rm-…`。")
        }
        CommandError::TooManyInstances { limit } => {
            format!("インスタンスは {limit} 件以内で指定してください。")
        }
        CommandError::NoToken => "`confirm` には承認コードが必要です: `confirm <承認コード>`。".to_owned(),
        CommandError::Surplus(command) => format!("`{command}` にはこれ以上何も指定できません。"),
    }
}

pub(super) fn headline(headline: Headline) -> &'static str {
    match headline {
        Headline::Enabled => "バックアップ暗号化を有効化しました",
        Headline::ProbablyEnabled => "バックアップ暗号化は有効です（おそらく以前の試行によるもの）",
        Headline::AlreadyEnabled => "バックアップ暗号化はすでに有効でした",
        Headline::WouldEnable => "ドライラン: バックアップ暗号化は有効化されます",
        Headline::ProbablyOn => "ドライラン: バックアップ暗号化はおそらくすでに有効です",
        Headline::WouldWait => "ドライラン: バックアップ暗号化の有効化を待機します",
        Headline::CannotEnable => "バックアップ暗号化を有効化できません",
        Headline::CannotTell => "ドライラン: どうなるかは不明です",
        Headline::Refused => "バックアップ暗号化の有効化は拒否されました",
        Headline::Waiting => "バックアップ暗号化の有効化は待機中です",
        Headline::HandedOver => "処理中です",
        Headline::Failed => "バックアップ暗号化の有効化に失敗しました",
        Headline::FailedInDoubt => "バックアップ暗号化の有効化に失敗しました（以前の試行が成功した可能性があります）",
        Headline::Unknown => "バックアップ暗号化: 結果不明",
        Headline::Test => "rds-seal: テストメッセージ",
    }
}

pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Instance => "インスタンス",
        Label::Region => "リージョン",
        Label::Account => "アカウント",
        Label::Key => "キー",
        Label::AutomaticKey => "RDS が自動生成したキー",
        Label::Verdict => "判定",
        Label::Rule => "ルール",
        Label::Code => "コード",
        Label::RequestedBy => "依頼者",
        Label::ConfirmedBy => "承認者",
        Label::Trigger => "トリガー",
        Label::Status => "ステータス",
        Label::Engine => "エンジン",
        Label::NewestBackup => "最新のバックアップ",
        Label::NextBackup => "次回のバックアップ",
        Label::NextStep => "次のステップ",
        Label::Chat => "チャット",
        Label::Tenant => "テナント",
        Label::Channel => "チャンネル",
        Label::User => "ユーザー",
    }
}

pub(super) fn phrase(phrase: &Phrase<'_>) -> String {
    let fixed = match phrase {
        Phrase::Irreversible { instance, key } => {
            return format!(
                "この操作は取り消せません。\
                 {instance} のバックアップ暗号化（{key}）は、有効化すると無効に戻せず、キーも変更できません。"
            );
        }
        Phrase::IrreversibleShort => "この操作は取り消せず、キーも変更できません。",
        Phrase::TokenExpires { at } => return format!("有効期限は {at} です。"),
        Phrase::SomebodyElseConfirms => "別の人の承認が必要です。",
        Phrase::PressOrSend => "続行するには、ボタンを押すか、次の内容を送信してください:",
        Phrase::Send => "続行するには、次の内容を送信してください:",
        Phrase::ConfirmLabel => "有効化する",
        Phrase::Cancel => "キャンセル",
        Phrase::OpenConsole => "コンソールを開く",
        Phrase::SecretsUnread => "現在、このデプロイのシークレットを読み取れません。1 分後に再試行してください。",
        Phrase::Unpublished { sinks } => {
            return format!(
                "このレポートは通知先 {sinks} に届かず、自動では再送されません。関係者に伝えるか、\
                 `rds-seal replay` で監査ストリームから再送してください。"
            );
        }
        Phrase::Unrecorded => {
            "このレポートは記録されていません。監査ストリームに書き込めません。内容を関係者に伝えてください。"
        }
        Phrase::Report { id } => return format!("レポート {id}"),
        Phrase::RequestId { id } => return format!("リクエスト ID {id}"),
        Phrase::RetryAt { at } => return format!("{at} に再試行"),
        Phrase::AnswerComesHere { until } => return format!("遅くとも {until} までに、結果をここに返信します。"),
        Phrase::SinksTell { sinks, until } => return format!("遅くとも {until} までに、{sinks} が結果を通知します。"),
        Phrase::ConfirmAgain => "同じ `confirm` をもう一度送信してください。繰り返しても安全です。",
        Phrase::AskAgain => "1 分後に同じコマンドをもう一度送信してください。繰り返しても安全です。",
        Phrase::StatusTitle => "インスタンスのステータス",
        Phrase::BackupNamesEncryption { at } => return format!("{at}（暗号化情報あり）"),
        Phrase::BackupNamesNone { at } => return format!("{at}（暗号化情報なし）"),
        Phrase::Instances { count } => return format!("{count} 件のインスタンス"),
        Phrase::DigestLine { instance, region, message } => return format!("`{instance}`（{region}）: {message}"),
        Phrase::NeedAttention { count, total, first, next_step } => {
            return format!("{total} 件中 {count} 件に対応が必要です。まず `{first}` に対応してください。{next_step}");
        }
        Phrase::AndMore { count } => return format!("ほか {count} 件"),
        Phrase::SealOneForToken => {
            "承認コードを取得するには、いずれか 1 つについて `seal <インスタンス>` を送信してください。"
        }
        Phrase::Help { can_seal } => {
            let seal = if *can_seal {
                "`seal <インスタンス>`: 1 件のプランを作成し、承認コードを取得（承認すると取り消せません）\n\
                 `confirm <承認コード>`: 有効化\n"
            } else {
                ""
            };
            return format!(
                "`plan <インスタンス>…`: 何が起こるかとその理由\n`status <インスタンス>…`: 現在の状態\n{seal}\
                 `whoami`: 許可（grant）に使う自分の ID\n`version`\n\n\
                 オプション: `region=cn-hangzhou` `key=key-…` `account=1234567890123456`\n\
                 例: `plan rm-bp1q2w3e4r5t6y7u8 region=cn-hangzhou`"
            );
        }
        Phrase::WhoAmITitle => "ここでのあなたの ID",
        Phrase::WhoAmI => "管理者が許可（grant）を設定するには、これらの ID が必要です。",
        Phrase::Version { version } => return format!("バージョンは {version} です。"),
        Phrase::NotUnderstood => "解釈できませんでした",
        Phrase::NothingDoneSeeHelp => "何も実行していません。コマンドの一覧を見るには `help` を送信してください。",
        Phrase::WhichRegion => "どのリージョンですか",
        Phrase::RegionUnknown => "インスタンスのリージョンが不明です。",
        Phrase::NameRegion => "`region=cn-hangzhou` のように指定してください。",
        Phrase::NotAllowed => "許可されていません",
        Phrase::TokenNotValid => "承認コードが無効です",
        Phrase::PlanExpired => "承認コードの有効期限が切れています",
        Phrase::NotHere => "ここでは使えません",
        Phrase::PlansOnly => "プランのみ",
        Phrase::Test => "これはテストメッセージです。インスタンスの読み取りも変更も行っていません。",
    };
    fixed.to_owned()
}
