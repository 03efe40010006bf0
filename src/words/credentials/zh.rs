//! Simplified Chinese.

use super::variables;
use crate::kind::{
    AnswerProblem, CredentialFile, CredentialProblem, CredentialSource, FileProblem, MetadataProblem, ProgramProblem,
    Section, SectionProblem, SourceName, VariableProblem, quoted,
};

pub(in crate::words) fn problem(problem: &CredentialProblem) -> String {
    match problem {
        CredentialProblem::NotSetUp { name } => {
            format!("凭证来源“{}”未配置：{}。", name.as_str(), how_to_set_up(*name))
        }
        CredentialProblem::HalfSet { variable, missing } => format!("已设置 {variable}，但未设置 {missing}。"),
        CredentialProblem::HeaderUnreadable { header } => format!("无法读取本次调用的 {header}。"),
        CredentialProblem::HeaderMissing { header, missing } => {
            format!("本次调用带有 {header}，但没有 {missing}。")
        }
        CredentialProblem::Variable { variable, problem } => format!("{variable} {}。", of_variable(*problem)),
        CredentialProblem::File { file: at, problem } => format!("{}{}。", file(at), of_file(problem)),
        CredentialProblem::Section { section: at, problem } => format!("{}{}。", section(at), of_section(problem)),
        CredentialProblem::Program { program, problem } => format!("程序 {program} {}。", of_program(problem)),
        CredentialProblem::Answer { from, problem } => format!("{}的响应{}。", source(from), of_answer(problem)),
        CredentialProblem::Metadata(problem) => of_metadata(problem),
    }
}

/// It stands between "从" and "获取".
pub(in crate::words) fn source(source: &CredentialSource) -> String {
    match source {
        CredentialSource::Any {} => "凭证来源".to_owned(),
        CredentialSource::Metadata {} => "实例元数据服务".to_owned(),
        CredentialSource::Uri {} => "凭证 URI ".to_owned(),
        CredentialSource::Oidc {} => "OIDC 令牌的换取接口".to_owned(),
        CredentialSource::RoleOfSection { section: at } => format!("{}的角色", section(at)),
        CredentialSource::RoleOfAccount { account } => format!("账号 {account} 的角色"),
        CredentialSource::Program { program } => format!("程序 {program} "),
        CredentialSource::CallerIdentity {} => " GetCallerIdentity ".to_owned(),
    }
}

fn how_to_set_up(name: SourceName) -> String {
    let variables = variables(name).replace(", ", "、");
    match name {
        SourceName::Environment | SourceName::Oidc | SourceName::Uri => format!("请设置 {variables}"),
        SourceName::Profile => format!("请编写 ~/.aliyun/config.json，或用 {variables} 指定文件"),
        SourceName::File => format!("请编写 ~/.alibabacloud/credentials，或用 {variables} 指定文件"),
        SourceName::Metadata => "请在绑定了角色的 ECS 实例上运行".to_owned(),
    }
}

fn of_variable(problem: VariableProblem) -> &'static str {
    match problem {
        VariableProblem::NotUrl => "不是 URL：请写成 https://example.com/hook 的形式",
        VariableProblem::NotHttps => "必须以 https:// 开头（http:// 仅限本机）",
        VariableProblem::NotRegion => "不是地域：请写成 cn-hangzhou 的形式",
        VariableProblem::NotVendorHost => "不是 aliyuncs.com 的主机：请写成 sts-vpc.cn-hangzhou.aliyuncs.com 的形式",
        VariableProblem::NotRole => "不是角色名称",
    }
}

/// What follows goes on without a blank.
fn file(file: &CredentialFile) -> String {
    match file {
        CredentialFile::NamedBy { variable } => format!("{variable} 指定的文件"),
        CredentialFile::BelowHome { path } => format!("~/{path} "),
        CredentialFile::OfField { field, section: at } => format!("{}的 {field} ", section(at)),
    }
}

