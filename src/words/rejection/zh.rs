//! Simplified Chinese. Each follows the name of a field.

use crate::request::ids::Invalid;
use crate::request::rejection::{JsonError, JsonProblem, RejectionReason};

pub(super) fn rejection(reason: &RejectionReason) -> String {
    let fixed = match reason {
        RejectionReason::Missing => "缺失",
        RejectionReason::EmptyBody => "为空：请发送事件或 {\"instance\":\"rm-…\"}",
        RejectionReason::EmptyText => "为空，不包含事件",
        RejectionReason::EmptyArray => "是空数组，不包含事件",
        RejectionReason::NotAString => "必须是字符串",
        RejectionReason::NotAnObject => "必须是对象",
        RejectionReason::NotAnEvent => "不是 JSON 对象：请发送事件或 {\"instance\":\"rm-…\"}",
        RejectionReason::NotARequest => "不是 JSON 对象：请发送 {\"instance\":\"rm-…\"}，或由此类对象组成的数组",
        RejectionReason::NotACloudEvent => "不是 JSON 对象：请发送 CloudEvent",
        RejectionReason::UnexpectedArray => "是数组：数组须使用批量模式的内容类型",
        RejectionReason::NotAnArray => "不是数组，与内容类型不符",
        RejectionReason::NotAnId(Invalid::Instance) => "不是 RDS 实例 ID（示例：rm-bp1q2w3e4r5t6y7u8）",
        RejectionReason::NotAnId(Invalid::Account) => "不是账号 ID（示例：1234567890123456）",
        RejectionReason::NotAnId(Invalid::Region) => "不是地域 ID（示例：cn-hangzhou）",
        RejectionReason::NotAnId(Invalid::Key) => "不是 KMS 密钥 ID（示例：key-hzz62bb4a8d3j4qp9jo7g）",
        RejectionReason::NotAMode => "必须是 \"plan\" 或 \"enforce\"",
        RejectionReason::UnsupportedSpecVersion => "必须是 \"1.0\"",
        RejectionReason::GivenTwice => "重复指定",
        RejectionReason::GivenUnderTwoNames => "重复指定：同时使用了本程序的名称和 API 的名称",
        RejectionReason::UnknownField { name } => {
            return format!("包含未知字段“{name}”：请求支持 instance、region、account、key、mode 和 id");
        }
        RejectionReason::DoubledName => "包含重名字段",
        RejectionReason::TooManyItems { count, limit } => return format!("包含 {count} 项，上限为 {limit} 项"),
        RejectionReason::TooManyInstances { count, limit } => {
            return format!("一次请求了 {count} 个实例，上限为 {limit} 个");
        }
        RejectionReason::TooManyFields { limit } => return format!("的字段超过 {limit} 个"),
        RejectionReason::TooManyAttributes { limit } => return format!("包含的属性超过 {limit} 个"),
        RejectionReason::TooLarge { limit } => return format!("超过 {} KiB", limit / 1024),
        RejectionReason::TooLong { limit } => return format!("超过 {limit} 字节"),
        RejectionReason::Incomplete => "未完整到达",
        RejectionReason::NotUtf8 => "不是 UTF-8 编码",
        RejectionReason::Json(error) => return json(error),
        RejectionReason::NotJsonButAForm => "是表单（例如云监控的回调），不是 JSON，没有请求任何实例",
        RejectionReason::NeitherFormNorJson => "既不是表单类型，也不是 JSON 类型",
        RejectionReason::InvalidXml => "不是格式良好的 XML",
        RejectionReason::NotOneXmlElement => "不是单个 <xml> 元素",
        RejectionReason::XmlTextOutside => "在元素之外包含文本",
        RejectionReason::XmlMarkup => "包含文档类型声明、处理指令或注释",
        RejectionReason::UnknownXmlEntity => "使用了 XML 预定义之外的实体",
        RejectionReason::NestedTooDeep => "嵌套过深",
        RejectionReason::EnvelopeInEnvelope => "表明信封中还有信封：只会打开一层，请直接发送事件",
        RejectionReason::NestedTask => "表明这是重试队列的任务：任务须按原样作为整个请求体发送",
        RejectionReason::TaskInDeadLetter => "表明这是重试队列的任务：请直接发送死信中的 `requestPayload`",
        RejectionReason::TaskVersion { version } => {
            return format!("表明这是版本 {version} 的任务，而本程序只接受版本 2");
        }
        RejectionReason::RelayOff => {
            "表明这是重试队列的任务，但此处未启用重试队列：请配置 `secret`，且不要将 `relay` 设为 false"
        }
        RejectionReason::TaskNotAuthentic => "无法证明任务由本部署生成：签名与任何已配置的密钥都不匹配",
        RejectionReason::TaskOfOtherDeployment => "是另一个部署：任务只能由生成它的部署接收",
        RejectionReason::NotATask => "的签名有效，但格式不是此版本的任务",
        RejectionReason::NotOfDoor => "由 door 签名，但不是 door 可以提出的内容：只接受来自聊天或 Webhook 的新请求",
        RejectionReason::HandedOverLate { minutes } => {
            return format!("的移交时间与现在相差超过 {minutes} 分钟：请重新提出请求");
        }
        RejectionReason::NotForRole { role: "door" } => {
            "是事件，而本函数的角色是 door：请将事件发送到角色为 events 的函数"
        }
        RejectionReason::NotForRole { role } => {
            return format!("不是任务，而本函数的角色是 {role}：只接受任务");
        }
        RejectionReason::TaskTooLate { hours } => {
            return format!("已超过执行时间 {hours} 小时以上：请重新发送事件");
        }
        RejectionReason::SinkGone { sink, report } => {
            return format!("是 {sink}，但该通知渠道已不在配置中：报告 {report} 在审计流中");
        }
        RejectionReason::RuleInput => {
            "表明这是自定义规则的输入，需要返回评估结果：请发送规则的评估结果，或通过规则的修正调用本函数"
        }
        RejectionReason::LogCursors => "包含日志游标而不是事件：不会拉取日志，请直接发送事件",
        RejectionReason::GatewayRequest => "表明这是 API 网关转发的 HTTP 请求：请发送到 Webhook 入口",
        RejectionReason::AwsEvent => "表明这是 AWS 的事件：当前环境不接受",
        RejectionReason::BadAttributeName => "包含的属性名不是 1 到 32 个字母或数字",
        RejectionReason::NotAnAttribute => "不是二进制模式的标头：数据即请求体，其类型即 Content-Type",
        RejectionReason::NotPercentEncoded => "包含须进行百分号编码的字符",
        RejectionReason::BadPercentEncoding => "中的 % 之后不是两位十六进制数字",
        RejectionReason::UnfitId => "不是 ID：过长，或包含无法显示的字符",
        RejectionReason::NotOurButton => "不是本程序的按钮",
        RejectionReason::ForeignAddress { vendor } => return format!("不是 {vendor} 的地址"),
        RejectionReason::OtherWorkspace => "属于其他工作区：外部成员不能使用此按钮",
        RejectionReason::OutsideTimeWindow { minutes } => {
            return format!("与当前时间相差超过 {minutes} 分钟：请重新发送消息");
        }
    };
    fixed.to_owned()
}

fn json(error: &JsonError) -> String {
    let JsonError { problem, line, column, is_in_base64 } = *error;
    let problem = match problem {
        JsonProblem::Invalid => "不是有效的 JSON",
        JsonProblem::EndsEarly => "不完整",
        JsonProblem::DoubledName => "包含重名字段",
        JsonProblem::NestedTooDeep => "嵌套过深",
        JsonProblem::WrongType => "有字段类型不符",
    };
    let carrier = if is_in_base64 { "经 base64 解码后的内容" } else { "" };
    format!("{carrier}{problem}（第 {line} 行，第 {column} 列）")
}
