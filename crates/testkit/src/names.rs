//! Names that no other test uses, for topics and groups on a shared broker.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};

/// `prefix` with an ending that no other call gives, in this process or another: `orders-3-1f0c92ab77de`.
pub fn unique(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{number}-{:012x}", random() & 0xffff_ffff_ffff)
}

/// The standard library seeds each process's hashers from the system's randomness.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_same_prefix_gives_another_name_each_time() {
        let (one, two) = (super::unique("orders"), super::unique("orders"));
        assert_ne!(one, two);
        assert!(one.starts_with("orders-"));
    }
}
