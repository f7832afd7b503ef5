//! The schema folder: `avro/` is what is being written, `released/VERSION/` what others rely on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// The `.avsc` files of one version: name and text.
pub(super) type Files = BTreeMap<String, String>;

pub(super) fn current(folder: &Path) -> anyhow::Result<Files> {
    let files = read(&folder.join("avro"))?;
    anyhow::ensure!(
        !files.is_empty(),
        "{} holds no .avsc file: give the schema folder with --schemas",
        folder.join("avro").display()
    );
    Ok(files)
}

/// Every released version with its files.
pub(super) fn released(folder: &Path) -> anyhow::Result<BTreeMap<String, Files>> {
    let mut versions = BTreeMap::new();
    for (name, path) in entries(&folder.join("released"))? {
        if path.is_dir() && !name.starts_with('.') {
            versions.insert(name, read(&path)?);
        }
    }
    Ok(versions)
}

fn read(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    for (name, path) in entries(folder)? {
        if name.ends_with(".avsc") {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            files.insert(name, text);
        }
    }
    Ok(files)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<(String, std::path::PathBuf)>> {
    let listed = fs::read_dir(folder).with_context(|| {
        format!(
            "{} cannot be listed: run from the repository, or give the schema folder with --schemas",
            folder.display()
        )
    })?;
    listed
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), entry.path()))
        })
        .collect()
}
