//! Who runs a server: PostgreSQL refuses to be run by root.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::PostgresError;

/// The number of the user who may do everything.
const ROOT: u32 = 0;

/// Users that run a server for root, the best first: its own, and the one that owns nothing.
const SERVANTS: [&str; 2] = ["postgres", "nobody"];

/// Who runs a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Who runs the test.
    Caller,
    /// Another user, since root runs the test.
    Servant {
        /// The user's number.
        uid: u32,
        /// The number of the user's group.
        gid: u32,
    },
}

impl Owner {
    /// Finds who can run a server, given a folder that the test has made.
    pub(super) fn find(folder: &Path) -> Result<Self, PostgresError> {
        let caller = fs::metadata(folder).map_err(PostgresError::system("look at a new folder"))?;
        if caller.uid() != ROOT {
            return Ok(Self::Caller);
        }
        let users = fs::read_to_string("/etc/passwd");
        let users = users.map_err(PostgresError::system("read the list of users"))?;
        servant(&users).ok_or(PostgresError::NoUser)
    }

    /// Hands over a file or a folder.
    pub(super) fn own(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Caller => Ok(()),
            Self::Servant { uid, gid } => chown(path, Some(uid), Some(gid)),
        }
    }

    /// Lets a command run as this user.
    pub(super) fn run(self, command: &mut Command) {
        match self {
            Self::Caller => {}
            Self::Servant { uid, gid } => {
                command.uid(uid).gid(gid);
            }
        }
    }
}

/// Finds the best servant in the text of `/etc/passwd`.
fn servant(users: &str) -> Option<Owner> {
    let read = |line: &str| {
        let mut numbers = line.split(':').skip(2).map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Owner::Servant { uid: next()?, gid: next()? })
    };
    let is_of = |line: &&str, name: &str| line.split(':').next() == Some(name);
    let find = |name: &&str| users.lines().filter(|line| is_of(line, name)).find_map(read);
    SERVANTS.iter().find_map(find)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_user_goes_first() {
        let nobody = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n";
        let own = "postgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";
        let servant_of = |uid, gid| Some(Owner::Servant { uid, gid });
        assert_eq!(servant(nobody), servant_of(65534, 65533));
        assert_eq!(servant(&format!("{nobody}{own}")), servant_of(101, 104));
        assert_eq!(servant("root:x:0:0:root:/root:/bin/sh\n"), None);
        assert_eq!(servant("postgres:x:many:104:a:b:c\n"), None);
    }
}
