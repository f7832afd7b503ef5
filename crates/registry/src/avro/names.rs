use std::collections::HashMap;

use apache_avro::Schema as Tree;

/// Every named type that a schema defines or refers to, by full name.
pub(crate) struct Names<'a>(HashMap<String, &'a Tree>);

impl<'a> Names<'a> {
    pub(super) fn collect(roots: impl Iterator<Item = &'a Tree>) -> Self {
        let mut names = Self(HashMap::new());
        for root in roots {
            names.visit(root);
        }
        names
    }

    #[cfg(test)]
    pub(crate) fn get(&self, name: &str) -> Option<&'a Tree> {
        self.0.get(name).copied()
    }

    /// The definition behind a use of a named type; anything else is its own definition.
    pub(crate) fn resolve(&self, tree: &'a Tree) -> &'a Tree {
        match tree {
            Tree::Ref { name } => self.0.get(&name.fullname(None)).copied().unwrap_or(tree),
            _ => tree,
        }
    }

    fn visit(&mut self, tree: &'a Tree) {
        if let Tree::Ref { .. } = tree {
            return;
        }
        if let Some(name) = tree.name() {
            self.0.insert(name.fullname(None), tree);
        }
        match tree {
            Tree::Array(array) => self.visit(&array.items),
            Tree::Map(map) => self.visit(&map.types),
            Tree::Union(union) => union.variants().iter().for_each(|v| self.visit(v)),
            Tree::Record(record) => record.fields.iter().for_each(|f| self.visit(&f.schema)),
            _ => {}
        }
    }
}
