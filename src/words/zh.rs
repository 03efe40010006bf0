//! Simplified Chinese, as an engineer in China writes it: short, active, the thing by its name, one instruction.

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
    super::Language::Zh.error(error)
}

/// It begins with a Chinese word, so no blank goes before it.
fn key(about: Subject<'_>) -> String {
    about.key.map_or_else(|| "由 RDS 自动生成的密钥".to_owned(), |key| format!("密钥 {key}"))
}

pub(super) fn reason(reason: &Reason, about: Subject<'_>) -> String {
    let Subject { instance, region, .. } = about;
    match reason {
        Reason::Accepted {} => {
            format!("{instance} 的备份加密已开启，使用{}。此后生成的备份会加密，存量备份不会加密。", key(about))
        }
        Reason::AcceptedBefore {} => format!(
            "{instance} 的备份加密已开启。我们此前有一次尝试未得到明确答复，很可能就是那次开启的；\
             没有 API 能查询使用的是哪个密钥。"
        ),
        Reason::AlreadyOn {} => match about.key {
            Some(key) => {
                format!("{instance} 的备份加密此前已开启。没有 API 能查询它是否使用密钥 {key}，且密钥无法修改。")
            }
            None => format!("{instance} 的备份加密此前已开启。"),
        },
        Reason::Planned {} => "未做任何更改。".to_owned(),
        Reason::Test {} => "这是一条测试消息。未读取或更改任何实例。".to_owned(),
        Reason::Unanswered { error } => {
            format!("{instance} 的备份加密可能已开启：RDS 未给出明确答复。{}重新发送请求是安全的。", said(error))
        }
        Reason::Service { error } => match error.kind {
            Kind::Throttled => format!("未执行：请求被 RDS 限流。{}", said(error)),
            Kind::Unavailable | Kind::Ambiguous => format!("未执行：RDS 不可用。{}", said(error)),
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
            | Kind::Unknown => format!("未执行。{}", said(error)),
        },
        Reason::InstanceBusy { status, error } => {
            format!("未执行：实例状态为 {status}。{}", said(error))
        }
        Reason::InstanceStopped { status } | Reason::InstanceGone { status } => {
            format!("未执行：实例状态为 {status}。")
        }
        Reason::NotVisibleYet { error } => {
            format!("未执行：RDS 暂时找不到 {instance}，新实例会有这种情况。{}", said(error))
        }
        Reason::NotFound { error } => {
            format!("当前账号在 {region} 没有实例 {instance}。{}", said(error))
        }
        Reason::InAnotherRegion { found, error } => {
            format!("{instance} 位于 {found}，而非 {region}。{}", said(error))
        }
        Reason::Released { status, error } => format!("实例状态为 {status}。{}", said(error)),
        Reason::LooksUnsupported { error } => {
            format!("实例存在，但 RDS 似乎不支持为其开启备份加密。{}", said(error))
        }
        Reason::ClockOff { seconds, is_ahead, error } => {
            let side = if *is_ahead { "快" } else { "慢" };
            format!("本机时钟比 RDS {side} {seconds} 秒。{}", said(error))
        }
        Reason::Forbidden { error, .. } => format!("未执行：缺少权限。{}", said(error)),
        Reason::RoleMissing { error, .. } => format!("账号缺少角色 {ROLE}。{}", said(error)),
        Reason::KeyUnusable { key, problem, error } => {
            format!("密钥 {key} {}。{}", key_problem(problem), said(error))
        }
        Reason::CredentialsBroken { problem } => credentials::zh::problem(problem),
        Reason::CredentialsMissing {} => "没有可用于签名的凭证。".to_owned(),
        Reason::CredentialsUnavailable { source, error, .. } => {
            format!("未能从{}获取凭证。{}", credentials::zh::source(source), said(error))
        }
        Reason::TaskTooEarly { seconds } => format!("任务提前 {seconds} 秒到达，因此未发起任何调用。"),
        Reason::HandedOver {} => format!("{instance} 的请求已交给 worker，由它判断并执行。"),
        Reason::NotHandedOver { may_be_queued: false } => "未执行：worker 的队列没有接收该请求。".to_owned(),
        Reason::NotHandedOver { may_be_queued: true } => {
            "worker 的队列没有应答：worker 可能已收到该请求。重复发送是安全的。".to_owned()
        }
        Reason::OffTheRecord {} => "未执行：审计流无法写入；不留审计记录，就不做任何更改。".to_owned(),
        Reason::GivenUp { hours, is_in_doubt, last } => {
            let doubt = if *is_in_doubt { "某次尝试可能已开启备份加密。" } else { "" };
            format!("已放弃（等待超过 {hours} 小时）。{doubt}{}", super::Language::Zh.reason(last, about))
        }
        Reason::Refused(refusal_of) => refusal(refusal_of),
    }
}

