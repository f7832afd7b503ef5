use std::sync::Arc;

use super::{Change, Content, Schema, State, Version};
use crate::log::Proposal;

/// What became of a proposal, for ever and for every instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Applied,
    /// It was decided on a state that was no longer the state.
    Lost,
}

impl State {
    /// The one rule: a proposal counts if it was decided on exactly the state that it meets. The
    /// first in the log to ask for a revision therefore takes it, and whatever else was decided on
    /// the same state is passed over.
    pub(crate) fn apply(&mut self, proposal: &Proposal) -> Outcome {
        if proposal.key.revision != self.revision + 1 || !self.is_sound(&proposal.change) {
            return Outcome::Lost;
        }
        self.revision += 1;
        self.make(&proposal.change);
        Outcome::Applied
    }

    /// A second line of defence: no record, whoever wrote it, can skip a version, give an id to
    /// two schemas, or remove what is not there.
    fn is_sound(&self, change: &Change) -> bool {
        match change {
            Change::Register { subject, version, id, content } => {
                *version == self.next_version(subject) && *id == self.id_for(content)
            }
            Change::DeleteVersion { subject, version, permanent } => {
                self.version(subject, *version).is_some_and(|found| found.deleted == *permanent)
            }
            Change::DeleteSubject { subject, permanent } => {
                self.versions(subject).any(|(_, found)| found.deleted == *permanent)
            }
            Change::SetCompatibility { .. } | Change::SetMode { .. } => true,
        }
    }

    fn make(&mut self, change: &Change) {
        match change {
            Change::Register { subject, version, id, content } => {
                self.register(subject, *version, *id, content);
            }
            Change::DeleteVersion { subject, version, permanent: true } => {
                self.forget(subject, *version);
            }
            Change::DeleteVersion { subject, version, permanent: false } => {
                let versions = self.subjects.get_mut(subject).map(|found| &mut found.versions);
                if let Some(found) = versions.and_then(|versions| versions.get_mut(version)) {
                    found.deleted = true;
                }
            }
            Change::DeleteSubject { subject, permanent: true } => {
                let versions: Vec<u32> = self.versions(subject).map(|(n, _)| n).collect();
                versions.into_iter().for_each(|version| self.forget(subject, version));
            }
            Change::DeleteSubject { subject, permanent: false } => {
                if let Some(found) = self.subjects.get_mut(subject) {
                    found.settings = Default::default();
                    found.versions.values_mut().for_each(|version| version.deleted = true);
                }
            }
            Change::SetCompatibility { subject, level } => {
                self.settings_mut(subject.as_deref()).level = *level;
            }
            Change::SetMode { subject, mode } => self.settings_mut(subject.as_deref()).mode = *mode,
        }
        if let Change::SetCompatibility { subject: Some(subject), .. }
        | Change::SetMode { subject: Some(subject), .. } = change
        {
            self.drop_if_empty(subject);
        }
    }

    fn register(&mut self, subject: &str, version: u32, id: u32, content: &Content) {
        let entry = self.schemas.entry(id).or_insert_with(|| Schema {
            content: Arc::new(content.clone()),
            versions: Default::default(),
        });
        entry.versions.insert((subject.to_owned(), version));
        self.ids.insert(entry.content.clone(), id);
        let subject = self.subjects.entry(subject.to_owned()).or_default();
        subject.versions.insert(version, Version { id, deleted: false });
    }

    fn forget(&mut self, subject: &str, version: u32) {
        let Some(found) = self.subjects.get_mut(subject) else { return };
        let Some(removed) = found.versions.remove(&version) else { return };
        if let Some(schema) = self.schemas.get_mut(&removed.id) {
            schema.versions.remove(&(subject.to_owned(), version));
        }
        self.drop_if_empty(subject);
    }

    fn drop_if_empty(&mut self, subject: &str) {
        let is_empty = |found: &super::Subject| {
            found.versions.is_empty() && found.settings == Default::default()
        };
        if self.subjects.get(subject).is_some_and(is_empty) {
            self.subjects.remove(subject);
        }
    }

    fn settings_mut(&mut self, subject: Option<&str>) -> &mut super::Settings {
        match subject {
            None => &mut self.global,
            Some(subject) => &mut self.subjects.entry(subject.to_owned()).or_default().settings,
        }
    }
}
