use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::{compat, files};

/// Fail if a schema breaks FULL_TRANSITIVE compatibility with a released version.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The folder with `avro/` and `released/`.
    #[arg(long, default_value = "schemas")]
    schemas: PathBuf,
    /// Print what breaks as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(check: &Check) -> anyhow::Result<()> {
    let current = files::current(&check.schemas)?;
    let released = files::released(&check.schemas)?;
    let breaks = compat::breaks(&current, &released);
    if check.json {
        println!("{}", serde_json::to_string_pretty(&breaks)?);
    } else {
        breaks.iter().for_each(|found| println!("{found}"));
    }
    match breaks.len() {
        0 if check.json => {}
        0 => println!("{} schemas, compatible with {} released", current.len(), released.len()),
        1 => bail!("1 change would break released readers or records: see above"),
        n => bail!("{n} changes would break released readers or records: see above"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_of_this_repository_are_compatible_with_every_release() {
        let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas").into();
        run(&Check { schemas, json: false }).unwrap();
    }
}
