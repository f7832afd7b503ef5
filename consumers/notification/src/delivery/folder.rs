//! Mails as `.eml` files, which mail programs open.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use lettre::Message;
use pipeline::Failure;
use uuid::Uuid;

use super::Undelivered;

/// A folder of mails.
#[derive(Clone)]
pub(crate) struct Folder(Arc<Path>);

impl Folder {
    /// Makes the folder where it is absent.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(path).with_context(|| {
            format!("--mail-dir {} cannot be made: name a folder to write to", path.display())
        })?;
        Ok(Folder(path.into()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a mail under its id. One that is there is done: then an earlier try had succeeded.
    pub(crate) async fn write(&self, id: Uuid, message: Message) -> Result<(), Undelivered> {
        let (file, part) = (self.0.join(format!("{id}.eml")), self.0.join(format!(".{id}.part")));
        let bytes = message.formatted();
        let written = tokio::task::spawn_blocking(move || {
            write(&file, &part, &bytes).map_err(|error| (file, error))
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err((file, error))) => {
                let why = format!("{} cannot be written: {error}", file.display());
                Err(Undelivered::Later(Failure::unavailable(why)))
            }
            Err(panic) => Err(Undelivered::Later(Failure::retry(panic))),
        }
    }
}

/// Nobody sees half a mail: it gets its name once all of it is on the disk.
fn write(file: &PathBuf, part: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    if file.try_exists()? {
        return Ok(());
    }
    let mut out = std::fs::File::create(part)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    std::fs::rename(part, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message::builder()
            .from("orders@shop.example".parse().expect("an address"))
            .to("alice@example.org".parse().expect("an address"))
            .body(text.to_owned())
            .expect("a message")
    }

    #[tokio::test]
    async fn a_mail_written_twice_is_one_file() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(&home.path().join("new/mail")).expect("is made");
        let id = Uuid::from_u128(1);
        folder.write(id, message("first")).await.expect("is written");
        folder.write(id, message("again")).await.expect("is there");
        let files: Vec<_> = std::fs::read_dir(folder.path()).expect("reads").collect();
        let text = std::fs::read_to_string(folder.path().join(format!("{id}.eml")));
        assert!(files.len() == 1 && text.expect("reads").ends_with("first"));
    }

    #[tokio::test]
    async fn a_folder_that_is_gone_stops_the_flow() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(&home.path().join("mail")).expect("is made");
        std::fs::remove_dir(folder.path()).expect("is removed");
        let outcome = folder.write(Uuid::nil(), message("x")).await;
        let stopped = matches!(outcome, Err(Undelivered::Later(Failure::Unavailable(_))));
        assert!(stopped, "{outcome:?}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_names_its_option() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = Folder::new(&file.path().join("mail")).err().expect("refused");
        assert!(error.to_string().contains("--mail-dir"));
    }
}
