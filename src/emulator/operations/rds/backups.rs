//! Backups: those there are, and when the next one is due. A backup set is the only published sign that encryption is
//! on, and it tells of the time it was made (*read in code*).

use serde_json::{Value, json};

use super::{Instance, Invocation, Moment, Refusal, backup::Backup, page};

const SIZES: [usize; 3] = [30, 50, 100];

/// `DescribeBackups`: newest first (*inferred*). Counts are strings (*read in code*).
pub(crate) fn list(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let arrival = call.arrival;
    let size = page::number(arrival, "PageSize", SIZES[0], |size| SIZES.contains(&size))?;
    let number = page::number(arrival, "PageNumber", 1, |number| number > 0)?;
    let (status, from, to) =
        (arrival.parameter("BackupStatus"), arrival.parameter("StartTime"), arrival.parameter("EndTime"));
    let instance = call.instance("DBInstanceId")?;
    let mut wanted: Vec<&Backup> = instance
        .backups
        .iter()
        .filter(|backup| status.is_none_or(|status| backup.status == status))
        .filter(|backup| from.is_none_or(|from| *from <= *backup.start.to_the_minute()))
        .filter(|backup| to.is_none_or(|to| *backup.start.to_the_minute() <= *to))
        .collect();
    wanted.sort_by_key(|backup| std::cmp::Reverse(backup.start));
    let total = wanted.len();
    let items: Vec<Value> =
        page::numbered(wanted, number, size).into_iter().map(|backup| item(instance, backup)).collect();
    Ok(json!({
        "PageNumber": number.to_string(),
        "PageRecordCount": items.len().to_string(),
        "TotalRecordCount": total.to_string(),
        "Items": { "Backup": items },
    }))
}

/// `DescribeBackupPolicy`: an hour in which backups begin. Encryption is not part of it (*read in code*).
pub(crate) fn policy(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let instance = call.instance("DBInstanceId")?;
    let next = instance.next_backup;
    let window = next.map(|next| {
        let start = next.0.strftime("%H").to_string().parse().unwrap_or(0_u8);
        format!("{start:02}:00Z-{:02}:00Z", (start + 1) % 24)
    });
    Ok(json!({
        "PreferredBackupTime": window,
        "PreferredBackupPeriod": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
        "PreferredNextBackupTime": next.map(Moment::to_the_minute),
        "BackupRetentionPeriod": 7,
    }))
}

fn item(instance: &Instance, backup: &Backup) -> Value {
    json!({
        "BackupId": backup.id,
        "DBInstanceId": instance.id,
        "BackupStartTime": backup.start.to_the_second(),
        "BackupEndTime": backup.end.to_the_second(),
        "BackupStatus": backup.status,
        "BackupMethod": "Physical",
        "BackupMode": "Automated",
        "BackupType": "FullBackup",
        "Engine": instance.engine,
        "EngineVersion": instance.engine_version,
        "Encryption": backup.encryption,
    })
}