pub(super) fn doubt() -> &'static str {
    "此前的某次尝试可能已开启备份加密。"
}

pub(super) fn dry_run(prediction: Prediction) -> &'static str {
    match prediction {
        Prediction::Enable => "试运行。enforce 模式下会开启备份加密。",
        Prediction::Wait => "试运行。enforce 模式下会等待。",
        Prediction::Cannot => "试运行。enforce 模式下会失败。",
        Prediction::CannotTell => "试运行。无法判断 enforce 模式下会如何。",
    }
}

pub(super) fn prediction(prediction: Prediction) -> &'static str {
    match prediction {
        Prediction::Enable => "会开启",
        Prediction::Wait => "会等待",
        Prediction::Cannot => "无法开启",
        Prediction::CannotTell => "无法判断",
    }
}

pub(super) fn verdict_reason(reason: &VerdictReason, about: Subject<'_>) -> String {
    let Subject { instance, region, .. } = about;
    match reason {
        VerdictReason::Running {} => format!("实例状态为 Running；会使用{}。", key(about)),
        VerdictReason::Busy { status } | VerdictReason::Gone { status } => format!("实例状态为 {status}。"),
        VerdictReason::Stopped { status } => format!("实例状态为 {status}，需要先启动。"),
        VerdictReason::NotVisibleYet {} => format!("RDS 在 {region} 暂时查不到 {instance}。"),
        VerdictReason::NotFound {} => format!("RDS 在 {region} 找不到 {instance}。"),
        VerdictReason::Unread { what, error, .. } => {
            format!("未能查询{}。{}", read_item(*what), said(error))
        }
        VerdictReason::RegionUnsupported {} => {
            format!("RDS 返回：{region} 不支持为该实例开启备份加密。")
        }
        VerdictReason::KeyUnusable { key, problem } => format!("密钥 {key} {}。", key_problem(problem)),
        VerdictReason::RoleMissing {} => format!("缺少角色 {ROLE}。"),
        VerdictReason::RoleWouldBeCreated {} => format!("缺少角色 {ROLE}，届时会创建。"),
        VerdictReason::InAnotherRegion { found } => {
            format!("实例位于 {found}，而非 {region}；没有策略禁止这种情况。")
        }
        VerdictReason::ProbablyOn {} => "备份加密很可能已开启：最新备份带有加密信息。".to_owned(),
        VerdictReason::MayBeOn {} => "备份加密可能已开启：没有 API 能查询。".to_owned(),
        VerdictReason::OutsideTheGuide { difference: is } => {
            format!("阿里云文档未列出这类实例（{}）；能否开启由 RDS 决定。", difference(is))
        }
        VerdictReason::Locked { lock_mode } => format!("实例已锁定：{lock_mode}。"),
        VerdictReason::FirstBackup { at } => format!("第一个加密的备份会是 {at} 的备份。"),
    }
}

