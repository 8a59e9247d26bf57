//! SQL as SQLite says it, said for PostgreSQL. Only what our statements use.

use super::{Error, Result};

/// A piece of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    /// A name, a keyword or a number.
    Word(&'t str),
    /// Text or a name in quotes, with them.
    Quoted(&'t str),
    /// White space and comments.
    Gap(&'t str),
    /// Any other character.
    Sign(char),
}

/// Says a statement for PostgreSQL, of whose parameters these are nothing. Those are written out: a
/// parameter has one type wherever it stands, and the server must be able to tell which.
pub(super) fn postgres(sql: &str, is_nothing: &[bool]) -> String {
    let tokens = tokens(sql);
    let mut said = String::with_capacity(sql.len());
    let mut unnumbered = 0;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = &tokens[at..];
        at += 1;
        match token {
            Token::Sign('?') => {
                // A number follows, or it is the next one.
                let number = match rest.get(1) {
                    Some(Token::Word(number)) if is_number(number) => {
                        at += 1;
                        number.parse().unwrap_or_default()
                    }
                    _ => {
                        unnumbered += 1;
                        unnumbered
                    }
                };
                if is_nothing.get(number - 1) == Some(&true) {
                    said.push_str("NULL");
                } else {
                    said.push('$');
                    said.push_str(&number.to_string());
                }
            }
            Token::Word("rarray")
                if matches!(
                    rest,
                    [_, Token::Sign('('), Token::Sign('?'), Token::Word(_), Token::Sign(')'), ..]
                ) =>
            {
                if let Some(Token::Word(number)) = rest.get(3) {
                    // Lists that are read as tables are of texts; an empty one does not tell.
                    said.push_str("(SELECT value FROM unnest(CAST($");
                    said.push_str(number);
                    said.push_str(" AS TEXT[])) AS given (value))");
                }
                at += 4;
            }
            Token::Word(word) => {
                let (words, taken) = of_word(word, rest);
                said.push_str(words);
                at += taken;
            }
            Token::Quoted(text) | Token::Gap(text) => said.push_str(text),
            Token::Sign(sign) => said.push(*sign),
        }
    }
    said
}

/// What a word becomes, and how many further tokens that stands for.
fn of_word<'t>(word: &'t str, rest: &[Token<'t>]) -> (&'t str, usize) {
    let next = |words: &[&str]| follows(rest, words);
    match word {
        "NOT" => {
            if let Some(taken) = next(&["IN", "rarray"]) {
                return ("<> ALL", taken);
            }
            if let Some(taken) = next(&["INDEXED"]) {
                return ("", taken);
            }
        }
        "IN" => {
            if let Some(taken) = next(&["rarray"]) {
                return ("= ANY", taken);
            }
        }
        "INDEXED" => {
            if let Some(taken) = next(&["BY"]) {
                // The name of the index goes with it.
                return ("", taken + 2);
            }
        }
        "CROSS" => {
            if let Some(taken) = next(&["JOIN"]).filter(|taken| is_joined_on(&rest[*taken + 1..])) {
                return ("JOIN", taken);
            }
        }
        "AS" => {
            for (sqlite, postgres) in [("REAL", "AS DOUBLE PRECISION"), ("INTEGER", "AS BIGINT")] {
                if let Some(taken) = next(&[sqlite]) {
                    return (postgres, taken);
                }
            }
        }
        _ => {}
    }
    (word, 0)
}

/// How many tokens after the first one end with the given words, if those come next.
fn follows(rest: &[Token<'_>], words: &[&str]) -> Option<usize> {
    let mut at = 1;
    for word in words {
        while matches!(rest.get(at), Some(Token::Gap(_))) {
            at += 1;
        }
        if rest.get(at) != Some(&Token::Word(word)) {
            return None;
        }
        at += 1;
    }
    Some(at - 1)
}

/// Tells whether a joined table, with or without another name, is followed by a condition.
fn is_joined_on(after_join: &[Token<'_>]) -> bool {
    let mut words = after_join.iter().filter(|token| !matches!(token, Token::Gap(_)));
    let mut next = || words.next();
    if !matches!(next(), Some(Token::Word(_))) {
        return false;
    }
    for token in words.by_ref().take(7) {
        match token {
            Token::Word("ON") => return true,
            Token::Word("AS" | "INDEXED" | "BY" | "NOT") => {}
            Token::Word(word) if word.chars().all(|c| c.is_lowercase() || c == '_') => {}
            _ => return false,
        }
    }
    false
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            _ if is_of_word(first) => rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()),
            _ if first.is_whitespace() => {
                rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len())
            }
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        tokens.push(match first {
            '\'' | '"' => Token::Quoted(piece),
            _ if is_of_word(first) => Token::Word(piece),
            _ if first.is_whitespace() || piece.starts_with("--") => Token::Gap(piece),
            sign => Token::Sign(sign),
        });
        rest = after;
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// An `INSERT … VALUES` taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Insert<'t> {
    /// Which table.
    pub(super) table: &'t str,
    /// Which of its columns.
    pub(super) columns: Vec<&'t str>,
    /// What stands for each.
    values: Vec<&'t str>,
    /// From `ON CONFLICT` on.
    rest: &'t str,
}

impl<'t> Insert<'t> {
    /// Takes a statement apart; `None` for one that is no `INSERT … VALUES` of a row.
    pub(super) fn parse(sql: &'t str) -> Option<Self> {
        let after = sql.trim_start().strip_prefix("INSERT INTO ")?.trim_start();
        let (table, after) = after.split_once(|c: char| c.is_whitespace() || c == '(')?;
        let after = after.trim_start().trim_start_matches('(');
        let (columns, after) = after.split_once(')')?;
        let after = after.trim_start().strip_prefix("VALUES")?.trim_start().strip_prefix('(')?;
        let end = closing(after)?;
        let (values, rest) = after.split_at(end);
        let columns = columns.split(',').map(str::trim).collect();
        Some(Self { table, columns, values: separated(values), rest: rest[1..].trim() })
    }

    /// Which column each parameter goes into as it is, by its number less one.
    pub(super) fn columns_of_parameters(&self) -> Vec<Option<&'t str>> {
        let mut found = Vec::new();
        for (column, value) in self.columns.iter().zip(&self.values) {
            for number in numbers(value) {
                if found.len() < number {
                    found.resize(number, None);
                }
                if value.strip_prefix('?') == Some(&number.to_string()) {
                    found[number - 1] = Some(*column);
                }
            }
        }
        found
    }

    /// Says it for as many rows as are given: each parameter is a list of the given type.
    pub(super) fn for_many(&self, types: &[String]) -> Result<String> {
        if types.is_empty() {
            return Err(Error::Statement(format!("an insert into {} without values", self.table)));
        }
        let values: Vec<String> = self.values.iter().map(|value| of_row(value)).collect();
        let lists: Vec<String> =
            (1..).zip(types).map(|(number, ty)| format!("${number}::{ty}[]")).collect();
        let names: Vec<String> = (1..=types.len()).map(|number| format!("p{number}")).collect();
        Ok(format!(
            "INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS given ({}) {}",
            self.table,
            self.columns.join(", "),
            values.join(", "),
            lists.join(", "),
            names.join(", "),
            postgres(self.rest, &[])
        ))
    }
}

