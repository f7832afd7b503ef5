//! Files of rows: CSV with a head line, or JSON Lines. One line is one row, whatever is wrong in it:
//! a quote that is left open spoils its own line alone.

use std::path::Path;

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::Value;

/// A line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Refused {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

/// A line's cells in the order of the wanted columns; cells that are not there are empty.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: usize,
    pub(crate) cells: Vec<String>,
    /// Why it is no row.
    pub(crate) wrong: Option<String>,
}

/// The rows of a file; its name's ending tells what it is.
pub(crate) fn rows(file: &Path, columns: &[&str]) -> anyhow::Result<Vec<Row>> {
    let bytes = std::fs::read(file)
        .with_context(|| format!("{} cannot be read: does it exist?", file.display()))?;
    let ending = file.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    let rows = match ending.as_str() {
        "csv" => csv(&bytes, columns),
        "jsonl" | "ndjson" => Ok(json_lines(&bytes, columns)),
        _ => bail!("a file's name ends in .csv, or in .jsonl or .ndjson for JSON Lines"),
    };
    rows.with_context(|| file.display().to_string())
}

/// The rows of a CSV text, whose first line names the columns, in any order.
pub(crate) fn csv(bytes: &[u8], columns: &[&str]) -> anyhow::Result<Vec<Row>> {
    let mut lines = lines(bytes);
    let (_, head) = lines.next().context("the file is empty: its first line names the columns")?;
    let head = cells(head).map_err(anyhow::Error::msg).context("line 1")?;
    let mut places = Vec::new();
    for column in columns {
        let Some(place) = head.iter().position(|name| name.trim() == *column) else {
            bail!("line 1: the column {column} is missing; the columns are {}", columns.join(","));
        };
        places.push(place);
    }
    let row = |(line, bytes)| {
        let (found, mut wrong) = match cells(bytes) {
            Ok(found) => (found, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        if wrong.is_none() && found.len() != head.len() {
            wrong = Some(format!("has {} columns, and the head {}", found.len(), head.len()));
        }
        let cell = |place: &usize| found.get(*place).map(|c| c.trim().to_owned());
        Row { line, cells: places.iter().map(|p| cell(p).unwrap_or_default()).collect(), wrong }
    };
    Ok(lines.map(row).collect())
}

/// The rows of a text with one JSON object a line.
pub(crate) fn json_lines(bytes: &[u8], columns: &[&str]) -> Vec<Row> {
    let row = |(line, bytes): (usize, &[u8])| match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(object)) => {
            let cell = |column: &&str| match object.get(*column) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.trim().to_owned(),
                Some(other) => other.to_string(),
            };
            Row { line, cells: columns.iter().map(cell).collect(), wrong: None }
        }
        Ok(_) => Row {
            line,
            cells: vec![String::new(); columns.len()],
            wrong: Some("is no JSON object".into()),
        },
        Err(error) => Row {
            line,
            cells: vec![String::new(); columns.len()],
            wrong: Some(format!("is no JSON: {error}")),
        },
    };
    lines(bytes).map(row).collect()
}

/// The lines that are not empty, with their numbers.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    (1..).zip(lines).filter(|(_, line)| !line.is_empty())
}

fn cells(line: &[u8]) -> Result<Vec<String>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(line.len().max(1))
        .from_reader(line);
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(_) => Ok(record.iter().map(str::to_owned).collect()),
        Err(_) => Err("is not UTF-8".into()),
    }
}

/// Text that goes into a record; the services refuse the same.
pub(crate) fn label<'a>(column: &str, text: &'a str) -> Result<&'a str, String> {
    if text.is_empty() {
        return Err(format!("{column} is empty"));
    }
    if text.chars().count() > 200 {
        return Err(format!("{column} is longer than 200 characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{column} holds control characters"));
    }
    Ok(text)
}

/// Tells a person of the lines that were not taken.
pub(crate) fn report(file: &Path, refused: &[Refused]) {
    for Refused { line, reason } in refused {
        eprintln!("{}:{line}: {reason}", file.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_spoils_no_other_and_keeps_its_number() {
        let text = b"\xef\xbb\xbfb,a\r\n1,\"x, y\"\r\n\r\n\"open,2\n3\n\xff,4\n5,z\n";
        let rows = csv(text, &["a", "b"]).unwrap();
        let seen: Vec<_> =
            rows.iter().map(|r| (r.line, r.cells.join("|"), r.wrong.is_some())).collect();
        assert_eq!(
            seen,
            [
                (2, "x, y|1".to_owned(), false),
                (4, "|open,2".to_owned(), true),
                (5, "|3".to_owned(), true),
                (6, "|".to_owned(), true),
                (7, "z|5".to_owned(), false),
            ]
        );
    }

    #[test]
    fn a_missing_column_is_named() {
        let error = csv(b"a,c\n1,2\n", &["a", "b"]).unwrap_err().to_string();
        assert!(error.contains("column b is missing"), "{error}");
    }

    #[test]
    fn json_lines_take_numbers_and_texts() {
        let rows = json_lines(b"{\"a\": 1.50, \"b\": \"x\"}\n[]\n{\n", &["a", "b"]);
        assert_eq!(rows[0].cells, ["1.5", "x"]);
        assert!(rows[1].wrong.is_some() && rows[2].wrong.is_some() && rows[2].line == 3);
    }
}
