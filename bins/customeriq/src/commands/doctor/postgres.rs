//! PostgreSQL: whether it answers, is new enough, and lets us write.

use ciq_store::{PostgresPlace, ServerFacts};

use super::{Finding, State};
use crate::exit::{Failure, chain};

/// The first version that has all that is asked of it.
const MAJOR_MIN: i64 = 14;

/// How text has to stand there.
const ENCODING: &str = "UTF8";

/// Looks at the server of a brand's schema.
pub(super) fn findings(place: &PostgresPlace) -> Vec<Finding> {
    let name = format!("PostgreSQL at {}", place.server());
    match place.facts() {
        Ok(facts) => vec![
            Finding::new(name, State::Ok, format!("lets {} in", facts.user)),
            version_finding(&facts),
            write_finding(&facts),
            encoding_finding(&facts),
            rights_finding(&facts),
        ],
        Err(source) => {
            let failure = Failure::Place { place: place.server().to_string(), source };
            let advice = failure.advice().unwrap_or_default();
            vec![Finding::new(name, State::Bad, format!("{}: {advice}", chain(&failure)))]
        }
    }
}

fn version_finding(facts: &ServerFacts) -> Finding {
    let (name, version) = ("PostgreSQL version", &facts.version);
    if facts.major < MAJOR_MIN {
        let finding = format!("{version}: it has to be {MAJOR_MIN} or newer");
        return Finding::new(name, State::Bad, finding);
    }
    Finding::new(name, State::Ok, version)
}

fn write_finding(facts: &ServerFacts) -> Finding {
    let (state, finding) = if facts.is_replica {
        (State::Bad, "none: it is a replica; name the primary in DATABASE_URL")
    } else if facts.is_read_only {
        let finding = "none: it was told to take none (default_transaction_read_only); name the \
                       primary in DATABASE_URL, or set that off";
        (State::Bad, finding)
    } else {
        (State::Ok, "taken")
    };
    Finding::new("PostgreSQL writes", state, finding)
}

fn encoding_finding(facts: &ServerFacts) -> Finding {
    let (name, encoding) = ("PostgreSQL encoding", &facts.encoding);
    if encoding == ENCODING {
        return Finding::new(name, State::Ok, encoding);
    }
    let finding = format!("{encoding}: make another database WITH ENCODING '{ENCODING}'");
    Finding::new(name, State::Bad, finding)
}

fn rights_finding(facts: &ServerFacts) -> Finding {
    let (name, user) = ("PostgreSQL rights", &facts.user);
    match (facts.is_user_of_tables, facts.is_maker_of_schemas) {
        (Some(false), _) => {
            let finding = format!("{user} may not use the brand's tables: make it their owner");
            Finding::new(name, State::Bad, finding)
        }
        (_, true) => Finding::new(name, State::Ok, "may make brands"),
        (Some(true), false) => {
            let finding = format!(
                "{user} may use the brand, and make no other, nor rebuild or migrate: GRANT CREATE \
                 ON DATABASE lets it"
            );
            Finding::new(name, State::Note, finding)
        }
        (None, false) => {
            let finding = format!(
                "{user} may make no schema: GRANT CREATE ON DATABASE lets it, or make an empty one \
                 with CREATE SCHEMA … AUTHORIZATION {user}"
            );
            Finding::new(name, State::Note, finding)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(change: impl FnOnce(&mut ServerFacts), name: &str, state: State, word: &str) {
        let mut facts = ServerFacts {
            version: "15.8".to_owned(),
            major: 15,
            is_replica: false,
            is_read_only: false,
            encoding: "UTF8".to_owned(),
            user: "ann".to_owned(),
            is_maker_of_schemas: true,
            is_user_of_tables: None,
        };
        change(&mut facts);
        let findings = [version_finding, write_finding, encoding_finding, rights_finding];
        let found = findings.map(|finding| finding(&facts));
        let found = found.iter().find(|finding| finding.name == name).unwrap();
        assert_eq!(found.state, state, "{}", found.finding);
        assert!(found.finding.contains(word), "{}", found.finding);
    }

    #[test]
    fn what_a_server_lacks_is_said() {
        check(|_| (), "PostgreSQL version", State::Ok, "15.8");
        check(|it| it.major = 12, "PostgreSQL version", State::Bad, "14 or newer");
        check(|it| it.is_replica = true, "PostgreSQL writes", State::Bad, "name the primary");
        check(|it| it.is_read_only = true, "PostgreSQL writes", State::Bad, "read_only");
        let ascii = |it: &mut ServerFacts| it.encoding = "SQL_ASCII".to_owned();
        check(ascii, "PostgreSQL encoding", State::Bad, "WITH ENCODING");
        check(
            |it| it.is_maker_of_schemas = false,
            "PostgreSQL rights",
            State::Note,
            "ann may make",
        );
        check(|it| it.is_user_of_tables = Some(false), "PostgreSQL rights", State::Bad, "owner");
    }
}
