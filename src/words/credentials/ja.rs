//! Japanese.

use super::variables;
use crate::kind::{
    AnswerProblem, CredentialFile, CredentialProblem, CredentialSource, FileProblem, MetadataProblem, ProgramProblem,
    Section, SectionProblem, SourceName, VariableProblem, quoted,
};

pub(in crate::words) fn problem(problem: &CredentialProblem) -> String {
    match problem {
        CredentialProblem::NotSetUp { name } => {
            format!("認証情報の取得元「{}」が設定されていません。{}。", name.as_str(), how_to_set_up(*name))
        }
        CredentialProblem::HalfSet { variable, missing } => {
            format!("{variable} は設定されていますが、{missing} が設定されていません。")
        }
        CredentialProblem::HeaderUnreadable { header } => format!("呼び出しの {header} を読み取れません。"),
        CredentialProblem::HeaderMissing { header, missing } => {
            format!("呼び出しに {header} はありますが、{missing} がありません。")
        }
        CredentialProblem::Variable { variable, problem } => format!("{variable} {}。", of_variable(*problem)),
        CredentialProblem::File { file: at, problem } => format!("{}{}。", file(at), of_file(problem)),
        CredentialProblem::Section { section: at, problem } => format!("{}{}。", section(at), of_section(problem)),
        CredentialProblem::Program { program, problem } => format!("プログラム {program} {}。", of_program(problem)),
        CredentialProblem::Answer { from, problem } => format!("{}の応答{}。", source(from), of_answer(problem)),
        CredentialProblem::Metadata(problem) => of_metadata(problem),
    }
}

/// "から" follows without a blank.
pub(in crate::words) fn source(source: &CredentialSource) -> String {
    match source {
        CredentialSource::Any {} => "取得元".to_owned(),
        CredentialSource::Metadata {} => "メタデータサービス".to_owned(),
        CredentialSource::Uri {} => "認証情報の URI ".to_owned(),
        CredentialSource::Oidc {} => "OIDC トークンの交換".to_owned(),
        CredentialSource::RoleOfSection { section: at } => format!("{}のロール", section(at)),
        CredentialSource::RoleOfAccount { account } => format!("アカウント {account} のロール"),
        CredentialSource::Program { program } => format!("プログラム {program} "),
        CredentialSource::CallerIdentity {} => "GetCallerIdentity ".to_owned(),
    }
}

fn how_to_set_up(name: SourceName) -> String {
    let variables = variables(name).replace(", ", "、");
    match name {
        SourceName::Environment | SourceName::Oidc | SourceName::Uri => format!("{variables} を設定してください"),
        SourceName::Profile => {
            format!("~/.aliyun/config.json を作成するか、{variables} でファイルを指定してください")
        }
        SourceName::File => {
            format!("~/.alibabacloud/credentials を作成するか、{variables} でファイルを指定してください")
        }
        SourceName::Metadata => "ロールがアタッチされた ECS インスタンスで実行してください".to_owned(),
    }
}

fn of_variable(problem: VariableProblem) -> &'static str {
    match problem {
        VariableProblem::NotUrl => "が URL ではありません。https://example.com/hook のように指定してください",
        VariableProblem::NotHttps => "は https:// で始まる必要があります（http:// はこのマシン宛てのみ使用できます）",
        VariableProblem::NotRegion => "がリージョンではありません。cn-hangzhou のように指定してください",
        VariableProblem::NotVendorHost => {
            "が aliyuncs.com のホストではありません。sts-vpc.cn-hangzhou.aliyuncs.com のように指定してください"
        }
        VariableProblem::NotRole => "がロール名ではありません",
    }
}

/// What follows goes on without a blank.
fn file(file: &CredentialFile) -> String {
    match file {
        CredentialFile::NamedBy { variable } => format!("{variable} が指すファイル"),
        CredentialFile::BelowHome { path } => format!("~/{path} "),
        CredentialFile::OfField { field, section: at } => format!("{}の {field} ", section(at)),
    }
}

