//! Whether data written with one schema can be read with another, by the rules of schema
//! resolution in the Avro specification.
//!
//! Why not `apache_avro::schema_compatibility`: in 0.22.0 it does not follow a use of a named type
//! to its definition (a type defined inline on one side and used by name on the other does not
//! match, and two uses of one name always match whatever the definitions say), it ignores the
//! aliases of types, refuses decimals whose precision differs although resolution looks at the
//! underlying type alone, and calls a match of some symbols or branches "partial", which a
//! registry has to refuse. `tests/apache_avro.rs` beside this file shows each case.

mod check;
mod level;
mod named;
mod shape;

#[cfg(test)]
mod tests;

use std::fmt;

pub use level::{Level, UnknownLevel};

use crate::avro::AvroSchema;
use check::Checker;

/// One reason why a reader cannot read what a writer wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incompatibility {
    /// The rule that is broken, named as in Avro's own checker.
    pub rule: Rule,
    /// Where in the reader's schema.
    pub path: String,
    /// What was found there.
    pub detail: String,
}

/// The rules of schema resolution that two schemas can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Two named types have different names and no alias joins them.
    NameMismatch,
    /// Two fixed types differ in size.
    FixedSizeMismatch,
    /// The writer has symbols that the reader neither knows nor has a default for.
    MissingEnumSymbols,
    /// The reader has a field that the writer lacks, and no default for it.
    ReaderFieldMissingDefaultValue,
    /// The types differ and none promotes to the other.
    TypeMismatch,
    /// The writer's union has a branch that no branch of the reader takes.
    MissingUnionBranch,
    /// The comparison was given up.
    TooComplex,
}

impl Rule {
    fn as_str(self) -> &'static str {
        match self {
            Self::NameMismatch => "NAME_MISMATCH",
            Self::FixedSizeMismatch => "FIXED_SIZE_MISMATCH",
            Self::MissingEnumSymbols => "MISSING_ENUM_SYMBOLS",
            Self::ReaderFieldMissingDefaultValue => "READER_FIELD_MISSING_DEFAULT_VALUE",
            Self::TypeMismatch => "TYPE_MISMATCH",
            Self::MissingUnionBranch => "MISSING_UNION_BRANCH",
            Self::TooComplex => "TOO_COMPLEX",
        }
    }
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, path) = (self.rule.as_str(), &self.path);
        let path = if path.is_empty() { "/" } else { path };
        write!(f, "{rule} at {path}: {}", self.detail)
    }
}

/// Why `reader` cannot read everything that `writer` can write; empty when it can.
pub fn can_read(reader: &AvroSchema, writer: &AvroSchema) -> Vec<Incompatibility> {
    let (reader_names, writer_names) = (reader.names(), writer.names());
    Checker::new(&reader_names, &writer_names).run(reader.root(), writer.root())
}
