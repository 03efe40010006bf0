//! In which language and by which clock a card speaks.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::words::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locale {
    pub language: Language,
    pub utc_offset: Offset,
}

impl Default for Locale {
    fn default() -> Self {
        Self { language: Language::En, utc_offset: Offset::UTC }
    }
}

impl Locale {
    /// A moment as people read it, with its offset: `2026-11-24 14:05:09 UTC+08:00`.
    pub fn time(&self, time: Timestamp) -> String {
        let local = self.utc_offset.to_datetime(time);
        let seconds = self.utc_offset.seconds();
        let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
        let zone = if seconds == 0 { String::new() } else { format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60) };
        format!("{} {:.0} UTC{zone}", local.date(), local.time().round(jiff::Unit::Second).unwrap_or(local.time()))
    }

    /// A moment that the cloud wrote, or what it wrote where that is none.
    pub fn time_of(&self, text: &str) -> String {
        text.parse().map_or_else(|_| text.to_owned(), |time| self.time(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_by_the_clock_of_its_readers() {
        let at = "2026-11-24T16:05:09.7Z".parse().unwrap();
        let time = |hours: i8| Locale { utc_offset: jiff::tz::offset(hours), ..Locale::default() }.time(at);
        assert_eq!(time(0), "2026-11-24 16:05:10 UTC");
        assert_eq!(time(8), "2026-11-25 00:05:10 UTC+08:00");
        assert_eq!(time(-3), "2026-11-24 13:05:10 UTC-03:00");
        assert_eq!(Locale::default().time_of("soon"), "soon");
    }
}
