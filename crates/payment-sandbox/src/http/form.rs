//! Form-encoded parameters: `amount=100&metadata[order_id]=7`.

use std::collections::BTreeMap;

use crate::bank::Refusal;

/// The parameters of a request, each taken once; what is left over is unknown.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        Form(url::form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<String, Refusal> {
        let missing = || Refusal::parameter(name, &format!("Missing required param: {name}."));
        self.take(name).ok_or_else(missing)
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let wrong = |_| Refusal::parameter(name, &format!("Invalid integer: {text}"));
        text.parse().map(Some).map_err(wrong)
    }

    /// `metadata[…]`.
    pub(super) fn metadata(&mut self) -> BTreeMap<String, String> {
        let name = |key: &str| Some(key.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned());
        let names: Vec<_> =
            self.0.keys().filter_map(|key| Some((key.clone(), name(key)?))).collect();
        let take = |(key, name): (String, String)| Some((name, self.0.remove(&key)?));
        names.into_iter().filter_map(take).collect()
    }

    /// Whether that was all, besides these, which change nothing here.
    pub(super) fn end(mut self, ignored: &[&str]) -> Result<(), Refusal> {
        for name in ignored {
            self.0.remove(*name);
        }
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => {
                Err(Refusal::parameter(&name, &format!("Received unknown parameter: {name}")))
            }
        }
    }
}
