//! Extractive summaries: the sentences that say most, whole and in their order.

use std::collections::{BTreeMap, BTreeSet};

/// Words shorter than this carry grammar, not meaning.
const WORD_LENGTH_MIN: usize = 4;

/// Returns `text` if it has at most `length_max` characters, else those of its sentences whose
/// words are most frequent in the whole, as many as fit, in their order. A sentence is never cut:
/// where not even one fits, the shortest stands alone.
#[must_use]
pub fn summarise(text: &str, length_max: usize) -> String {
    if text.chars().count() <= length_max {
        return text.to_owned();
    }
    let sentences = sentences(text);
    let weights = word_weights(text);
    let mut ranked: Vec<(usize, u64, usize)> = sentences
        .iter()
        .enumerate()
        .map(|(index, sentence)| (index, score(sentence, &weights), sentence.chars().count()))
        .collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut chosen = BTreeSet::new();
    let mut length = 0;
    for (index, _, sentence_length) in &ranked {
        let with_space = sentence_length + usize::from(length > 0);
        if length + with_space <= length_max {
            length += with_space;
            chosen.insert(*index);
        }
    }
    if chosen.is_empty() {
        chosen.extend(ranked.iter().min_by_key(|(index, _, len)| (*len, *index)).map(|r| r.0));
    }
    let kept: Vec<&str> = chosen.into_iter().map(|index| sentences[index]).collect();
    kept.join(" ")
}

/// Splits at `.`, `!` or `?` before white space, and at line ends.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut previous = ' ';
    for (index, c) in text.char_indices() {
        let ends = c == '\n' || (c.is_whitespace() && matches!(previous, '.' | '!' | '?'));
        if ends {
            found.push(&text[start..index]);
            start = index;
        }
        previous = c;
    }
    found.push(&text[start..]);
    found.into_iter().map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= WORD_LENGTH_MIN)
        .map(str::to_lowercase)
}

fn word_weights(text: &str) -> BTreeMap<String, u64> {
    let mut weights = BTreeMap::new();
    for word in words(text) {
        *weights.entry(word).or_insert(0) += 1;
    }
    weights
}

/// Mean weight of a sentence's distinct words, in thousandths, so that long sentences do not win
/// by length alone.
fn score(sentence: &str, weights: &BTreeMap<String, u64>) -> u64 {
    let distinct: BTreeSet<String> = words(sentence).collect();
    let sum: u64 = distinct.iter().filter_map(|word| weights.get(word)).sum();
    sum * 1_000 / (distinct.len() as u64 + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_text_stays_as_it_is() {
        assert_eq!(summarise("All is well. Thanks!", 500), "All is well. Thanks!");
    }

    #[test]
    fn a_long_text_keeps_whole_sentences_in_order() {
        let text = "The printer jams on every page. I bought it in May. \
                    The printer jams even with new paper. My cat is called Tom.";
        let summary = summarise(text, 75);
        assert_eq!(
            summary,
            "The printer jams on every page. The printer jams even with new paper."
        );
    }

    #[test]
    fn one_endless_sentence_is_not_cut() {
        let text = "word ".repeat(200);
        assert_eq!(summarise(&text, 100), text.trim());
    }

    proptest! {
        #[test]
        fn a_summary_keeps_the_texts_words_in_their_order(text in "([a-z]{1,9}[ .!\n]{1,2}){0,80}") {
            let summary = summarise(&text, 60);
            let mut all = text.split_whitespace();
            for word in summary.split_whitespace() {
                prop_assert!(all.any(|candidate| candidate == word), "{word:?} is not in its place");
            }
        }
    }
}