/// What could not be queried, after the verb.
fn read_item(item: ReadItem) -> &'static str {
    match item {
        ReadItem::Instance => "实例",
        ReadItem::Tags => "标签",
        ReadItem::RegionSupport => "该地域是否支持备份加密",
        ReadItem::Role => "角色是否存在",
        ReadItem::Key => "密钥",
        ReadItem::NewestBackup => "最新备份",
        ReadItem::NextBackup => "下次备份时间",
    }
}

pub(super) fn key_problem(problem: &KeyProblem) -> String {
    match problem {
        KeyProblem::State { state } => format!("的状态为 {state}"),
        KeyProblem::Usage { usage } => format!("的用途为 {usage}"),
        KeyProblem::OtherRegion { region } => format!("位于 {region}"),
        KeyProblem::Missing {} => "在该地域和账号下不存在".to_owned(),
    }
}

fn difference(difference: &Difference) -> String {
    match difference {
        Difference::Engine { engine } => format!("引擎 {engine}"),
        Difference::Edition { edition } => format!("系列 {edition}"),
        Difference::Storage { storage } => format!("存储类型 {storage}"),
    }
}

pub(super) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::AccountNotAllowed { account } => format!("账号 {account} 不在 `policy.accounts` 中。"),
        Refusal::AccountUnknown {} => "实例所属账号未知，而 `policy.accounts` 限制了账号。".to_owned(),
        Refusal::RegionNotAllowed { region } => format!("地域 {region} 不在 `policy.regions` 中。"),
        Refusal::InstanceNotAllowed { instance } => format!("{instance} 不在 `policy.instances` 中。"),
        Refusal::TooManyAtOnce { asked, limit } => {
            format!("本次投递包含 {asked} 个实例；`policy.max_per_invocation` 为 {limit}。")
        }
        Refusal::TooOld { happened_at, limit, .. } => {
            format!("事件发生于 {happened_at}，早于 `policy.max_event_age`（{}）允许的时间。", span(*limit))
        }
        Refusal::FromTheFuture { happened_at } => format!("事件时间 {happened_at} 晚于当前时间。"),
        Refusal::TimeUnknown {} => "事件没有时间，而 `policy.max_event_age` 限制了事件的时效。".to_owned(),
        Refusal::EngineNotAllowed { engine } => format!("引擎 {engine} 不在 `policy.engines` 中。"),
        Refusal::EngineUnknown {} => "RDS 未返回引擎，而 `policy.engines` 限制了引擎。".to_owned(),
        Refusal::ResourceGroupNotAllowed { group } => {
            format!("资源组 {group} 不在 `policy.resource_groups` 中。")
        }
        Refusal::ResourceGroupUnknown {} => "RDS 未返回资源组，而 `policy.resource_groups` 限制了资源组。".to_owned(),
        Refusal::OutsideTheGuide { difference: is } => {
            format!("阿里云文档未列出这类实例（{}），而 `policy.strict` 已启用。", difference(is))
        }
        Refusal::InstanceUnknown {} => "未能查询实例，而 `[policy]` 依赖实例信息。".to_owned(),
        Refusal::Exempt { tag } => format!("标签 {tag} 豁免了该实例。"),
        Refusal::ExemptUntil { last_day, .. } => format!("该实例豁免至 {last_day}。"),
        Refusal::ExemptionUnreadable { tag } => {
            format!("标签 {tag} 豁免了该实例，但标签值不是日期。")
        }
        Refusal::TagsMissing { wanted } => {
            format!("该实例没有 `policy.include_tags` 中的任何标签：{wanted}。")
        }
        Refusal::TagsUnknown {} => "未能查询标签，而 `[policy]` 依赖标签。".to_owned(),
        Refusal::KeyNotAllowed { key } => format!("请求指定了密钥 {key}，但它不在 `key.allowed` 中。"),
        Refusal::KeyOfUnknownAccount { region } => {
            format!("{region} 的密钥取决于账号，而账号未知。")
        }
        Refusal::KeyRequired { region } => {
            format!("没有为 {region} 配置密钥，而 `key.required` 禁止使用 RDS 自动生成的密钥。")
        }
        Refusal::ForeignAccount { account, own } => {
            format!("实例属于账号 {account}；凭证属于账号 {own}。")
        }
        Refusal::AccountNotComparable { account } => {
            format!("请求指定了账号 {account}；凭证所属账号未知。")
        }
        Refusal::CredentialRevoked {} => "该请求的凭证已不在配置中。".to_owned(),
        Refusal::CredentialAccount { account: Some(account) } => {
            format!("账号 {account} 不在该 Webhook 凭证的 `accounts` 中。")
        }
        Refusal::CredentialAccount { account: None } => "实例所属账号未知，而该 Webhook 凭证限制了账号。".to_owned(),
        Refusal::CredentialRegion { region } => {
            format!("地域 {region} 不在该 Webhook 凭证的 `regions` 中。")
        }
        Refusal::NotGranted { command, .. } => format!("您在此频道没有 `{command}` 的授权。"),
        Refusal::GrantAccount { account: Some(account) } => format!("您的授权不包含账号 {account}。"),
        Refusal::GrantAccount { account: None } => "实例所属账号未知，而您的授权限制了账号。".to_owned(),
        Refusal::GrantRegion { region } => format!("您的授权不包含地域 {region}。"),
        Refusal::SealingOff {} => "当前部署不允许从聊天中开启备份加密。".to_owned(),
        Refusal::BodyNotSigned {} => "此聊天平台不对消息签名，无法验证发送者，因此不会开启备份加密。".to_owned(),
        Refusal::PlansOnly {} => "当前部署只生成计划，不会开启备份加密。".to_owned(),
        Refusal::SecondPersonNeeded {} => "此计划由您发起，须由其他人确认。".to_owned(),
        Refusal::TokenInvalid {} => "此确认码在此聊天中无效：它被改动过、被截断，或在别处生成。".to_owned(),
        Refusal::TokenExpired {} => "此确认码已过期。".to_owned(),
        Refusal::KeyChanged {} => "生成计划后密钥有变更，因此未执行任何操作。".to_owned(),
        Refusal::InstanceChanged {} => "生成计划后实例或其密钥有变更，因此未执行任何操作。".to_owned(),
        Refusal::NobodyTells {} => "此聊天不支持延迟回复，也没有通知渠道会告知更改的结果。".to_owned(),
        Refusal::RegionMismatch { found, asked } => format!("实例位于 {found}，而非 {asked}。"),
        Refusal::OutOfReach { asked } => {
            format!("会话只能访问 {asked} 的实例，该实例不在其中。")
        }
        Refusal::NotPrimary { instance_type } => {
            format!("这是 {instance_type} 实例；只有主实例有自己的备份。")
        }
    }
}

