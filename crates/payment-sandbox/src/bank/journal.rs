//! The books in a file: a line for everything that happens, read again at the next start.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Bank, Intent, Refund, Said};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Intent(Intent),
    Refund(Refund),
    Said(String, Said),
}

pub(crate) struct Journal(File);

impl Journal {
    /// Opens or makes the file, and gives the bank what is in it. A line that was cut off when the
    /// process was killed is passed over: what it told was never answered.
    pub(crate) fn open(file: &Path, bank: &mut Bank) -> std::io::Result<Self> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let open = File::options().read(true).append(true).create(true).open(file)?;
        let mut whole = true;
        for line in BufReader::new(&open).split(b'\n') {
            let line = line?;
            let read = serde_json::from_slice::<Line>(&line);
            whole = read.is_ok();
            match read {
                Ok(Line::Intent(intent)) => drop(bank.intents.insert(intent.id.clone(), intent)),
                Ok(Line::Refund(refund)) => drop(bank.refunds.insert(refund.id.clone(), refund)),
                Ok(Line::Said(key, said)) => bank.keys.ended(&key, said),
                Err(_) => {}
            }
        }
        let mut journal = Journal(open);
        if !whole {
            journal.0.write_all(b"\n")?;
        }
        Ok(journal)
    }

    pub(super) fn intent(&mut self, intent: &Intent) {
        self.write(&Line::Intent(intent.clone()));
    }

    pub(super) fn refund(&mut self, refund: &Refund) {
        self.write(&Line::Refund(refund.clone()));
    }

    pub(super) fn said(&mut self, key: &str, said: &Said) {
        self.write(&Line::Said(key.to_owned(), said.clone()));
    }

    /// One write, so that a killed process leaves a line or a part of it.
    fn write(&mut self, line: &Line) {
        let text = serde_json::to_string(line).map(|line| format!("{line}\n"));
        let written =
            text.map_err(std::io::Error::from).and_then(|t| self.0.write_all(t.as_bytes()));
        if let Err(error) = written {
            tracing::error!(%error, "--ledger cannot be written: the books will not outlive this process");
        }
    }
}
