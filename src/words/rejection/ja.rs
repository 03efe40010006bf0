//! Japanese. Each follows the name of a field and begins with its particle.

use crate::request::ids::Invalid;
use crate::request::rejection::{JsonError, JsonProblem, RejectionReason};

pub(super) fn rejection(reason: &RejectionReason) -> String {
    let fixed = match reason {
        RejectionReason::Missing => "がありません",
        RejectionReason::EmptyBody => "が空です。イベントまたは {\"instance\":\"rm-…\"} を送信してください",
        RejectionReason::EmptyText => "が空で、イベントが含まれていません",
        RejectionReason::EmptyArray => "が空の配列で、イベントが含まれていません",
        RejectionReason::NotAString => "は文字列で指定してください",
        RejectionReason::NotAnObject => "はオブジェクトで指定してください",
        RejectionReason::NotAnEvent => {
            "は JSON オブジェクトではありません。イベントまたは {\"instance\":\"rm-…\"} を送信してください"
        }
        RejectionReason::NotARequest => {
            "は JSON オブジェクトではありません。{\"instance\":\"rm-…\"} またはその配列を送信してください"
        }
        RejectionReason::NotACloudEvent => "は JSON オブジェクトではありません。CloudEvent を送信してください",
        RejectionReason::UnexpectedArray => "は配列です。配列にはバッチのコンテンツタイプを使用してください",
        RejectionReason::NotAnArray => "はコンテンツタイプが示す配列ではありません",
        RejectionReason::NotAnId(Invalid::Instance) => {
            "は rm-bp1q2w3e4r5t6y7u8 のような RDS インスタンス ID ではありません"
        }
        RejectionReason::NotAnId(Invalid::Account) => "は 1234567890123456 のようなアカウント ID ではありません",
        RejectionReason::NotAnId(Invalid::Region) => "は cn-hangzhou のようなリージョン ID ではありません",
        RejectionReason::NotAnId(Invalid::Key) => "は key-hzz62bb4a8d3j4qp9jo7g のような KMS キー ID ではありません",
        RejectionReason::NotAMode => "は \"plan\" または \"enforce\" を指定してください",
        RejectionReason::UnsupportedSpecVersion => "は \"1.0\" を指定してください",
        RejectionReason::GivenTwice => "が 2 回指定されています",
        RejectionReason::GivenUnderTwoNames => "がこのプログラムの名前と API の名前で 2 回指定されています",
        RejectionReason::UnknownField { name } => {
            return format!(
                "に不明なフィールド「{name}」があります。リクエストで使えるのは instance、region、account、key、mode、id \
                 です"
            );
        }
        RejectionReason::DoubledName => "に同じ名前のフィールドが 2 つあります",
        RejectionReason::TooManyItems { count, limit } => {
            return format!("の項目は {count} 件ですが、上限は {limit} 件です");
        }
        RejectionReason::TooManyInstances { count, limit } => {
            return format!("は一度に {count} 件のインスタンスを指定していますが、上限は {limit} 件です");
        }
        RejectionReason::TooManyFields { limit } => return format!("のフィールドが {limit} 件を超えています"),
        RejectionReason::TooManyAttributes { limit } => return format!("の属性が {limit} 件を超えています"),
        RejectionReason::TooLarge { limit } => return format!("が {} KiB を超えています", limit / 1024),
        RejectionReason::TooLong { limit } => return format!("が {limit} バイトを超えています"),
        RejectionReason::Incomplete => "を最後まで受信できませんでした",
        RejectionReason::NotUtf8 => "は UTF-8 ではありません",
        RejectionReason::Json(error) => return json(error),
        RejectionReason::NotJsonButAForm => {
            "は CloudMonitor のコールバックのようなフォームで、JSON ではありません。インスタンスは指定されていません"
        }
        RejectionReason::NeitherFormNorJson => "はフォームのものでも JSON のものでもありません",
        RejectionReason::InvalidXml => "は整形式の XML ではありません",
        RejectionReason::NotOneXmlElement => "は 1 つの <xml> 要素ではありません",
        RejectionReason::XmlTextOutside => "に要素の外のテキストがあります",
        RejectionReason::XmlMarkup => "に文書型宣言、処理命令、またはコメントがあります",
        RejectionReason::UnknownXmlEntity => "に XML で定義済みでない実体参照があります",
        RejectionReason::NestedTooDeep => "のネストが深すぎます",
        RejectionReason::EnvelopeInEnvelope => {
            "によると、これはエンベロープの中のエンベロープです。開くのは 1 つだけなので、イベント自体を送信してください"
        }
        RejectionReason::NestedTask => {
            "によると、これは再試行キューのタスクです。タスクは、送信された内容のまま本文全体として送信してください"
        }
        RejectionReason::TaskInDeadLetter => {
            "によると、これは再試行キューのタスクです。デッドレターの `requestPayload` 自体を送信してください"
        }
        RejectionReason::TaskVersion { version } => {
            return format!(
                "によると、これはバージョン {version} のタスクです。このプログラムが受け付けるのはバージョン 2 だけです"
            );
        }
        RejectionReason::RelayOff => {
            "によると、これは再試行キューのタスクですが、ここでは再試行キューが無効です。\
             `secret` を設定し、`relay` を false にしないでください"
        }
        RejectionReason::TaskNotAuthentic => {
            "では、タスクがこのデプロイで作成されたことを確認できません。署名は設定済みのどのシークレットとも一致しません"
        }
        RejectionReason::TaskOfOtherDeployment => {
            "は別のデプロイを指しています。タスクは、作成したデプロイでのみ受け付けます"
        }
        RejectionReason::NotATask => "の署名は有効ですが、このバージョンのタスクの形式ではありません",
        RejectionReason::NotOfDoor => {
            "は door の署名ですが、door が依頼できる内容ではありません。チャットまたは Webhook の新しいリクエストだけを受け付けます"
        }
        RejectionReason::HandedOverLate { minutes } => {
            return format!("の引き渡し時刻が現在と {minutes} 分以上ずれています。もう一度依頼してください");
        }
        RejectionReason::NotForRole { role: "door" } => {
            "はイベントですが、この関数のロールは door です。ロールが events の関数に送信してください"
        }
        RejectionReason::NotForRole { role } => {
            return format!("はタスクではありません。この関数のロールは {role} で、タスクだけを受け付けます");
        }
        RejectionReason::TaskTooLate { hours } => {
            return format!("は実行予定から {hours} 時間以上経過しています。イベントをもう一度送信してください");
        }
        RejectionReason::SinkGone { sink, report } => {
            return format!(
                "は {sink} ですが、この通知先は設定から削除されています。レポート {report} は監査ストリームにあります"
            );
        }
        RejectionReason::RuleInput => {
            "によると、これは評価結果を求めるカスタムルールの入力です。ルールの評価結果を送信するか、\
             ルールの修復からこの関数を呼び出してください"
        }
        RejectionReason::LogCursors => {
            "はログのカーソルで、イベントではありません。ログは取得しないため、イベントを送信してください"
        }
        RejectionReason::GatewayRequest => {
            "によると、これは API Gateway が転送した HTTP リクエストです。Webhook のパスに送信してください"
        }
        RejectionReason::AwsEvent => "によると、これは AWS のイベントです。この環境では受け付けません",
        RejectionReason::BadAttributeName => "に、1～32 文字の英数字ではない属性名があります",
        RejectionReason::NotAnAttribute => {
            "はバイナリモードのヘッダーではありません。データは本文、その型は Content-Type で指定してください"
        }
        RejectionReason::NotPercentEncoded => "に、パーセントエンコードが必要な文字があります",
        RejectionReason::BadPercentEncoding => "に、後に 2 桁の 16 進数が続かない % があります",
        RejectionReason::UnfitId => "は ID ではありません。長すぎるか、表示できない文字があります",
        RejectionReason::NotOurButton => "はこのプログラムのボタンではありません",
        RejectionReason::ForeignAddress { vendor } => return format!("は {vendor} のアドレスではありません"),
        RejectionReason::OtherWorkspace => "は別のワークスペースのものです。ゲストはこのボタンを使用できません",
        RejectionReason::OutsideTimeWindow { minutes } => {
            return format!("が現在の日時から {minutes} 分を超えて離れています。メッセージをもう一度送信してください");
        }
    };
    fixed.to_owned()
}

fn json(error: &JsonError) -> String {
    let JsonError { problem, line, column, is_in_base64 } = *error;
    let carrier = if is_in_base64 { "を base64 からデコードした内容" } else { "" };
    let problem = match problem {
        JsonProblem::Invalid => "は有効な JSON ではありません",
        JsonProblem::EndsEarly => "が途中で終わっています",
        JsonProblem::DoubledName => "に同じ名前のフィールドが 2 つあります",
        JsonProblem::NestedTooDeep => "のネストが深すぎます",
        JsonProblem::WrongType => "に型の異なるフィールドがあります",
    };
    format!("{carrier}{problem}（{line} 行 {column} 列）")
}