/// Seconds as people say them.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} 秒"),
        60..7200 => format!("{} 分钟", seconds / 60),
        7200..172_800 => format!("{} 小时", seconds / 3600),
        172_800.. => format!("{} 天", seconds / 86_400),
    }
}

pub(super) fn next_step(step: &NextStep) -> String {
    let fixed = match step {
        NextStep::Advice(error) => super::Language::Zh.advice(error),
        NextStep::WaitForRetry => "无需操作：系统会自动重试。",
        NextStep::RepeatUnlessSettled => "如果后续报告给出了结果，无需操作；否则请重新发送请求。",
        NextStep::FixCredentialSource => "修复此凭证来源：系统不会尝试其他来源。",
        NextStep::ProvideCredentials => {
            "为函数配置角色，或设置 ALIBABA_CLOUD_ACCESS_KEY_ID 和 ALIBABA_CLOUD_ACCESS_KEY_SECRET。"
        }
        NextStep::TrustRole { action } => {
            return format!(
                "允许函数的角色执行 {action}，并在它要扮演的角色的信任策略中填写函数的角色\
                 （如果使用外部 ID，也要填写）。"
            );
        }
        NextStep::CheckQueueDelay => "偶尔一次无需操作；如果经常出现，说明队列没有遵守延迟时间。",
        NextStep::WaitForWorker => "无需操作：worker 会报告结果。",
        NextStep::CheckWorker => "请重新发送同一请求；如仍被拒绝，请检查 door 是否有权调用 worker。",
        NextStep::FixAndRepeat => "排除原因，然后重新发送请求：重复发送是安全的。",
        NextStep::StartInstance => "启动实例，然后重新发送请求。",
        NextStep::NothingToSeal => "无需操作：实例正在删除或已释放。",
        NextStep::WaitForDelivery => "等待下一次投递。",
        NextStep::NameRegion { region } => return format!("将地域指定为 {region}，重新发送请求。"),
        NextStep::RemoveFromList => "从发起此请求的来源中移除该实例。",
        NextStep::CompareWithGuide => "对照阿里云文档核对引擎、系列和存储类型；如果不符，请排除该实例。",
        NextStep::CheckIdRegionAccount => "检查实例 ID、地域和账号。",
        NextStep::SetClock => "校准本机时钟，然后重新发送请求。",
        NextStep::AllowStatement { statement } => {
            return format!("在用于签名的角色的权限策略中添加以下语句：`{statement}`");
        }
        NextStep::LiftDenial { action, policy } => {
            return format!("移除拒绝 {action} 的语句（{policy}）。");
        }
        NextStep::CheckSessionRegion { region } => {
            return format!("检查地域：会话只能访问 {region} 的实例。");
        }
        NextStep::AuthorizeAsAdministrator => "以管理员身份调用 AuthorizeBackupEncryption：当前身份未能创建该角色。",
        NextStep::Authorize => "为该账号调用一次 AuthorizeBackupEncryption，或设置 `authorize = true`。",
        NextStep::EnableKey => "启用该密钥，或选择其他密钥。",
        NextStep::ChooseSymmetricKey => "选择用途为 ENCRYPT/DECRYPT 的对称密钥。",
        NextStep::ChooseKeyOfRegion => "选择实例所在地域的密钥。",
        NextStep::CheckKey => "检查密钥的 ID、地域和账号。",
        NextStep::ChooseOtherRegion => "排除该实例，或将其迁移到支持备份加密的地域。",
        NextStep::ProvideStandardOutput => "为进程提供可写的标准输出。",
        NextStep::WidenPolicy => "如果符合预期，无需操作；否则请放宽 `[policy]` 下的规则。",
        NextStep::GiveTime => "发送带有 `time` 的事件，或移除 `policy.max_event_age`。",
        NextStep::DropRule => "在请求中写明缺少的信息，或移除 `[policy]` 下的规则。",
        NextStep::RemoveExemption => "待该实例可以开启备份加密时，移除此标签。",
        NextStep::WaitForExemption => "在该日期之后重试，或移除此标签。",
        NextStep::WriteDate => "将标签值设为日期（例如 2027-01-31），或移除此标签。",
        NextStep::DropOrAllowKey => "不指定密钥，使用已配置的密钥；或将该密钥加入 `key.allowed`。",
        NextStep::KeyWithoutAccount { region } => {
            return format!("在 `[key.default]` 下为 {region} 添加不带账号的密钥。");
        }
        NextStep::ConfigureKey { region } => {
            return format!("在 `[key.default]` 下为 {region} 添加密钥，或设置 `key.required = false`。");
        }
        NextStep::ConfigureRole => "将函数部署到实例所属的账号，或配置 `accounts.role`。",
        NextStep::OmitAccount => "如果凭证属于该账号，请不要在请求中指定账号。",
        NextStep::UseOtherCredential => "改用配置中的凭证，重新发送请求。",
        NextStep::WidenCredential => "如果符合预期，无需操作；否则请放宽 `[[doors.webhook]]` 下该凭证的限制。",
        NextStep::AskForGrant { ids } => return format!("请管理员添加此授权：`{ids}`"),
        NextStep::AskForWiderGrant => "请管理员扩大您的授权范围。",
        NextStep::SetSecret => "如需允许，请设置 `secret`。",
        NextStep::EncryptBodies => "为机器人开启消息体加密；不开启也能使用 `plan`。",
        NextStep::UsePlan => "使用 `plan`，或请管理员设置 `mode = \"enforce\"`。",
        NextStep::LetSomebodyElseConfirm => "请另一位有 `seal` 授权的人发送同一条 `confirm` 命令。",
        NextStep::PlanAgain => "发送 `seal <实例>`，重新生成计划。",
        NextStep::ConfigureSink => "请管理员配置一个接收 `enabled`、`failed` 和 `refused` 的通知渠道。",
        NextStep::NameActualRegion => "指定实例实际所在的地域。",
        NextStep::AskForPrimary => "如果要为主实例开启备份加密，请指定主实例。",
    };
    fixed.to_owned()
}

