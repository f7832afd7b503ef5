use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;

use super::{compat, files};

/// Copy the schemas to `released/VERSION/`, from where they can never be broken again.
#[derive(Debug, Args)]
pub(super) struct Release {
    /// The version: three numbers, as in 0.1.0.
    version: String,
    /// The folder with `avro/` and `released/`.
    #[arg(long, default_value = "schemas")]
    schemas: PathBuf,
}

pub(super) fn run(release: &Release) -> anyhow::Result<()> {
    let Release { version, schemas } = release;
    let numbers: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
    ensure!(
        numbers.len() == 3 && numbers.iter().all(Result::is_ok),
        "`{version}` is no version: give three numbers, as in 0.1.0"
    );
    let current = files::current(schemas)?;
    let folder = schemas.join("released");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let released = files::released(schemas)?;
    ensure!(
        !released.contains_key(version),
        "{version} is released already, and a release never changes: give the next version"
    );
    let breaks = compat::breaks(&current, &released);
    ensure!(
        breaks.is_empty(),
        "{} changes break what is released: see `orderline schemas check`",
        breaks.len()
    );
    // A release is there as a whole or not at all.
    let (unfinished, finished) = (folder.join(format!(".{version}")), folder.join(version));
    fs::create_dir_all(&unfinished)?;
    for (file, text) in &current {
        fs::write(unfinished.join(file), text)?;
    }
    fs::rename(&unfinished, &finished)
        .with_context(|| format!("cannot make {}", finished.display()))?;
    println!("{} schemas released as {version}: commit {}", current.len(), finished.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("avro")).unwrap();
        write(&folder, text);
        folder
    }

    fn write(folder: &tempfile::TempDir, text: &str) {
        fs::write(folder.path().join("avro/thing.avsc"), text).unwrap();
    }

    fn release(folder: &tempfile::TempDir, version: &str) -> Result<(), String> {
        let schemas = folder.path().to_owned();
        run(&Release { version: version.into(), schemas }).map_err(|e| e.to_string())
    }

    const EMPTY: &str = r#"{"type":"record","name":"a.Thing","fields":[]}"#;
    const NEEDY: &str =
        r#"{"type":"record","name":"a.Thing","fields":[{"name":"n","type":"int"}]}"#;

    #[test]
    fn a_release_is_a_copy_that_never_changes() {
        let folder = folder(EMPTY);
        release(&folder, "0.1.0").unwrap();
        let copy = folder.path().join("released/0.1.0/thing.avsc");
        assert_eq!(fs::read_to_string(copy).unwrap(), EMPTY);
        assert!(release(&folder, "0.1.0").unwrap_err().contains("released already"));
        release(&folder, "0.2.0").unwrap();
    }

    #[test]
    fn what_breaks_an_earlier_release_is_not_released() {
        let folder = folder(EMPTY);
        release(&folder, "0.1.0").unwrap();
        write(&folder, NEEDY);
        assert!(release(&folder, "0.2.0").unwrap_err().contains("schemas check"));
    }

    #[test]
    fn a_version_is_three_numbers() {
        let folder = folder(EMPTY);
        for version in ["1", "1.0", "v1.0.0", "1.0.0-rc", "../1.0.0", ""] {
            assert!(release(&folder, version).is_err(), "{version}");
        }
    }
}
