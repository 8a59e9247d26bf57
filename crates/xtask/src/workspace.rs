//! What there is to check: the packages as cargo sees them, and the files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{Failure, cargo};

/// One package of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its folder, from the workspace root.
    pub(crate) folder: String,
    /// What it depends on when it is built; what only its tests use is left out.
    pub(crate) dependencies: Vec<String>,
    /// The text of its manifest.
    pub(crate) manifest: String,
}

/// One text file of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its path from the workspace root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl File {
    /// Tells whether the file's name ends in a dot and this.
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|it| it == extension)
    }
}

/// The packages and the files.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Every member, by name.
    pub(crate) packages: Vec<Package>,
    /// Every `.rs`, `.sql`, `.md` and `.toml` file, by path.
    pub(crate) files: Vec<File>,
}

impl Workspace {
    /// Reads the whole workspace.
    pub(crate) fn read() -> Result<Self, Failure> {
        let metadata = cargo(["metadata", "--no-deps", "--format-version", "1"]).output()?;
        let mut files = Vec::new();
        walk(&root(), &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let packages = packages(&metadata, &files)?;
        Ok(Self { packages, files })
    }

    /// Returns the text of a file, if it is there.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        text(&self.files, path)
    }

    /// Returns the package that a file belongs to.
    pub(crate) fn owner(&self, path: &str) -> Option<&Package> {
        self.packages.iter().find(|package| inside(path, &package.folder).is_some())
    }
}

/// Returns the workspace root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Returns the path below a folder, if it is below it.
pub(crate) fn inside<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// Returns the packages in the answer of `cargo metadata`.
fn packages(metadata: &str, files: &[File]) -> Result<Vec<Package>, Failure> {
    let metadata: Value = serde_json::from_str(metadata)
        .map_err(|error| Failure::new(format!("cargo metadata is not JSON: {error}")))?;
    let mut packages: Vec<_> =
        list(&metadata["packages"]).iter().map(|package| self::package(package, files)).collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packages)
}

fn package(package: &Value, files: &[File]) -> Package {
    let manifest_path = Path::new(string(&package["manifest_path"]));
    let folder = manifest_path.parent().map(relative).unwrap_or_default();
    let is_built = |dependency: &&Value| dependency["kind"] != "dev";
    let dependencies = list(&package["dependencies"]).iter().filter(is_built);
    Package {
        name: string(&package["name"]).to_owned(),
        manifest: text(files, &format!("{folder}/Cargo.toml")).unwrap_or_default().to_owned(),
        dependencies: dependencies.map(|one| string(&one["name"]).to_owned()).collect(),
        folder,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn text<'a>(files: &'a [File], path: &str) -> Option<&'a str> {
    files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
}

/// Adds the text files below a folder; what is hidden or built is passed over.
fn walk(folder: &Path, files: &mut Vec<File>) -> Result<(), Failure> {
    let unreadable =
        |path: &Path, error| Failure::new(format!("could not read {}: {error}", path.display()));
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else if is_checked(&path) {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            files.push(File { path: relative(&path), text });
        }
    }
    Ok(())
}

fn is_checked(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["rs", "sql", "md", "toml"].iter().any(|known| extension == *known)
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_tests_use_is_no_dependency() {
        let metadata = r#"{"packages": [{"name": "a", "manifest_path": "/x/crates/a/Cargo.toml",
            "dependencies": [{"name": "b", "kind": null}, {"name": "c", "kind": "dev"},
                             {"name": "d", "kind": "build"}]}]}"#;
        let packages = packages(metadata, &[]).unwrap();
        assert_eq!(packages[0].dependencies, ["b", "d"]);
    }

    #[test]
    fn a_folder_whose_name_is_a_prefix_of_another_does_not_hold_its_files() {
        assert_eq!(inside("crates/ciq-stripe/src/lib.rs", "crates/ciq-stripe"), Some("src/lib.rs"));
        assert_eq!(inside("crates/ciq-stripe-twin/src/lib.rs", "crates/ciq-stripe"), None);
    }

    #[test]
    fn the_workspace_reads_itself() {
        let workspace = Workspace::read().unwrap();
        let owner = workspace.owner("crates/xtask/src/main.rs").unwrap();
        assert_eq!((owner.name.as_str(), owner.folder.as_str()), ("xtask", "crates/xtask"));
        assert!(owner.manifest.contains("name = \"xtask\""));
    }
}