/// What to do about a kind of failure whose code is not known.
pub(super) fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::AlreadyEnabled => "无需操作：备份加密已开启，密钥无法修改。",
        Kind::Throttled => "请等待：系统会间隔一段时间重复调用。",
        Kind::Unavailable | Kind::Ambiguous => "等待下一次投递：重复调用是安全的。",
        Kind::NotReady => "等待实例状态变为 Running。",
        Kind::Unsupported => "排除该实例，或变更其规格、版本或地域。",
        Kind::NotFound => "检查实例 ID、地域和账号。",
        Kind::KeyOrRole => "检查 KMS 密钥和角色 AliyunServiceRoleForRdsBackupEncryption。",
        Kind::Forbidden => "在角色的 RAM 权限策略中允许对该实例执行 rds:EnableBackupEncryption。",
        Kind::Unauthenticated => "检查函数角色的凭证以及时钟。",
        Kind::Account => "结清账号欠费或补齐所缺条件，然后重新发送请求。",
        Kind::InvalidRequest => "检查请求；如果请求无误，请附上请求 ID 报告 Bug。",
        Kind::Service => "向阿里云提交工单，并附上请求 ID。",
        Kind::Unknown => "在阿里云的错误码列表中查找该错误码。",
    }
}

pub(super) fn no_answer(why: &NoAnswer) -> String {
    let fixed = match why {
        NoAnswer::NotConnected { host } => return format!("无法连接 {host}"),
        NoAnswer::NoTime => "没有剩余时间发起调用",
        NoAnswer::NoCredentials => "没有可用于签名的凭证",
        NoAnswer::NotBuilt => "无法构造请求",
        NoAnswer::TimedOut => "未在时限内收到响应",
        NoAnswer::Disconnected => "连接在收到响应前中断",
        NoAnswer::Cut => "响应被截断",
        NoAnswer::TooLarge => "响应过大",
        NoAnswer::Unreadable => "响应无法解析",
        NoAnswer::NoCode => "响应中没有错误码",
        NoAnswer::HttpStatus { status } => return format!("响应的 HTTP 状态码为 {status}"),
        NoAnswer::OtherRequest => "响应属于另一个请求",
        NoAnswer::NotListed => "RDS 未列出该实例",
        NoAnswer::EndlessList => "实例列表没有结尾：同一分页令牌出现了两次",
        NoAnswer::RoleNotKnownYet => "角色已创建，但尚未在所有位置生效",
        NoAnswer::OthersWait => "其他调用仍在等待该来源",
        NoAnswer::Gone => "该来源已不存在",
        NoAnswer::Expired => "凭证在返回时已过期：请核对两端的时钟",
        NoAnswer::NotEnded => "未在时限内结束",
        NoAnswer::NoSession => "没有会话",
    };
    fixed.to_owned()
}

