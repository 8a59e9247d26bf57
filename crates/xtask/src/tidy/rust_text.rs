//! What in a source file is code, what is a comment and what is a string.
//!
//! Not a parser: it knows just enough of the lexical rules that a rule about code is not misled
//! by a comment, and a rule about strings is not misled by code.
//! See <https://doc.rust-lang.org/reference/tokens.html>.

/// What a piece of a source file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything but the other two; the quotes and prefixes of strings belong here.
    Code,
    /// A comment with its marks.
    Comment,
    /// What stands between the quotes of a string, escapes as written.
    Text,
}

/// A run of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// What it is.
    pub(super) kind: Kind,
    /// The run itself.
    pub(super) text: &'a str,
    /// The line on which it begins, from 1.
    pub(super) line: usize,
}

impl<'a> Piece<'a> {
    /// Returns each line of the piece with its number.
    pub(super) fn lines(self) -> impl Iterator<Item = (usize, &'a str)> {
        self.text.split('\n').enumerate().map(move |(index, line)| (self.line + index, line))
    }
}

/// Splits a source file into its pieces, in order.
pub(super) fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut splitter = Splitter { source, at: 0, start: 0, line: 1, pieces: Vec::new() };
    while splitter.at < source.len() {
        splitter.step();
    }
    splitter.cut(Kind::Code, source.len());
    splitter.pieces
}

/// Returns the line on which the tests at the end of a file begin, if there are any.
pub(super) fn tests_begin(source: &str) -> Option<usize> {
    let lines: Vec<_> = source.lines().collect();
    let opens = |line: &&str| line.starts_with("mod ") && line.ends_with('{');
    let begins = |index: usize| {
        let after = lines.get(index + 1..)?;
        after.iter().find(|line| !line.starts_with("#[")).filter(|line| opens(line))
    };
    let is_mark = |index: &usize| lines[*index] == "#[cfg(test)]" && begins(*index).is_some();
    (0..lines.len()).find(is_mark).map(|index| index + 1)
}

#[derive(Debug)]
struct Splitter<'a> {
    source: &'a str,
    at: usize,
    start: usize,
    line: usize,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Splitter<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// Takes in the next comment, string, character, word or other sign.
    fn step(&mut self) {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.piece(Kind::Comment, 0, rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.piece(Kind::Comment, 0, block_comment_len(rest));
        } else if let Some(inner) = rest.strip_prefix('"') {
            self.piece(Kind::Text, 1, quoted_len(inner));
        } else if rest.starts_with('\'') {
            self.at += character_len(rest);
        } else {
            self.word_or_sign(rest);
        }
    }

    fn word_or_sign(&mut self, rest: &str) {
        let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
        let word = &rest[..rest.find(|sign| !is_word(sign)).unwrap_or(rest.len())];
        if word.is_empty() {
            self.at += rest.chars().next().map_or(1, char::len_utf8);
            return;
        }
        self.at += word.len();
        let after = self.rest();
        let hashes = after.len() - after.trim_start_matches('#').len();
        if matches!(word, "r" | "br" | "cr") && after[hashes..].starts_with('"') {
            let inner = &after[hashes + 1..];
            let end = format!("\"{}", "#".repeat(hashes));
            self.piece(Kind::Text, hashes + 1, inner.find(&end).unwrap_or(inner.len()));
        }
    }

    /// Cuts out a piece that begins `skip` bytes ahead and is `len` long; a string's closing
    /// quote is passed over, so that it does not open another.
    fn piece(&mut self, kind: Kind, skip: usize, len: usize) {
        self.cut(Kind::Code, self.at + skip);
        self.cut(kind, self.start + len);
        self.at = self.start + usize::from(kind == Kind::Text && self.start < self.source.len());
    }

    fn cut(&mut self, kind: Kind, end: usize) {
        let text = &self.source[self.start..end];
        if !text.is_empty() || kind == Kind::Text {
            self.pieces.push(Piece { kind, text, line: self.line });
        }
        self.line += text.matches('\n').count();
        self.start = end;
    }
}

/// Returns the length of the block comment at the start; such comments nest.
fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Returns the length up to the closing quote.
fn quoted_len(inner: &str) -> usize {
    let mut is_escaped = false;
    for (at, sign) in inner.char_indices() {
        match sign {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    inner.len()
}

/// Returns the length of the character at the start, or 1 if it is a lifetime's tick.
fn character_len(rest: &str) -> usize {
    let mut signs = rest.char_indices().skip(1);
    match (signs.next(), signs.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let begin = at + escaped.len_utf8();
            rest[begin..].find('\'').map_or(rest.len(), |end| begin + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, kind: Kind, expect: &[(usize, &str)]) {
        let found: Vec<_> = pieces(source)
            .into_iter()
            .filter(|piece| piece.kind == kind)
            .map(|piece| (piece.line, piece.text))
            .collect();
        assert_eq!(found, expect);
        let skipped = source.len() - pieces(source).iter().map(|it| it.text.len()).sum::<usize>();
        assert_eq!(skipped, 0, "every byte belongs to one piece");
    }

    #[test]
    fn a_comment_ends_with_its_line() {
        check("a // b \"c\n\"d\"", Kind::Comment, &[(1, "// b \"c")]);
        check("a // b \"c\n\"d\"", Kind::Text, &[(2, "d")]);
    }

    #[test]
    fn block_comments_nest() {
        check("a /* b /* c */\n d */ e", Kind::Comment, &[(1, "/* b /* c */\n d */")]);
        check("/*a*/\n\n/*b*/", Kind::Comment, &[(1, "/*a*/"), (3, "/*b*/")]);
    }

    #[test]
    fn strings_keep_their_escapes() {
        check(r#"f("a\"b", "", b"c")"#, Kind::Text, &[(1, r#"a\"b"#), (1, ""), (1, "c")]);
    }

    #[test]
    fn raw_strings_end_at_their_own_mark() {
        check("r\"a\\\" + br##\"b\"#c\"##", Kind::Text, &[(1, "a\\"), (1, "b\"#c")]);
        check("r#type \"a\"", Kind::Text, &[(1, "a")]);
    }

    #[test]
    fn a_quote_as_a_character_opens_nothing() {
        check("'\"' '\\'' '\\u{22}' 'ü' \"a\"", Kind::Text, &[(1, "a")]);
    }

    #[test]
    fn a_lifetime_is_no_character() {
        check("fn f<'a>(b: &'a str) { \"c\" }", Kind::Text, &[(1, "c")]);
    }

    #[test]
    fn an_unfinished_string_is_taken_to_the_end() {
        check("\"a", Kind::Text, &[(1, "a")]);
        check("\"ü", Kind::Text, &[(1, "ü")]);
    }

    #[test]
    fn tests_begin_at_the_module_at_the_end() {
        assert_eq!(tests_begin("fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), Some(3));
        assert_eq!(tests_begin("#[cfg(test)]\nmod tests;\nfn a() {}\n"), None);
        assert_eq!(tests_begin("#[cfg(test)]\nfn a() {}\n"), None);
    }
}
