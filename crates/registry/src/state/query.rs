use std::sync::Arc;

use super::{Content, Reference, Settings, State, Version};

impl State {
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Settings of all (`None`) or of one subject, without what it inherits.
    pub(crate) fn settings(&self, subject: Option<&str>) -> Settings {
        match subject {
            None => self.global,
            Some(subject) => self.subjects.get(subject).map(|s| s.settings).unwrap_or_default(),
        }
    }

    pub(crate) fn subjects(&self) -> impl Iterator<Item = &str> {
        self.subjects.keys().map(String::as_str)
    }

    /// Every version, the softly deleted ones too, in order.
    pub(crate) fn versions(
        &self,
        subject: &str,
    ) -> impl DoubleEndedIterator<Item = (u32, Version)> {
        let versions = self.subjects.get(subject).map(|found| &found.versions);
        versions.into_iter().flatten().map(|(n, version)| (*n, *version))
    }

    /// The versions that are not deleted, in order.
    pub(crate) fn active(&self, subject: &str) -> impl DoubleEndedIterator<Item = (u32, Version)> {
        self.versions(subject).filter(|(_, version)| !version.deleted)
    }

    pub(crate) fn version(&self, subject: &str, version: u32) -> Option<Version> {
        self.subjects.get(subject)?.versions.get(&version).copied()
    }

    pub(crate) fn next_version(&self, subject: &str) -> u32 {
        self.versions(subject).next_back().map_or(1, |(last, _)| last + 1)
    }

    pub(crate) fn content(&self, id: u32) -> Option<&Arc<Content>> {
        self.schemas.get(&id).map(|schema| &schema.content)
    }

    /// Where an id is in use: subject, version, and whether that version is deleted.
    pub(crate) fn uses(&self, id: u32) -> impl Iterator<Item = (&str, u32, bool)> {
        let uses = self.schemas.get(&id).map(|schema| &schema.versions);
        uses.into_iter().flatten().map(|(subject, version)| {
            let deleted = self.version(subject, *version).is_some_and(|found| found.deleted);
            (subject.as_str(), *version, deleted)
        })
    }

    /// How many schemas have an id.
    pub(crate) fn schemas(&self) -> usize {
        self.schemas.len()
    }

    pub(crate) fn max_id(&self) -> u32 {
        self.schemas.keys().next_back().copied().unwrap_or(0)
    }

    pub(crate) fn known_id(&self, content: &Content) -> Option<u32> {
        self.ids.get(content).copied()
    }

    /// The id that `content` has, or would get.
    pub(crate) fn id_for(&self, content: &Content) -> u32 {
        self.known_id(content).unwrap_or_else(|| self.max_id() + 1)
    }

    /// The latest version of a subject that has this id.
    pub(crate) fn version_with(&self, subject: &str, id: u32, deleted: bool) -> Option<u32> {
        self.versions(subject)
            .rfind(|(_, version)| version.id == id && (deleted || !version.deleted))
            .map(|(n, _)| n)
    }

    /// The ids whose schemas refer to a version, and whether only deleted versions have them.
    pub(crate) fn referrers(
        &self,
        subject: &str,
        version: u32,
    ) -> impl Iterator<Item = (u32, bool)> {
        let points_here = move |r: &Reference| r.subject == subject && r.version == version;
        self.schemas
            .iter()
            .filter(move |(_, schema)| schema.content.references.iter().any(points_here))
            .filter(|(_, schema)| !schema.versions.is_empty())
            .map(|(id, _)| (*id, self.uses(*id).all(|(_, _, deleted)| deleted)))
    }

    /// The schemas that `references` lead to, directly or not, each once; or the reference that
    /// leads nowhere.
    pub(crate) fn referenced<'a>(
        &'a self,
        references: &'a [Reference],
    ) -> Result<Vec<&'a Content>, &'a Reference> {
        let mut found: Vec<&Content> = Vec::new();
        let mut open: Vec<&Reference> = references.iter().collect();
        while let Some(reference) = open.pop() {
            let version = self.version(&reference.subject, reference.version).ok_or(reference)?;
            let content = self.content(version.id).ok_or(reference)?.as_ref();
            if !found.iter().any(|known| std::ptr::eq(*known, content)) {
                found.push(content);
                open.extend(&content.references);
            }
        }
        Ok(found)
    }
}