pub(super) fn command_error(error: &CommandError) -> String {
    let hint = |near: Option<&str>| near.map(|near| format!("您是不是要输入 `{near}`？")).unwrap_or_default();
    match error {
        CommandError::TooLong { limit } => format!("命令超过 {limit} 个字符。"),
        CommandError::UnclosedQuote => "引号未闭合。".to_owned(),
        CommandError::UnknownCommand { word, near } => format!("未知命令“{word}”。{}", hint(*near)),
        CommandError::UnknownOption { word, near } => format!("未知选项“{word}”。{}", hint(*near)),
        CommandError::DoubledOption(name) => format!("`{name}=` 重复指定。"),
        CommandError::BadRegion => "`region=` 的值不是地域 ID（示例：cn-hangzhou）。".to_owned(),
        CommandError::BadKey => "`key=` 的值不是 KMS 密钥 ID（示例：key-hzz62bb4a8d3j4qp9jo7g）。".to_owned(),
        CommandError::BadAccount => "`account=` 的值不是账号 ID（示例：1234567890123456）。".to_owned(),
        CommandError::BadDryRun => "`dry_run=` 的值既不是 true 也不是 false。".to_owned(),
        CommandError::BadInstance { word } => {
            format!("“{word}”不是 RDS 实例 ID（示例：rm-bp1q2w3e4r5t6y7u8）。")
        }
        CommandError::NoInstance(command) => format!("`{command}` 需要指定实例：`{command} rm-…`。"),
        CommandError::TooManyInstances { limit } => format!("最多指定 {limit} 个实例。"),
        CommandError::NoToken => "`confirm` 需要确认码：`confirm <确认码>`。".to_owned(),
        CommandError::Surplus(command) => format!("`{command}` 后面不能再有其他内容。"),
    }
}