/// A value of one row: its parameters are columns of the rows that are given.
fn of_row(value: &str) -> String {
    let mut said = postgres(value, &[]);
    let mut parameters = numbers(value);
    parameters.sort_unstable_by(|a, b| b.cmp(a));
    for number in parameters {
        said = said.replace(&format!("${number}"), &format!("given.p{number}"));
    }
    said
}

/// The numbers of the parameters in a text.
fn numbers(text: &str) -> Vec<usize> {
    let tokens = tokens(text);
    let pairs = tokens.iter().zip(tokens.iter().skip(1));
    pairs
        .filter_map(|pair| match pair {
            (Token::Sign('?'), Token::Word(number)) => number.parse().ok(),
            _ => None,
        })
        .filter(|number| *number > 0)
        .collect()
}

/// Where the bracket ends that was opened before a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut place = 0;
    for token in tokens(text) {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') if depth == 0 => return Some(place),
            Token::Sign(')') => depth -= 1,
            _ => {}
        }
        place += match token {
            Token::Word(text) | Token::Quoted(text) | Token::Gap(text) => text.len(),
            Token::Sign(sign) => sign.len_utf8(),
        };
    }
    None
}

/// What stands between the commas of a list; those within brackets do not count.
fn separated(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0, 0);
    for (place, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[from..place].trim());
                from = place + 1;
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sqlite: &str, expected: &str) {
        assert_eq!(postgres(sqlite, &[]), expected);
    }

    #[test]
    fn parameters_keep_their_numbers_or_get_one() {
        check(
            "SELECT a FROM t WHERE a = ?1 AND b > ?12",
            "SELECT a FROM t WHERE a = $1 AND b > $12",
        );
        check("a = ? AND b = ? LIMIT ?", "a = $1 AND b = $2 LIMIT $3");
        check("SELECT '?1', \"a?\" FROM t WHERE a = ?1", "SELECT '?1', \"a?\" FROM t WHERE a = $1");
    }

    #[test]
    fn lists_are_arrays() {
        check("a IN rarray(?1) AND b NOT IN rarray(?2)", "a = ANY($1) AND b <> ALL($2)");
        check("a IN (?1, ?2)", "a IN ($1, $2)");
        check(
            "FROM rarray(?1) AS a",
            "FROM (SELECT value FROM unnest(CAST($1 AS TEXT[])) AS given (value)) AS a",
        );
    }

    #[test]
    fn what_is_nothing_is_written_out() {
        let sql = "?1 IS NULL OR a < ?1 AND b = ?2";
        assert_eq!(postgres(sql, &[true, false]), "NULL IS NULL OR a < NULL AND b = $2");
        assert_eq!(postgres("a = ? AND b = ?", &[false, true]), "a = $1 AND b = NULL");
    }

    #[test]
    fn hints_of_sqlite_go() {
        check("FROM t AS i INDEXED BY by_b ON i.a = b", "FROM t AS i  ON i.a = b");
        check("FROM t NOT INDEXED WHERE a", "FROM t  WHERE a");
        check("FROM a CROSS JOIN b AS c ON c.d = a.d", "FROM a JOIN b AS c ON c.d = a.d");
        check("FROM a CROSS JOIN b WHERE a", "FROM a CROSS JOIN b WHERE a");
        check("CROSS JOIN i AS x INDEXED BY i_by ON x.a = 1", "JOIN i AS x  ON x.a = 1");
    }

    #[test]
    fn types_are_wide_enough() {
        check(
            "CAST(a AS REAL) / CAST(b AS INTEGER)",
            "CAST(a AS DOUBLE PRECISION) / CAST(b AS BIGINT)",
        );
        check("CAST(a AS TEXT) AS r", "CAST(a AS TEXT) AS r");
    }

    #[test]
    fn a_row_becomes_many() {
        let sql = "INSERT INTO t (a, b, c, d) VALUES (?1, ?2, ?1, f(?3, ' '))
            ON CONFLICT (a) DO UPDATE SET b = excluded.b";
        let insert = Insert::parse(sql).unwrap();
        assert_eq!(insert.columns_of_parameters(), [Some("c"), Some("b"), None]);
        let types = ["bigint", "text", "text"].map(str::to_owned);
        assert_eq!(
            insert.for_many(&types).unwrap(),
            "INSERT INTO t (a, b, c, d) SELECT given.p1, given.p2, given.p1, f(given.p3, ' ') \
            FROM unnest($1::bigint[], $2::text[], $3::text[]) AS given (p1, p2, p3) \
            ON CONFLICT (a) DO UPDATE SET b = excluded.b"
        );
    }

    #[test]
    fn other_statements_stay_for_one_row() {
        assert_eq!(Insert::parse("DELETE FROM t WHERE a = ?1"), None);
        assert_eq!(Insert::parse("INSERT INTO t (a) SELECT b FROM u"), None);
    }
}