fn of_file(problem: &FileProblem) -> String {
    match problem {
        FileProblem::Missing {} => "不存在".to_owned(),
        FileProblem::NotOpened {} => "无法打开：请检查其权限".to_owned(),
        FileProblem::NotRead {} => "无法读取".to_owned(),
        FileProblem::TooLarge { limit } => format!("超过 {limit} 字节，应该是其他文件"),
        FileProblem::NotText {} => "不是 UTF-8 文本".to_owned(),
        FileProblem::Empty {} => "是空的".to_owned(),
        FileProblem::NotToken {} => "的内容不是令牌".to_owned(),
        FileProblem::NotProfiles {} => "不是包含 profiles 的 JSON 对象".to_owned(),
        FileProblem::NoSuchProfile { named_by } => format!("中没有 {named_by} 指定的配置"),
        FileProblem::NoProfile { name } => format!("中没有配置 {name:?}"),
        FileProblem::Circle { names } => format!("中的配置循环引用：{}", quoted(names)),
        FileProblem::NoSuchSection { named_by } => format!("中没有 {named_by} 指定的小节"),
        FileProblem::BadLine { line } => format!("第 {line} 行无法解析：既不是 [section]，也不是 key = value"),
    }
}

/// What follows goes on without a blank.
fn section(section: &Section) -> String {
    match section {
        Section::Profile { name } => format!("配置 {name:?} "),
        Section::OfCredentialsFile { name } => format!("凭证文件的小节 {name:?} "),
    }
}

fn of_section(problem: &SectionProblem) -> String {
    match problem {
        SectionProblem::NoField { field } => format!("没有 {field}"),
        SectionProblem::BadDuration {} => "的 expired_seconds 不在 900 到 43200 之间".to_owned(),
        SectionProblem::BadRegion {} => "的 sts_region 不是地域".to_owned(),
        SectionProblem::UnknownMode { field, known } => format!("的 {field} 不受支持：请使用 {}", known.join("、")),
        SectionProblem::MachineOnFunction {} => "要求使用 ECS 实例的角色，而函数不是 ECS 实例".to_owned(),
        SectionProblem::ProgramOnFunction {} => "指定了一个程序，而函数内不运行程序".to_owned(),
        SectionProblem::ProgramNotBuiltIn {} => {
            "指定了一个程序，而当前构建不运行程序：请启用 external-credentials 特性重新构建".to_owned()
        }
        SectionProblem::BadCommand {} => "的 process_command 引号未闭合，或者是空的".to_owned(),
        SectionProblem::SwitchedOff {} => "已停用".to_owned(),
    }
}

fn of_program(problem: &ProgramProblem) -> String {
    match problem {
        ProgramProblem::NotStarted {} => "无法启动".to_owned(),
        ProgramProblem::NotText {} => "输出的不是文本".to_owned(),
        ProgramProblem::TooMuch {} => "输出过多".to_owned(),
        ProgramProblem::Lost {} => "已失去联系".to_owned(),
        ProgramProblem::Failed {} => "以失败状态退出".to_owned(),
        ProgramProblem::NotCredentials {} => "没有以 JSON 对象输出凭证".to_owned(),
        ProgramProblem::NoField { field } => format!("没有输出 {field}"),
        ProgramProblem::BadMode {} => "输出的 mode 既不是 AK 也不是 StsToken".to_owned(),
        ProgramProblem::BadExpiration {} => "输出的 expiration 不是时间".to_owned(),
    }
}

fn of_answer(problem: &AnswerProblem) -> String {
    match problem {
        AnswerProblem::TooLarge {} => "过大".to_owned(),
        AnswerProblem::Status { status } => format!("的 HTTP 状态码为 {status}"),
        AnswerProblem::NotCredentials {} => "无法解析为凭证".to_owned(),
        AnswerProblem::NotSuccess {} => "不是 Success".to_owned(),
        AnswerProblem::NoField { field } => format!("中没有 {field}"),
    }
}

fn of_metadata(problem: &MetadataProblem) -> String {
    match problem {
        MetadataProblem::Forbidden { variable } => {
            format!("配置要求访问实例元数据服务，但 {variable} 禁止访问。")
        }
        MetadataProblem::BadRole {} => "使用实例元数据服务的配置中，角色名称无效。".to_owned(),
        MetadataProblem::NoRole {} => "实例元数据服务没有本机的角色：请为实例绑定角色，或检查角色名称。".to_owned(),
        MetadataProblem::NamesNoRole {} => "实例元数据服务地址上的响应没有给出角色。".to_owned(),
        MetadataProblem::GivesNoToken {} => "实例元数据服务地址上的响应没有给出令牌。".to_owned(),
    }
}