pub(super) fn headline(headline: Headline) -> &'static str {
    match headline {
        Headline::Enabled => "备份加密已开启",
        Headline::ProbablyEnabled => "备份加密已开启，很可能由此前的尝试开启",
        Headline::AlreadyEnabled => "备份加密此前已开启",
        Headline::WouldEnable => "试运行：会开启备份加密",
        Headline::ProbablyOn => "试运行：备份加密很可能已开启",
        Headline::WouldWait => "试运行：开启备份加密需等待",
        Headline::CannotEnable => "无法开启备份加密",
        Headline::CannotTell => "试运行：无法预判结果",
        Headline::Refused => "备份加密请求被拒绝",
        Headline::Waiting => "备份加密等待中",
        Headline::HandedOver => "正在处理",
        Headline::Failed => "备份加密开启失败",
        Headline::FailedInDoubt => "备份加密开启失败；此前的某次尝试可能已成功",
        Headline::Unknown => "备份加密：结果未知",
        Headline::Test => "rds-seal：测试消息",
    }
}

pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Instance => "实例",
        Label::Region => "地域",
        Label::Account => "账号",
        Label::Key => "密钥",
        Label::AutomaticKey => "RDS 自动生成的密钥",
        Label::Verdict => "结论",
        Label::Rule => "规则",
        Label::Code => "错误码",
        Label::RequestedBy => "发起人",
        Label::ConfirmedBy => "确认人",
        Label::Trigger => "触发来源",
        Label::Status => "状态",
        Label::Engine => "引擎",
        Label::NewestBackup => "最新备份",
        Label::NextBackup => "下次备份",
        Label::NextStep => "下一步",
        Label::Chat => "聊天平台",
        Label::Tenant => "租户",
        Label::Channel => "频道",
        Label::User => "用户",
    }
}

