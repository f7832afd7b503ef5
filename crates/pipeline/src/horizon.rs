//! The moment up to which a group has heard everything: for what happens because something did not.
//!
//! A deadline is missed when nothing came in time, and not when what came in time lies unread: while a
//! group was away, or is behind, its topics know more than its database.

use std::collections::HashMap;

use crate::runtime::Runtime;
use crate::transport::kafka::Kafka;
use crate::transport::{Progress, TopicPartition, Transport, TransportError};

/// Watches how far a consumer group has come, on all its members.
pub struct Horizon<T = Kafka> {
    runtime: Runtime<T>,
    group: String,
    topics: Vec<String>,
    /// Where the partitions ended at a moment, while the group has not come so far.
    ahead: Option<(i64, HashMap<TopicPartition, i64>)>,
    reached: Option<i64>,
}

impl<T: Transport> Horizon<T> {
    pub(crate) fn new(runtime: Runtime<T>, group: &str, topics: &[&str]) -> Self {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        Horizon { runtime, group: group.to_owned(), topics, ahead: None, reached: None }
    }

    /// Asks the broker, `now`, and says up to which moment it is known that the group has finished
    /// all that stood on the topics then. None while that is not known of any; an error while the
    /// broker does not answer.
    pub async fn reach(&mut self, now: i64) -> Result<Option<i64>, TransportError> {
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        let progress = self.runtime.transport().progress(&self.group, &topics).await?;
        let ends = progress.iter().map(|p| (p.partition.clone(), p.end)).collect();
        if finished(&progress, &ends) {
            (self.reached, self.ahead) = (Some(now), None);
            return Ok(self.reached);
        }
        match &self.ahead {
            Some((at, before)) if finished(&progress, before) => {
                (self.reached, self.ahead) = (Some(*at), Some((now, ends)));
            }
            Some(_) => {}
            None => self.ahead = Some((now, ends)),
        }
        Ok(self.reached)
    }
}

fn finished(progress: &[Progress], ends: &HashMap<TopicPartition, i64>) -> bool {
    // A partition that was added since had nothing then.
    let one = |p: &Progress| ends.get(&p.partition).is_none_or(|end| p.next() >= *end);
    progress.iter().all(one)
}
