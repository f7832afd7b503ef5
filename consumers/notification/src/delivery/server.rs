//! Which mail server: the parts of `--smtp-url`.

use percent_encoding::percent_decode_str;
use url::Url;

/// Whether and how the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    /// `smtp://`
    None,
    /// `smtp://…?tls=opportunistic`: as soon as the server offers it.
    Offered,
    /// `smtp://…?tls=required`: by STARTTLS, or nothing is said.
    StartTls,
    /// `smtps://`: from the first byte.
    Wrapped,
}

impl Encryption {
    /// The port that such servers have.
    fn port(self) -> u16 {
        match self {
            Encryption::None => 25,
            Encryption::Offered | Encryption::StartTls => 587,
            Encryption::Wrapped => 465,
        }
    }
}

/// The parts of `smtp://USER:PASSWORD@HOST:PORT?tls=required`.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    /// User and password; without `Debug`, so that nobody prints them.
    pub(super) login: Option<(String, String)>,
}

impl Server {
    /// An error says what to write, and never repeats what was written: it may hold a password.
    pub(super) fn parse(url: &str) -> Result<Self, &'static str> {
        const HELP: &str = "write it as smtp://HOST:PORT or as smtp://USER:PASSWORD@HOST:PORT, with ?tls=required for STARTTLS, or as smtps://";
        const TLS: &str = "tls may be required or opportunistic, with smtp:// alone";
        let url = Url::parse(url).map_err(|_| HELP)?;
        let tls = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value);
        let encryption = match (url.scheme(), tls.as_deref()) {
            ("smtp", None) => Encryption::None,
            ("smtp", Some("opportunistic")) => Encryption::Offered,
            ("smtp", Some("required")) => Encryption::StartTls,
            ("smtps", None) => Encryption::Wrapped,
            ("smtp" | "smtps", _) => return Err(TLS),
            _ => return Err(HELP),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(HELP)?;
        // lettre resolves a name or an address, and an IPv6 address without its brackets.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let decode = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded.map(String::from).map_err(|_| "user and password must be UTF-8")
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => Some((decode(user)?, decode(password)?)),
            _ => return Err("give both user and password, or none"),
        };
        let port = url.port().unwrap_or(encryption.port());
        Ok(Server { host, port, encryption, login })
    }
}

#[cfg(test)]
mod tests {
    use super::{Encryption, Server};

    #[test]
    fn a_server_has_a_name_a_port_and_perhaps_a_login() {
        let server = Server::parse("smtp://127.0.0.1:2525").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((&*server.host, server.port), ("127.0.0.1", 2525));
        assert!(server.login.is_none());
        let server = Server::parse("smtp://me%40shop:p%3Aw@mail").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((&*server.host, server.port), ("mail", 25));
        assert_eq!(server.login, Some(("me@shop".into(), "p:w".into())));
        let server = Server::parse("smtp://[::1]:25").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(server.host, "::1");
    }

    #[test]
    fn encryption_and_port_follow_from_the_url() {
        for (url, encryption, port) in [
            ("smtp://mail", Encryption::None, 25),
            ("smtp://mail?tls=opportunistic", Encryption::Offered, 587),
            ("smtp://mail?tls=required", Encryption::StartTls, 587),
            ("smtps://mail", Encryption::Wrapped, 465),
            ("smtps://mail:2465", Encryption::Wrapped, 2465),
        ] {
            let server = Server::parse(url).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!((server.encryption, server.port), (encryption, port), "{url}");
        }
    }

    #[test]
    fn a_url_that_cannot_be_used_is_refused_with_what_to_write() {
        for (url, help) in [
            ("mail:25", "smtp://HOST:PORT"),
            ("mail", "smtp://HOST:PORT"),
            ("http://me:hunter2@mail", "smtp://HOST:PORT"),
            ("smtp://me:hunter2@mail?tls=perhaps", "opportunistic"),
            ("smtps://me:hunter2@mail?tls=required", "smtp:// alone"),
            ("smtp://me@mail", "both user and password"),
            ("smtp://:hunter2@mail", "both user and password"),
            ("smtp://me:%ff@mail", "UTF-8"),
        ] {
            let error = Server::parse(url).err().expect("refused");
            assert!(error.contains(help) && !error.contains("hunter2"), "{url}: {error}");
        }
    }
}
