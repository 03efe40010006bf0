//! The two things we need of a certificate: its key, and when it is valid. That it is the vendor's is known by where it
//! came from; no chain is built.

use der::asn1::{GeneralizedTime, UtcTime};
use der::{Decode as _, Reader, SliceReader, Tag};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The longest PEM that is read, in bytes.
const MAX_PEM: usize = 64 * 1024;

#[derive(Debug, Clone)]
pub(super) struct Certificate {
    /// The whole `SubjectPublicKeyInfo`.
    key: Vec<u8>,
    /// Seconds of the Unix clock, both included.
    valid: (u64, u64),
}

impl Certificate {
    /// The first certificate of a PEM text.
    pub(super) fn read(pem: &[u8]) -> Option<Self> {
        let certificate = CertificateDer::from_pem_slice(Some(pem).filter(|pem| pem.len() <= MAX_PEM)?).ok()?;
        parse(&certificate).ok()
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn is_valid_at(&self, now: Timestamp) -> bool {
        u64::try_from(now.as_second()).is_ok_and(|now| (self.valid.0..=self.valid.1).contains(&now))
    }
}

/// RFC 5280, section 4.1: version (absent in the first), serial number, algorithm, issuer, validity, subject, key; the rest
/// does not matter here.
fn parse(certificate: &[u8]) -> der::Result<Certificate> {
    let mut reader = SliceReader::new(certificate)?;
    let parsed = reader.sequence(|outer| {
        let parsed = outer.sequence(|fields| {
            if fields.peek_byte() == Some(0xa0) {
                fields.tlv_bytes()?;
            }
            for _serial_algorithm_issuer in 0..3 {
                fields.tlv_bytes()?;
            }
            let valid = fields.sequence(|times| Ok::<_, der::Error>((time(times)?, time(times)?)))?;
            let _subject = fields.tlv_bytes()?;
            let key = fields.tlv_bytes()?.to_vec();
            fields.drain(fields.remaining_len())?;
            Ok::<_, der::Error>(Certificate { key, valid })
        })?;
        outer.drain(outer.remaining_len())?;
        Ok::<_, der::Error>(parsed)
    })?;
    reader.finish()?;
    Ok(parsed)
}

fn time<'r>(reader: &mut impl Reader<'r>) -> der::Result<u64> {
    let since_1970 = match Tag::peek(reader)? {
        Tag::UtcTime => UtcTime::decode(reader)?.to_unix_duration(),
        _ => GeneralizedTime::decode(reader)?.to_unix_duration(),
    };
    Ok(since_1970.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXTURE: &[u8] = include_bytes!("../../../../tests/fixtures/webhook/eventbridge/certificate.pem");
    const VERSION_1: &[u8] = include_bytes!("../../../../tests/fixtures/webhook/eventbridge/version-1.pem");

    #[test]
    fn both_versions_show_the_same_key_and_each_its_dates() {
        let (three, one) = (Certificate::read(FIXTURE).unwrap(), Certificate::read(VERSION_1).unwrap());
        assert_eq!(three.key, one.key);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(three.is_valid_at(at("2020-01-01T00:00:00Z")) && three.is_valid_at(at("2120-01-01T00:00:00Z")));
        assert!(!three.is_valid_at(at("2019-12-31T23:59:59Z")) && !three.is_valid_at(at("2120-01-01T00:00:01Z")));
        assert!(!three.is_valid_at(at("1969-01-01T00:00:00Z")));
        assert!(one.is_valid_at(at("2050-01-01T00:00:00Z")) && !one.is_valid_at(at("2026-01-01T00:00:00Z")));
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        let long = [FIXTURE, &vec![b'\n'; MAX_PEM]].concat();
        let key: &[u8] = b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        let short: &[u8] = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        for pem in [&b""[..], b"https://example.com", key, short, &long] {
            assert!(Certificate::read(pem).is_none());
        }
    }

    #[test]
    fn no_part_of_a_certificate_makes_it_panic() {
        let whole = CertificateDer::from_pem_slice(FIXTURE).unwrap();
        for length in 0..whole.len() {
            assert!(parse(&whole[..length]).is_err());
            for value in [0, 0x80, 0xff] {
                let mut other = whole.to_vec();
                other[length] = value;
                let _ = parse(&other);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = (parse(&bytes), Certificate::read(&bytes));
        }
    }
}
