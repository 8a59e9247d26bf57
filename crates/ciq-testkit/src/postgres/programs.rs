//! Where the programs are.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::PostgresError;

/// Names the folder of the programs, where the ones that are found are not the ones that are meant.
pub(super) const VARIABLE: &str = "CUSTOMERIQ_POSTGRES_PROGRAMS";

/// Where Debian puts each version's programs, which are on nobody's path.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Returns the folder of `initdb` and `postgres`: the one that the surroundings name, or the one
/// on the path, or the newest of Debian's.
pub(super) fn folder() -> Result<PathBuf, PostgresError> {
    folder_in(env::var_os(VARIABLE), env::var_os("PATH").as_deref(), &debian(Path::new(DEBIAN)))
}

/// Returns `psql`: the one beside the server, or else the one on the path, as where the server is
/// somebody else's and only its clients are here.
pub(super) fn psql() -> Result<PathBuf, PostgresError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = folder().into_iter().chain(env::split_paths(&path));
    let mut places = folders.map(|folder| folder.join("psql"));
    places.find(|place| place.is_file()).ok_or(PostgresError::NotFound)
}

fn folder_in(
    named: Option<OsString>,
    path: Option<&OsStr>,
    debian: &[PathBuf],
) -> Result<PathBuf, PostgresError> {
    if let Some(named) = named.filter(|named| !named.is_empty()).map(PathBuf::from) {
        return if is_full(&named) { Ok(named) } else { Err(PostgresError::NotAFolder(named)) };
    }
    let on_path = env::split_paths(path.unwrap_or_default()).find(|folder| is_full(folder));
    let found = on_path.map(|folder| home(&folder).unwrap_or(folder));
    let found = found.or_else(|| debian.iter().find(|folder| is_full(folder)).cloned());
    found.ok_or(PostgresError::NotFound)
}

fn is_full(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file())
}

/// Returns where the programs are that stand in this folder as links: the others are there.
fn home(folder: &Path) -> Option<PathBuf> {
    let program = folder.join("postgres").canonicalize().ok()?;
    program.parent().filter(|home| is_full(home)).map(Path::to_path_buf)
}

/// Returns the folders of all versions, the newest first.
fn debian(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let version = |name: &OsStr| name.to_str()?.parse::<u32>().ok();
    let mut versions: Vec<_> = entries.filter_map(|entry| version(&entry.file_name())).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|version| folder.join(version.to_string()).join("bin")).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    fn fill(folder: &Path) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        for name in ["initdb", "postgres"] {
            fs::write(folder.join(name), "").unwrap();
        }
        folder.canonicalize().unwrap()
    }

    #[test]
    fn what_is_named_goes_first_and_what_is_on_the_path_second() {
        let place = TempDir::new().unwrap();
        let (one, other) = (fill(&place.path().join("one")), fill(&place.path().join("other")));
        let debian = [fill(&place.path().join("debian"))];
        let find = |named: Option<&Path>, path: Option<&Path>| {
            let named = named.map(|it| it.as_os_str().to_owned());
            folder_in(named, path.map(Path::as_os_str), &debian)
        };
        assert_eq!(find(Some(&one), Some(&other)).unwrap(), one);
        assert_eq!(find(None, Some(&other)).unwrap(), other);
        assert_eq!(find(Some(Path::new("")), None).unwrap(), debian[0]);
        assert!(matches!(find(Some(place.path()), None), Err(PostgresError::NotAFolder(_))));
        assert!(matches!(folder_in(None, None, &[]), Err(PostgresError::NotFound)));
    }

    #[test]
    fn the_newest_version_is_found_first() {
        let place = TempDir::new().unwrap();
        for version in ["9", "15", "100", "old"] {
            fs::create_dir(place.path().join(version)).unwrap();
        }
        let expect = ["100/bin", "15/bin", "9/bin"].map(|it| place.path().join(it));
        assert_eq!(debian(place.path()), expect);
        assert_eq!(debian(&place.path().join("none")), Vec::<PathBuf>::new());
    }

    #[test]
    fn links_lead_to_the_folder_with_all_the_programs() {
        let place = TempDir::new().unwrap();
        let home = fill(&place.path().join("home"));
        let links = place.path().join("links");
        fs::create_dir(&links).unwrap();
        for name in ["initdb", "postgres"] {
            symlink(home.join(name), links.join(name)).unwrap();
        }
        assert_eq!(folder_in(None, Some(links.as_os_str()), &[]).unwrap(), home);
    }
}
