//! Data that the models of buying are tested with: real purchases, which are not committed.
//!
//! The music shop CDNOW's are the ones that the papers on these models use. They are fetched with a
//! library that has them, and are right when their hashes are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Failure, Task};
use crate::tools::packages::{self, LIFETIMES};
use crate::workspace;

/// The variable that tells tests and benchmarks where the data are. Where it is set they must be
/// there; without it, tests that miss them are left out.
pub(crate) const FOLDER_VARIABLE: &str = "CUSTOMERIQ_DATA";

/// A file's name and its SHA-256.
type File = (&'static str, &'static str);

const FILES: [File; 4] = [
    // The purchases of all 23,570 customers.
    ("CDNOW_master.txt", "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"),
    // Those of one customer in ten.
    ("CDNOW_sample.txt", "6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a"),
    // What these come to after 39 weeks, as published.
    (
        "cdnow_customers_summary.csv",
        "09d92ca80daaabe8be0f997d4c539f9c9606106baa5b199081fe01cbce5fa9f6",
    ),
    // The same, with the mean amount.
    (
        "cdnow_customers_summary_with_transactions.csv",
        "7ddd11b55be3227edfc1d58675154e96971b0de3ad37ddd9280d1dba154b8b2f",
    ),
];

/// Prints the SHA-256 of each file, a line each. Python is there on every system with the tools.
const HASHES: &str = "import hashlib, sys\n\
    for path in sys.argv[1:]: print(hashlib.sha256(open(path, 'rb').read()).hexdigest())";

/// Makes sure that the data are there, and as they were when the tests were written.
pub(crate) fn ensure() -> Result<(), Failure> {
    let folder = folder();
    if check(&folder).is_ok() {
        return Ok(());
    }
    packages::ensure(&LIFETIMES)?;
    let unusable = |error| Failure::new(format!("could not use {}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(unusable)?;
    for (name, _) in FILES {
        let source = LIFETIMES.proof().with_file_name(name);
        fs::copy(source, folder.join(name)).map_err(unusable)?;
    }
    check(&folder)
}

/// Returns the folder of the data.
pub(crate) fn folder() -> PathBuf {
    workspace::root().join("target/data")
}

fn check(folder: &Path) -> Result<(), Failure> {
    let paths = FILES.map(|(name, _)| folder.join(name));
    let printed = Task::new("python3").args(["-c", HASHES]).args(&paths).output()?;
    let mut hashes = printed.lines();
    for (name, expect) in FILES {
        let hash = hashes.next().unwrap_or_default();
        if hash != expect {
            let text = format!("{name} is not as expected: its SHA-256 is {hash}, not {expect}");
            return Err(Failure::new(text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_told_by_its_name() {
        let folder = std::env::temp_dir().join(format!("xtask-data-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (name, _) in FILES {
            fs::write(folder.join(name), "").unwrap();
        }
        let text = check(&folder).unwrap_err().to_string();
        let expect = "CDNOW_master.txt is not as expected: its SHA-256 is e3b0c44298fc1c149afbf4c8";
        assert!(text.starts_with(expect), "{text}");
        fs::remove_dir_all(&folder).unwrap();
        assert!(check(&folder).is_err());
    }
}
