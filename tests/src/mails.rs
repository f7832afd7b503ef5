//! The stated rule for mails: SMTP cannot do better than at least once, so one that came twice has
//! the same Message-ID, and an instance said that it was in doubt.

use std::collections::{HashMap, HashSet};

use anyhow::Context;

use crate::shop::Shop;

impl Shop {
    /// Checks it for every mail there is, by the logs of all instances of notification.
    pub fn mails_came_twice_only_where_it_was_in_doubt(&self) -> anyhow::Result<()> {
        let mut logs = String::new();
        for service in self.services().filter(|s| s.name == "notification") {
            logs += &std::fs::read_to_string(service.process.log_path())?;
        }
        let in_doubt: HashSet<&str> = logs
            .lines()
            .filter(|line| line.contains("whether this mail was sent is not known"))
            .filter_map(|line| line.split("mail.id=").nth(1)?.split_whitespace().next())
            .collect();
        let mut copies: HashMap<String, u32> = HashMap::new();
        for mail in self.mail.messages()? {
            let id = mail.header("Message-ID").context("every mail has an id")?;
            let id = id.trim_start_matches('<').split('@').next().unwrap_or_default();
            *copies.entry(id.to_owned()).or_default() += 1;
        }
        let twice: Vec<_> = copies.into_iter().filter(|(_, copies)| *copies > 1).collect();
        eprintln!("mails in doubt: {}, that came twice: {}", in_doubt.len(), twice.len());
        for (id, copies) in twice {
            let said = in_doubt.contains(&*id);
            anyhow::ensure!(said, "mail {id} came {copies} times and was never in doubt");
        }
        Ok(())
    }
}
