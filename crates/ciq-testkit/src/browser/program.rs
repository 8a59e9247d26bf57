//! Where the browser and its driver are.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::BrowserError;

/// A program that a browser is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrowserProgram {
    /// The browser.
    Chromium,
    /// What drives it.
    Driver,
}

impl BrowserProgram {
    /// Returns what it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Returns the Debian package that brings it.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Driver => "chromium-driver",
        }
    }

    /// Returns the variable that names it, where the one that is found is not the one that is
    /// meant.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "CUSTOMERIQ_CHROMIUM",
            Self::Driver => "CUSTOMERIQ_CHROMEDRIVER",
        }
    }

    /// What systems call it, Debian first.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "chromium-browser", "google-chrome"],
            Self::Driver => &["chromedriver"],
        }
    }

    /// Returns the program that the surroundings name, or the one on the path.
    pub(super) fn find(self) -> Result<PathBuf, BrowserError> {
        let named = env::var_os(self.variable());
        self.find_in(named, env::var_os("PATH").as_deref(), Path::is_file)
    }

    fn find_in(
        self,
        named: Option<OsString>,
        path: Option<&OsStr>,
        is_there: impl Fn(&Path) -> bool,
    ) -> Result<PathBuf, BrowserError> {
        if let Some(named) = named.filter(|named| !named.is_empty()).map(PathBuf::from) {
            let is_one = is_there(&named);
            return if is_one { Ok(named) } else { Err(BrowserError::NotAProgram(self, named)) };
        }
        let folders: Vec<_> = env::split_paths(path.unwrap_or_default()).collect();
        let places =
            self.names().iter().flat_map(|name| folders.iter().map(move |it| it.join(name)));
        let mut places = places.filter(|place| is_there(place));
        places.next().ok_or(BrowserError::NotFound(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(named: Option<&str>, there: &[&str], expect: Result<&str, &str>) {
        let is_there = |place: &Path| there.iter().any(|it| Path::new(it) == place);
        let path = Some(OsStr::new("/a:/b"));
        let found = BrowserProgram::Chromium.find_in(named.map(OsString::from), path, is_there);
        match (found, expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, Path::new(expect)),
            (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
            (found, expect) => panic!("{found:?} instead of {expect:?}"),
        }
    }

    #[test]
    fn what_is_named_goes_first_and_what_is_on_the_path_second() {
        check(Some("/x/c"), &["/x/c", "/a/chromium"], Ok("/x/c"));
        check(Some(""), &["/a/google-chrome", "/b/chromium"], Ok("/b/chromium"));
        check(None, &["/a/google-chrome"], Ok("/a/google-chrome"));
    }

    #[test]
    fn what_is_missing_is_said_with_its_package_and_its_variable() {
        check(None, &[], Err("apt-get install --no-install-recommends chromium`"));
        check(None, &[], Err("CUSTOMERIQ_CHROMIUM"));
        check(Some("/x/c"), &["/a/chromium"], Err("could not use /x/c"));
        let text = BrowserError::NotFound(BrowserProgram::Driver).to_string();
        assert!(text.contains("chromium-driver") && text.contains("chromedriver:"), "{text}");
    }
}
