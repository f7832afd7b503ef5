//! Why a mail did not go: what becomes of it, and which setting to look at.

use std::time::Duration;

use lettre::transport::smtp::Error;
use pipeline::Failure;

use super::Undelivered;
use crate::domain::mask;

/// Why a mail did not go.
#[derive(Debug)]
pub(super) enum Unsent {
    /// There is no way to the server, or it does not let us in. Nothing was said of the mail.
    NoWay(Why),
    /// The server was told of the mail, and has not got it.
    NotTaken(Why),
    /// It may have got it: its answer is missing.
    InDoubt(Why),
    /// The address has letters that the server does not know.
    International,
}

/// What went wrong on a connection.
#[derive(Debug)]
pub(super) enum Why {
    /// Nothing was answered for so long.
    Silence(Duration),
    /// The words of the server, of TLS, or of the network.
    Words(Error),
}

/// Which setting may be wrong.
fn hint(server: &str) -> &'static str {
    let said = |words: &[&str]| words.iter().any(|word| server.contains(word));
    if said(&["certificate has expired"]) {
        "its certificate has expired: renew it there, or the authority's own in the file of --smtp-ca"
    } else if said(&["mismatch"]) {
        "its certificate is for another host than --smtp-url names"
    } else if said(&["certificate verify failed"]) {
        "its certificate is not signed by the authority in the file of --smtp-ca"
    } else if said(&["wrong version number", "packet length too long"]) {
        "it does not speak TLS from the first byte: write smtp:// with ?tls=required in --smtp-url, or look at its port"
    } else if said(&["STARTTLS is not supported"]) {
        "it offers no STARTTLS, which --smtp-url asks for"
    } else if said(&["No compatible authentication"]) {
        "it takes no login like this one: look at the encryption and the port in --smtp-url"
    } else {
        ""
    }
}

impl Unsent {
    /// The server's code, where it has said one.
    fn code(&self) -> Option<u16> {
        match self {
            Unsent::NoWay(Why::Words(error)) | Unsent::NotTaken(Why::Words(error)) => {
                error.status().map(u16::from)
            }
            _ => None,
        }
    }

    /// What happened, and which setting to look at, without addresses.
    fn words(&self) -> String {
        let (Unsent::NoWay(why) | Unsent::NotTaken(why) | Unsent::InDoubt(why)) = self else {
            return "the mail server takes no address like this one".into();
        };
        let said = match why {
            Why::Silence(patience) => format!("no answer within {patience:?}"),
            Why::Words(error) => mask::words(&error.to_string()),
        };
        let hint = match (why, self.code()) {
            (Why::Silence(_), _) if matches!(self, Unsent::NoWay(_)) => {
                "if it speaks TLS from the first byte, write smtps:// in --smtp-url"
            }
            (_, Some(530)) => "it wants TLS or a login: look at --smtp-url",
            (_, Some(534 | 535 | 538)) => "look at the user and the password in --smtp-url",
            (Why::Words(error), _) => hint(&error.to_string()),
            _ => "",
        };
        if hint.is_empty() {
            format!("mail server: {said}")
        } else {
            format!("mail server: {hint} ({said})")
        }
    }
}

impl From<Unsent> for Undelivered {
    fn from(unsent: Unsent) -> Self {
        let (said, code) = (unsent.words(), unsent.code());
        match unsent {
            Unsent::NoWay(_) => Undelivered::Later(Failure::unavailable(said)),
            Unsent::International => Undelivered::Refused(said),
            Unsent::NotTaken(_) => match code.map(fate) {
                Some(Fate::Refused) => Undelivered::Refused(said),
                // Whether it is about this mail or about the server shows with the next try.
                Some(Fate::Retry) | None => Undelivered::Later(Failure::retry(said)),
                Some(Fate::Away) => Undelivered::Later(Failure::unavailable(said)),
            },
            // Nobody knows whether the mail arrived; the next try has the same id.
            Unsent::InDoubt(_) => Undelivered::Later(Failure::in_doubt(said)),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// About this mail, for good.
    Refused,
    /// About this mail, for now.
    Retry,
    /// About the server or about us: the same for every mail.
    Away,
}

/// What a code says: 421 closes the service, 454 and 530 to 538 are about logging in, 521 takes no
/// mail at all.
fn fate(code: u16) -> Fate {
    match code {
        421 | 454 | 521 | 530..=538 => Fate::Away,
        400..500 => Fate::Retry,
        _ => Fate::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_about_the_mail_ends_the_mail() {
        for (code, is) in [
            (421, Fate::Away),
            (450, Fate::Retry),
            (451, Fate::Retry),
            (452, Fate::Retry),
            (521, Fate::Away),
            (530, Fate::Away),
            (535, Fate::Away),
            (550, Fate::Refused),
            (552, Fate::Refused),
            (554, Fate::Refused),
        ] {
            assert_eq!(fate(code), is, "{code}");
        }
    }
}
