use apache_avro::schema::{
    Alias, Aliases, EnumSchema, FixedSchema, Name, RecordField, RecordSchema,
};

use super::Rule;

/// Named types match by their unqualified names, or by an alias of the reader.
pub(super) fn same_name(reader: (&Name, &Aliases), writer: &Name) -> Result<(), (Rule, String)> {
    let (name, aliases) = reader;
    let wanted = writer.fullname(None);
    let by_alias = |alias: &Alias| alias.fullname(name.namespace()) == wanted;
    if name.name() == writer.name() || aliases.iter().flatten().any(by_alias) {
        return Ok(());
    }
    let expected = name.fullname(None);
    let detail = format!(
        "the reader expects {expected}, the writer has {wanted}; an alias on the reader would join them"
    );
    Err((Rule::NameMismatch, detail))
}

pub(super) fn same_size(reader: &FixedSchema, writer: &FixedSchema) -> Result<(), (Rule, String)> {
    if reader.size == writer.size {
        return Ok(());
    }
    let detail =
        format!("the reader expects {} bytes, the writer has {}", reader.size, writer.size);
    Err((Rule::FixedSizeMismatch, detail))
}

pub(super) fn knows_symbols(
    reader: &EnumSchema,
    writer: &EnumSchema,
) -> Result<(), (Rule, String)> {
    if reader.default.is_some() {
        return Ok(());
    }
    let missing: Vec<&str> = writer
        .symbols
        .iter()
        .filter(|symbol| !reader.symbols.contains(symbol))
        .map(String::as_str)
        .take(20)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let detail = format!("the reader lacks {} and has no default symbol", missing.join(", "));
    Err((Rule::MissingEnumSymbols, detail))
}

/// The writer's field that a field of the reader takes its value from: by name first, then by the
/// reader's aliases. The writer's aliases do not count.
pub(super) fn source<'w>(field: &RecordField, writer: &'w RecordSchema) -> Option<&'w RecordField> {
    let position = |name: &String| {
        let at = *writer.lookup.get(name)?;
        writer.fields.get(at).filter(|found| found.name == *name)
    };
    position(&field.name).or_else(|| field.aliases.iter().find_map(position)).or_else(|| {
        let wanted = |f: &&RecordField| f.name == field.name || field.aliases.contains(&f.name);
        writer.fields.iter().find(wanted)
    })
}
