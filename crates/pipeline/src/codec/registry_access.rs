//! How the registry is reached by https, and what a refusal says about the settings.

use std::error::Error;
use std::path::Path;

use reqwest::{Certificate, Client, ClientBuilder};
use schema_registry_converter::error::SRCError;

/// How the program calls the settings that an error may have to do with.
#[derive(Debug, Clone, Copy)]
pub struct RegistryNames {
    /// The URLs.
    pub urls: &'static str,
    /// The file of the certificate authority.
    pub ca: &'static str,
    /// The user.
    pub user: &'static str,
    /// Where the password is.
    pub password: &'static str,
}

impl Default for RegistryNames {
    fn default() -> Self {
        RegistryNames {
            urls: "the registry's URL",
            ca: "the registry's certificate authority",
            user: "the registry's user",
            password: "its password",
        }
    }
}

/// A client that trusts this authority alone, or those of the system.
pub(super) fn client(ca: Option<&Path>, names: RegistryNames) -> Result<ClientBuilder, String> {
    let Some(file) = ca else { return Ok(Client::builder()) };
    let wrong = |why: String| format!("{} {}: {why}", names.ca, file.display());
    let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let authorities =
        Certificate::from_pem_bundle(&pem).map_err(|error| wrong(error.to_string()))?;
    Ok(Client::builder().tls_certs_only(authorities))
}

/// An error in words that name the setting to look at.
pub(super) fn explain(error: &SRCError, names: RegistryNames) -> String {
    let RegistryNames { urls, ca, user, password } = names;
    let words = words(error);
    let why = if words.contains("status 401") {
        format!("it refuses the login: look at {user} and {password}")
    } else if words.contains("status 403") {
        format!("its user lacks the right: have it granted there, or look at {user}")
    } else if words.contains("certificate has expired") {
        format!(
            "its certificate has expired: renew it there, or the authority's own in the file of {ca}"
        )
    } else if words.contains("mismatch") {
        format!("its certificate is for another host than {urls} names")
    } else if words.contains("certificate verify failed") {
        format!("its certificate is not signed by the authority in the file of {ca}")
    } else if ["wrong version number", "packet length too long"].iter().any(|w| words.contains(w)) {
        format!("it does not speak TLS on this port: write http:// or another port in {urls}")
    } else if words.contains("invalid HTTP") || words.contains("connection closed before") {
        format!("it does not answer in HTTP: if it speaks TLS, write https:// in {urls}")
    } else {
        return words;
    };
    format!("{why} ({words})")
}

/// The error and what caused it: a client's own words alone do not say what TLS found.
fn words(error: &SRCError) -> String {
    let mut words = error.error.clone();
    if let Some(cause) = &error.cause {
        words = format!("{words}: {cause}");
    }
    let mut source = error.source().and_then(Error::source);
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
