use std::collections::{HashMap, HashSet};
use std::ptr;

use apache_avro::Schema as Tree;
use apache_avro::schema::RecordSchema;

use super::shape::Shape;
use super::{Incompatibility, Rule, named};
use crate::avro::Names;

/// Pairs of types looked at before a comparison is given up: far above any schema that people
/// write, and well under a second of work.
const MAX_STEPS: usize = 500_000;
/// How deep a comparison follows types into types; each level takes stack.
const MAX_DEPTH: usize = 400;
/// Reasons reported at most; the rest would not help anybody.
const MAX_FINDINGS: usize = 50;

type Pair = (*const Tree, *const Tree);
type Findings = Vec<Incompatibility>;

/// Compares two schemas that may be recursive.
///
/// A pair that is met again while it is being compared is assumed to match. When it then turns out
/// not to, whatever was concluded from the assumption may be wrong, so the comparison starts again
/// with the mismatches found so far, which never need the assumption and therefore stand.
pub(super) struct Checker<'a> {
    reader_names: &'a Names<'a>,
    writer_names: &'a Names<'a>,
    matching: HashSet<Pair>,
    mismatching: HashMap<Pair, Incompatibility>,
    open: HashSet<Pair>,
    assumed: HashSet<Pair>,
    steps: usize,
    depth: usize,
}

impl<'a> Checker<'a> {
    pub(super) fn new(reader_names: &'a Names<'a>, writer_names: &'a Names<'a>) -> Self {
        Self {
            reader_names,
            writer_names,
            matching: HashSet::new(),
            mismatching: HashMap::new(),
            open: HashSet::new(),
            assumed: HashSet::new(),
            steps: 0,
            depth: 0,
        }
    }

    pub(super) fn run(mut self, reader: &'a Tree, writer: &'a Tree) -> Findings {
        loop {
            self.matching.clear();
            self.assumed.clear();
            let mut path = String::new();
            let mut found = self.compare(reader, writer, &mut path);
            let refuted = self.assumed.iter().any(|p| self.mismatching.contains_key(p));
            if !refuted || !found.is_empty() {
                found.truncate(MAX_FINDINGS);
                return found;
            }
        }
    }

    fn compare(&mut self, reader: &'a Tree, writer: &'a Tree, path: &mut String) -> Findings {
        let reader = self.reader_names.resolve(reader);
        let writer = self.writer_names.resolve(writer);
        let pair: Pair = (ptr::from_ref(reader), ptr::from_ref(writer));
        if self.matching.contains(&pair) {
            return Vec::new();
        }
        if let Some(known) = self.mismatching.get(&pair) {
            return vec![known.clone()];
        }
        if self.open.contains(&pair) {
            self.assumed.insert(pair);
            return Vec::new();
        }
        self.steps += 1;
        if self.steps > MAX_STEPS || self.depth >= MAX_DEPTH {
            return finding(
                Rule::TooComplex,
                path,
                "too many or too deeply linked types to compare",
            );
        }
        self.open.insert(pair);
        self.depth += 1;
        let found = self.compare_resolved(reader, writer, path);
        self.depth -= 1;
        self.open.remove(&pair);
        match found.first() {
            None => drop(self.matching.insert(pair)),
            Some(first) => drop(self.mismatching.insert(pair, first.clone())),
        }
        found
    }

    fn compare_resolved(
        &mut self,
        reader: &'a Tree,
        writer: &'a Tree,
        path: &mut String,
    ) -> Findings {
        let verdict = match (Shape::of(reader), Shape::of(writer)) {
            (_, Shape::Union(branches)) => return self.every_branch(reader, branches, path),
            (Shape::Union(branches), _) => return self.some_branch(branches, writer, path),
            (Shape::Array(reader), Shape::Array(writer)) => {
                return self
                    .inside("/items", path, |this, path| this.compare(reader, writer, path));
            }
            (Shape::Map(reader), Shape::Map(writer)) => {
                return self
                    .inside("/values", path, |this, path| this.compare(reader, writer, path));
            }
            (Shape::Record(r), Shape::Record(w)) => {
                match named::same_name((&r.name, &r.aliases), &w.name) {
                    Ok(()) => return self.fields(r, w, path),
                    mismatch => mismatch,
                }
            }
            (Shape::Enum(r), Shape::Enum(w)) => named::same_name((&r.name, &r.aliases), &w.name)
                .and_then(|()| named::knows_symbols(r, w)),
            (Shape::Fixed(r), Shape::Fixed(w)) => named::same_name((&r.name, &r.aliases), &w.name)
                .and_then(|()| named::same_size(r, w)),
            (reader, writer) if reader.reads_primitive(&writer) => Ok(()),
            (reader, writer) => Err((
                Rule::TypeMismatch,
                format!("the reader expects {}, the writer has {}", reader.name(), writer.name()),
            )),
        };
        match verdict {
            Ok(()) => Vec::new(),
            Err((rule, detail)) => finding(rule, path, detail),
        }
    }

    /// Each branch that may have been written has to be readable by the whole reader, which may be
    /// a union itself.
    fn every_branch(
        &mut self,
        reader: &'a Tree,
        branches: &'a [Tree],
        path: &mut String,
    ) -> Findings {
        let mut found = Vec::new();
        for branch in branches {
            found.extend(self.compare(reader, branch, path));
            if found.len() >= MAX_FINDINGS {
                break;
            }
        }
        found
    }

    fn some_branch(
        &mut self,
        branches: &'a [Tree],
        writer: &'a Tree,
        path: &mut String,
    ) -> Findings {
        let kind = Shape::of(writer).name();
        let mut closest = Findings::new();
        for (at, branch) in branches.iter().enumerate() {
            if self.steps > MAX_STEPS {
                return finding(Rule::TooComplex, path, "too many types to compare");
            }
            let step = format!("/{at}");
            let found = self.inside(&step, path, |this, path| this.compare(branch, writer, path));
            if found.is_empty() {
                return found;
            }
            let same_kind = Shape::of(self.reader_names.resolve(branch)).name() == kind;
            if same_kind && closest.is_empty() {
                closest = found;
            }
        }
        let detail = format!("no branch of the reader's union takes the writer's {kind}");
        let mut found = finding(Rule::MissingUnionBranch, path, detail);
        found.append(&mut closest);
        found
    }

    fn fields(
        &mut self,
        reader: &'a RecordSchema,
        writer: &'a RecordSchema,
        path: &mut String,
    ) -> Findings {
        let mut found = Vec::new();
        for field in &reader.fields {
            let step = format!("/{}", field.name);
            found.extend(self.inside(&step, path, |this, path| {
                match named::source(field, writer) {
                    Some(source) => this.compare(&field.schema, &source.schema, path),
                    None if field.default.is_some() => Vec::new(),
                    None => finding(
                        Rule::ReaderFieldMissingDefaultValue,
                        path,
                        "the writer has no such field and the reader no default for it",
                    ),
                }
            }));
        }
        found
    }

    fn inside(
        &mut self,
        step: &str,
        path: &mut String,
        compare: impl FnOnce(&mut Self, &mut String) -> Findings,
    ) -> Findings {
        let length = path.len();
        path.push_str(step);
        let found = compare(self, path);
        path.truncate(length);
        found
    }
}

fn finding(rule: Rule, path: &str, detail: impl Into<String>) -> Findings {
    vec![Incompatibility { rule, path: path.to_owned(), detail: detail.into() }]
}
