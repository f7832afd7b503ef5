//! The stated rule for mails and push messages: they come at least once, so one that came twice has the
//! same id, and an instance said that it was in doubt.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use anyhow::Context;
use serde_json::Value;
use shop_testkit::push;

use crate::shop::Shop;

impl Shop {
    /// Checks it for every mail there is, by the logs of all instances of notification.
    pub fn mails_came_twice_only_where_it_was_in_doubt(&self) -> anyhow::Result<()> {
        let mut ids = Vec::new();
        for mail in self.mail.messages()? {
            let id = mail.header("Message-ID").context("every mail has an id")?;
            let id = id.trim_start_matches('<').split('@').next().unwrap_or_default();
            ids.push((String::new(), id.to_owned()));
        }
        self.only_in_doubt("mail", ids)
    }

    /// The same for every push message and every device.
    pub fn pushes_came_twice_only_where_it_was_in_doubt(
        &self,
        push: &push::Server,
    ) -> anyhow::Result<()> {
        let mut ids = Vec::new();
        for message in push.messages()? {
            let plain: Value = serde_json::from_str(&message.plain)?;
            ids.push((message.device, plain["id"].as_str().context("an id")?.to_owned()));
        }
        self.only_in_doubt("push", ids)
    }

    /// Where each went, and its id.
    fn only_in_doubt(&self, kind: &str, came: Vec<(String, String)>) -> anyhow::Result<()> {
        let mut logs = String::new();
        for service in self.services().filter(|s| s.name == "notification") {
            logs += &std::fs::read_to_string(service.process.log_path())?;
        }
        let field = format!("{kind}.id=");
        let in_doubt: HashSet<&str> = logs
            .lines()
            .filter(|line| line.contains("was sent is not known"))
            .filter_map(|line| line.split(&*field).nth(1)?.split_whitespace().next())
            .collect();
        let twice = more_than_once(came);
        eprintln!("{kind}: {} in doubt, {} came twice", in_doubt.len(), twice.len());
        for ((_, id), copies) in twice {
            let said = in_doubt.contains(&*id);
            anyhow::ensure!(said, "{kind} {id} came {copies} times and was never in doubt");
        }
        Ok(())
    }
}

fn more_than_once<T: Eq + Hash>(all: Vec<T>) -> Vec<(T, u32)> {
    let mut copies: HashMap<T, u32> = HashMap::new();
    for one in all {
        *copies.entry(one).or_default() += 1;
    }
    copies.into_iter().filter(|(_, copies)| *copies > 1).collect()
}
