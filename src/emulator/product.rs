//! The services there are, and what tells them apart.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    Rds,
    Kms,
    Sts,
    Fc,
    EventBridge,
}

impl Product {
    pub(super) const ALL: [Self; 5] = [Self::Rds, Self::Kms, Self::Sts, Self::Fc, Self::EventBridge];

    /// Its name in hosts and in RAM actions.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rds => "rds",
            Self::Kms => "kms",
            Self::Sts => "sts",
            Self::Fc => "fc",
            Self::EventBridge => "eventbridge",
        }
    }

    /// The version of its API. There is no other.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::Rds => "2014-08-15",
            Self::Kms => "2016-01-20",
            Self::Sts => "2015-04-01",
            Self::Fc => "2023-03-30",
            Self::EventBridge => "2020-04-01",
        }
    }

    /// What may follow its name in a host: inside a VPC (*documented*), or where EventBridge's older regions answer
    /// (*read in code*).
    pub(super) fn second_host(self) -> &'static str {
        match self {
            Self::Rds | Self::Kms | Self::Sts | Self::Fc => "-vpc",
            Self::EventBridge => "-console",
        }
    }

    /// Whether one host without a region serves it too (*documented*; the others have none).
    pub(super) fn is_central(self) -> bool {
        match self {
            Self::Rds | Self::Sts => true,
            Self::Kms | Self::Fc | Self::EventBridge => false,
        }
    }
}