pub(super) fn phrase(phrase: &Phrase<'_>) -> String {
    let fixed = match phrase {
        Phrase::Irreversible { instance, key } => {
            return format!("此操作不可撤销：{instance} 的备份加密（{key}）开启后无法关闭，密钥也无法修改。");
        }
        Phrase::IrreversibleShort => "此操作不可撤销，密钥也无法修改。",
        Phrase::TokenExpires { at } => return format!("有效期至 {at}。"),
        Phrase::SomebodyElseConfirms => "须由其他人确认。",
        Phrase::PressOrSend => "如需继续，请点击按钮或发送：",
        Phrase::Send => "如需继续，请发送：",
        Phrase::ConfirmLabel => "开启备份加密",
        Phrase::Cancel => "取消",
        Phrase::OpenConsole => "打开控制台",
        Phrase::SecretsUnread => "暂时无法读取此部署的凭据，请一分钟后重试。",
        Phrase::Unpublished { sinks } => {
            return format!(
                "此报告未送达通知渠道 {sinks}，且不会自动重发：请转告相关人员，或用 `rds-seal replay` 从审计流重发。"
            );
        }
        Phrase::Unrecorded => "此报告未被记录：审计流无法写入。请转告相关人员。",
        Phrase::Report { id } => return format!("报告 {id}"),
        Phrase::RequestId { id } => return format!("请求 ID {id}"),
        Phrase::RetryAt { at } => return format!("将于 {at} 重试"),
        Phrase::AnswerComesHere { until } => return format!("最迟 {until} 会在此处回复结果。"),
        Phrase::SinksTell { sinks, until } => return format!("最迟 {until} 会由 {sinks} 通知结果。"),
        Phrase::ConfirmAgain => "重新发送同一条 `confirm`：重复发送是安全的。",
        Phrase::AskAgain => "1 分钟后重新发送同一条命令：重复发送是安全的。",
        Phrase::StatusTitle => "实例状态",
        Phrase::BackupNamesEncryption { at } => return format!("{at}，带有加密信息"),
        Phrase::BackupNamesNone { at } => return format!("{at}，没有加密信息"),
        Phrase::Instances { count } => return format!("{count} 个实例"),
        Phrase::DigestLine { instance, region, message } => return format!("`{instance}`（{region}）：{message}"),
        Phrase::NeedAttention { count, total, first, next_step } => {
            return format!("{total} 个实例中有 {count} 个需要处理。请先处理 `{first}`：{next_step}");
        }
        Phrase::AndMore { count } => return format!("另有 {count} 个"),
        Phrase::SealOneForToken => "为其中一个实例发送 `seal <实例>`，获取确认码。",
        Phrase::Help { can_seal } => {
            let seal = if *can_seal {
                "`seal <实例>`：为一个实例生成计划并获取确认码（确认后不可撤销）\n\
                 `confirm <确认码>`：开启备份加密\n"
            } else {
                ""
            };
            return format!(
                "`plan <实例>…`：会发生什么，以及原因\n`status <实例>…`：当前状态\n{seal}\
                 `whoami`：您的 ID，用于授权\n`version`\n\n选项：`region=cn-hangzhou` `key=key-…` \
                 `account=1234567890123456`\n示例：`plan rm-bp1q2w3e4r5t6y7u8 region=cn-hangzhou`"
            );
        }
        Phrase::WhoAmITitle => "您在此处的身份",
        Phrase::WhoAmI => "管理员添加授权时需要这些 ID。",
        Phrase::Version { version } => return format!("版本 {version}。"),
        Phrase::NotUnderstood => "无法识别",
        Phrase::NothingDoneSeeHelp => "未执行任何操作。发送 `help` 查看命令列表。",
        Phrase::WhichRegion => "哪个地域？",
        Phrase::RegionUnknown => "实例所在地域未知。",
        Phrase::NameRegion => "请指定地域，例如 `region=cn-hangzhou`。",
        Phrase::NotAllowed => "不允许",
        Phrase::TokenNotValid => "确认码无效",
        Phrase::PlanExpired => "确认码已过期",
        Phrase::NotHere => "此处不可用",
        Phrase::PlansOnly => "仅生成计划",
        Phrase::Test => "这是一条测试消息。未读取或更改任何实例。",
    };
    fixed.to_owned()
}