fn of_file(problem: &FileProblem) -> String {
    match problem {
        FileProblem::Missing {} => "が存在しません".to_owned(),
        FileProblem::NotOpened {} => "を開けません。権限を確認してください".to_owned(),
        FileProblem::NotRead {} => "を読み取れません".to_owned(),
        FileProblem::TooLarge { limit } => format!("が {limit} バイトを超えています。別のファイルと思われます"),
        FileProblem::NotText {} => "が UTF-8 のテキストではありません".to_owned(),
        FileProblem::Empty {} => "が空です".to_owned(),
        FileProblem::NotToken {} => "の内容がトークンではありません".to_owned(),
        FileProblem::NotProfiles {} => "が profiles を持つ JSON オブジェクトではありません".to_owned(),
        FileProblem::NoSuchProfile { named_by } => format!("に、{named_by} で指定されたプロファイルがありません"),
        FileProblem::NoProfile { name } => format!("にプロファイル {name:?} がありません"),
        FileProblem::Circle { names } => format!("のプロファイルの参照が循環しています: {}", quoted(names)),
        FileProblem::NoSuchSection { named_by } => format!("に、{named_by} で指定されたセクションがありません"),
        FileProblem::BadLine { line } => {
            format!("の {line} 行目を読み取れません。[section] でも key = value でもありません")
        }
    }
}

/// What follows goes on without a blank.
fn section(section: &Section) -> String {
    match section {
        Section::Profile { name } => format!("プロファイル {name:?} "),
        Section::OfCredentialsFile { name } => format!("認証情報ファイルのセクション {name:?} "),
    }
}

fn of_section(problem: &SectionProblem) -> String {
    match problem {
        SectionProblem::NoField { field } => format!("に {field} がありません"),
        SectionProblem::BadDuration {} => "の expired_seconds が 900 から 43200 の範囲にありません".to_owned(),
        SectionProblem::BadRegion {} => "の sts_region がリージョンではありません".to_owned(),
        SectionProblem::UnknownMode { field, known } => {
            format!("の {field} には対応していません。{} のいずれかを使用してください", known.join("、"))
        }
        SectionProblem::MachineOnFunction {} => {
            "は ECS インスタンスのロールを使う設定ですが、関数は ECS インスタンスではありません".to_owned()
        }
        SectionProblem::ProgramOnFunction {} => {
            "はプログラムを使う設定ですが、関数内ではプログラムを実行しません".to_owned()
        }
        SectionProblem::ProgramNotBuiltIn {} => {
            "はプログラムを使う設定ですが、このビルドではプログラムを実行しません。\
             external-credentials 機能を有効にしてビルドしてください"
                .to_owned()
        }
        SectionProblem::BadCommand {} => "の process_command の引用符が閉じられていないか、値が空です".to_owned(),
        SectionProblem::SwitchedOff {} => "は無効になっています".to_owned(),
    }
}

fn of_program(problem: &ProgramProblem) -> String {
    match problem {
        ProgramProblem::NotStarted {} => "を起動できません".to_owned(),
        ProgramProblem::NotText {} => "の出力がテキストではありません".to_owned(),
        ProgramProblem::TooMuch {} => "の出力が多すぎます".to_owned(),
        ProgramProblem::Lost {} => "の終了を確認できません".to_owned(),
        ProgramProblem::Failed {} => "が失敗して終了しました".to_owned(),
        ProgramProblem::NotCredentials {} => "が認証情報を JSON オブジェクトで出力していません".to_owned(),
        ProgramProblem::NoField { field } => format!("の出力に {field} がありません"),
        ProgramProblem::BadMode {} => "の出力の mode が AK でも StsToken でもありません".to_owned(),
        ProgramProblem::BadExpiration {} => "の出力の expiration が日時ではありません".to_owned(),
    }
}

fn of_answer(problem: &AnswerProblem) -> String {
    match problem {
        AnswerProblem::TooLarge {} => "が大きすぎます".to_owned(),
        AnswerProblem::Status { status } => format!("の HTTP ステータスは {status} です"),
        AnswerProblem::NotCredentials {} => "を認証情報として読み取れません".to_owned(),
        AnswerProblem::NotSuccess {} => "が Success ではありません".to_owned(),
        AnswerProblem::NoField { field } => format!("に {field} がありません"),
    }
}

fn of_metadata(problem: &MetadataProblem) -> String {
    match problem {
        MetadataProblem::Forbidden { variable } => {
            format!("メタデータサービスを使う設定ですが、{variable} で禁止されています。")
        }
        MetadataProblem::BadRole {} => "メタデータサービスを使うプロファイルのロール名が正しくありません。".to_owned(),
        MetadataProblem::NoRole {} => "このマシンのロールがメタデータサービスにありません。ロールをアタッチするか、\
             ロール名を確認してください。"
            .to_owned(),
        MetadataProblem::NamesNoRole {} => {
            "メタデータサービスのアドレスから返された応答に、ロール名がありません。".to_owned()
        }
        MetadataProblem::GivesNoToken {} => {
            "メタデータサービスのアドレスから返された応答に、トークンがありません。".to_owned()
        }
    }
}
