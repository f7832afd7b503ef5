//! What all templates have in common, whatever they are for: a template sees the fields of its event
//! by their names in the `.avsc` file.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, UndefinedBehavior};
use serde::Serialize;

use crate::domain::{date, money};

/// A template's name, whose ending decides about escaping, and its source.
pub(crate) type Part = (&'static str, &'static str);

/// Templates, parsed.
pub(crate) struct Templates(Environment<'static>);

impl Templates {
    /// Parses them. A field that an event does not have is an error when it is rendered, not a gap.
    pub(crate) fn new(parts: impl IntoIterator<Item = Part>) -> Result<Self, Error> {
        let mut all = Environment::new();
        all.set_undefined_behavior(UndefinedBehavior::Strict);
        all.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        all.add_filter("money", |minor: i64, currency: &str| money::format(minor, currency));
        all.add_filter("day", date::day);
        for (name, source) in parts {
            all.add_template(name, source)?;
        }
        Ok(Templates(all))
    }

    /// One of them about an event.
    pub(crate) fn render<E: Serialize>(&self, part: Part, event: &E) -> Result<String, Error> {
        self.0.get_template(part.0)?.render(Value::from(Serde(event)))
    }
}
