//! Refresh tokens: what a client comes back with when its access token has expired.
//!
//! A token is 48 random bytes. The first 16 are the family's handle, the same in all its tokens; the
//! other 32 are new each time. So an old token, however old, is known for one of its family, and
//! nothing has to be kept of it. The handle is told to nobody but the token's holder: who names it
//! has had a token of the family.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;

const HANDLE: usize = 16;
const TOKEN: usize = 48;

/// A refresh token, which does not print.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken([u8; TOKEN]);

impl RefreshToken {
    /// The first token of a new family.
    pub(crate) fn new() -> Result<Self, openssl::error::ErrorStack> {
        let mut bytes = [0; TOKEN];
        // Not from the clock's and the ids' generator, which a seed can replay.
        openssl::rand::rand_bytes(&mut bytes)?;
        Ok(RefreshToken(bytes))
    }

    /// The token after this one.
    pub(crate) fn next(&self) -> Result<Self, openssl::error::ErrorStack> {
        let mut next = RefreshToken::new()?;
        next.0[..HANDLE].copy_from_slice(&self.0[..HANDLE]);
        Ok(next)
    }

    /// As a client sends it; nothing where it is none of ours by its form.
    pub(crate) fn read(text: &str) -> Option<Self> {
        // 48 bytes are 64 characters: nothing longer is looked at.
        if text.len() != TOKEN / 3 * 4 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(RefreshToken(bytes.try_into().ok()?))
    }

    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The hash that its family is found by.
    pub(crate) fn handle_hash(&self) -> String {
        hash(&self.0[..HANDLE])
    }

    /// The hash that it is known by: no salt and no stretching, for nobody guesses 256 bits.
    pub(crate) fn hash(&self) -> String {
        hash(&self.0)
    }
}

fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(sha256(bytes))
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_of_a_family_share_their_handle_and_nothing_else() {
        let first = RefreshToken::new().unwrap();
        let second = first.next().unwrap();
        assert_eq!(first.handle_hash(), second.handle_hash());
        assert_ne!(first.hash(), second.hash());
        assert_ne!(first.0[HANDLE..], second.0[HANDLE..]);
        assert_ne!(first.handle_hash(), RefreshToken::new().unwrap().handle_hash());
    }

    #[test]
    fn a_token_is_read_as_it_was_written_and_nothing_else_is_one() {
        let token = RefreshToken::new().unwrap();
        assert_eq!(RefreshToken::read(&token.text()), Some(token.clone()));
        for wrong in ["", "x", &token.text()[1..], &format!("{}=", token.text()), &"\0".repeat(64)]
        {
            assert_eq!(RefreshToken::read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn neither_token_nor_handle_can_be_read_in_what_is_stored() {
        let token = RefreshToken::new().unwrap();
        assert!(!format!("{token:?}").contains(&token.text()));
        assert!(!token.text().contains(&token.hash()[..8]));
    }
}
