//! The deployments that are tried.

use std::fmt;
use std::io;

use clap::ValueEnum;
use serde_json::json;

use crate::cloud::{ACCOUNT, Cloud};
use crate::plant::Plant;
use crate::random::Random;
use crate::scenario::{ALLOWED, EXEMPT, NARROW};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Profile {
    /// A queue, credentials with each delivery, nothing read before a write.
    Plain,
    /// What cannot be done now is delivered again by its sender alone.
    NoQueue,
    /// Tags and regions are limited, so that each instance is read first; the role that RDS needs may be created.
    ReadsFirst,
    /// Credentials are in the environment of the process, and sometimes have expired.
    EnvironmentCredentials,
    /// Clocks of single processes are wrong, by minutes or by a day.
    Clocks,
    /// Readers of the standard output go away for good.
    Stdout,
}

impl Profile {
    pub(crate) const ALL: [Self; 6] =
        [Self::Plain, Self::NoQueue, Self::ReadsFirst, Self::EnvironmentCredentials, Self::Clocks, Self::Stdout];

    /// The configuration, up to the sinks.
    pub(crate) fn config(self, plant: Option<Plant>) -> String {
        let has_policy = plant != Some(Plant::PolicyLeftOut);
        let relay = self != Self::NoQueue;
        let secret = "secret = { env = \"DEPLOYMENT_SECRET\" }";
        let mut config = format!("{secret}\nrelay = {relay}\nauthorize = {}\n", self.reads_first());
        config.push_str("[[doors.webhook]]\nname = \"ci\"\nsecrets = [{ env = \"WEBHOOK_SECRET\" }]\n");
        config.push_str("accounts = [\"*\"]\nregions = [\"*\"]\nmode = \"enforce\"\n");
        if has_policy {
            config.push_str("[policy]\n");
            config.push_str(if plant == Some(Plant::PolicyTooNarrow) { NARROW } else { ALLOWED });
        }
        if self.reads_first() && has_policy {
            config.extend(["exempt_tags = [\"", EXEMPT, "\"]\nregions = [\"cn-*\"]\n"]);
        }
        config
    }

    /// Makes the cloud as this deployment finds it.
    pub(crate) async fn prepare(self, cloud: &Cloud) -> io::Result<()> {
        if self.reads_first() {
            cloud.put("accounts", json!([{"id": ACCOUNT, "backup_encryption_role": false}])).await?;
        }
        Ok(())
    }

    pub(crate) fn environment(self, is_rough: bool, chance: &mut Random) -> Vec<(&'static str, String)> {
        if self != Self::EnvironmentCredentials {
            return Vec::new();
        }
        let token = if is_rough && chance.chance(300) { "expired" } else { "a-session-token" };
        vec![
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", rds_seal::emulator::ACCESS_KEY_ID.to_owned()),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", rds_seal::emulator::ACCESS_KEY_SECRET.to_owned()),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", token.to_owned()),
        ]
    }

    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Plain => "a queue, credentials with each delivery, and nothing that is read before a write",
            Self::NoQueue => "no queue: what cannot be done now is delivered again by its sender alone",
            Self::ReadsFirst => {
                "policy looks at tags and regions, so each instance is read first, and the role that RDS needs is not there yet"
            }
            Self::EnvironmentCredentials => "credentials are in the environment of the process, and some have expired",
            Self::Clocks => "clocks of single processes are wrong, by up to 50 minutes or by 25 hours",
            Self::Stdout => "the reader of the standard output goes away for good, besides",
        }
    }

    pub(crate) fn reads_first(self) -> bool {
        self == Self::ReadsFirst
    }

    pub(crate) fn moves_clocks(self) -> bool {
        self == Self::Clocks
    }

    pub(crate) fn brings_credentials(self) -> bool {
        self != Self::EnvironmentCredentials
    }
}

/// As it is named on the command line.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}
