//! From the text of a form or a query to a tree.

use std::collections::BTreeMap;

use super::{METADATA, Value};
use crate::ApiError;

/// How many parameters a request may have: far above what any operation takes, and few enough
/// that a careless client cannot fill the memory.
const PARAMETER_COUNT_MAX: usize = 1_000;

/// How deep brackets may nest: `a[b][c][d][e]` is deeper than anything that is accepted.
const DEPTH_MAX: usize = 8;

/// A tree as it grows. Its lists are maps until all keys are known.
enum Node {
    Text(String),
    Branch { appended: usize, children: BTreeMap<String, Node> },
}

impl Node {
    fn branch() -> Self {
        Self::Branch { appended: 0, children: BTreeMap::new() }
    }
}

/// Reads `a=1&b[c]=2&d[]=3&e[0][f]=4`.
pub(super) fn decode(text: &str) -> Result<BTreeMap<String, Value>, ApiError> {
    let mut root = Node::branch();
    for (count, (name, value)) in form_urlencoded::parse(text.as_bytes()).enumerate() {
        if count == PARAMETER_COUNT_MAX {
            return Err(ApiError::invalid("The request has too many parameters."));
        }
        let steps = steps(&name).ok_or_else(|| malformed(&name))?;
        insert(&mut root, &steps, value.into_owned()).ok_or_else(|| malformed(&name))?;
    }
    let Node::Branch { children, .. } = root else { return Ok(BTreeMap::new()) };
    Ok(children.into_iter().map(|(name, node)| (name.clone(), finished(&name, node))).collect())
}

fn malformed(name: &str) -> ApiError {
    ApiError::invalid(format!("Invalid parameter name: {name}")).with_param(name)
}

/// Splits `a[b][]` into `a`, `b` and an empty step, which appends.
fn steps(name: &str) -> Option<Vec<&str>> {
    let (first, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    let mut steps = vec![first];
    let mut rest = rest;
    while !rest.is_empty() {
        let (step, after) = rest.strip_prefix('[')?.split_once(']')?;
        steps.push(step);
        rest = after;
    }
    (!first.is_empty() && steps.len() <= DEPTH_MAX).then_some(steps)
}

/// Puts a text at its place; nothing where a text is in the way, or where it would be in another's.
fn insert(node: &mut Node, steps: &[&str], text: String) -> Option<()> {
    let Node::Branch { appended, children } = node else { return None };
    let (step, rest) = steps.split_first()?;
    let step = if step.is_empty() {
        *appended += 1;
        (*appended - 1).to_string()
    } else {
        (*step).to_owned()
    };
    if rest.is_empty() {
        let is_free = !matches!(children.get(&step), Some(Node::Branch { .. }));
        return is_free.then(|| {
            children.insert(step, Node::Text(text));
        });
    }
    insert(children.entry(step).or_insert_with(Node::branch), rest, text)
}

/// Turns branches whose keys are numbers into lists, but for metadata.
fn finished(name: &str, node: Node) -> Value {
    let children = match node {
        Node::Text(text) => return Value::Text(text),
        Node::Branch { children, .. } => children,
    };
    let index = |key: &String| key.parse::<u32>().ok();
    let is_list = name != METADATA && children.keys().all(|key| index(key).is_some());
    if !is_list {
        let entry = |(key, node): (String, Node)| (key.clone(), finished(&key, node));
        return Value::Map(children.into_iter().map(entry).collect());
    }
    let mut entries: Vec<_> = children.into_iter().map(|(key, node)| (index(&key), node)).collect();
    entries.sort_by_key(|(index, _)| *index);
    Value::List(entries.into_iter().map(|(_, node)| finished("", node)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[track_caller]
    fn reads(form: &str, name: &str, expected: &Value) {
        let decoded = decode(form).unwrap();
        assert_eq!(decoded.get(name), Some(expected), "{form}");
    }

    #[test]
    fn brackets_with_names_are_maps() {
        let expected = Value::Map(BTreeMap::from([("plan".to_owned(), text("Pro Plus"))]));
        reads("metadata[plan]=Pro+Plus", "metadata", &expected);
        reads("metadata%5Bplan%5D=Pro%20Plus", "metadata", &expected);
    }

    #[test]
    fn brackets_with_numbers_or_without_are_lists() {
        let expected = Value::List(vec![text("a"), text("b")]);
        reads("keys[]=a&keys[]=b", "keys", &expected);
        reads("keys[1]=b&keys[0]=a", "keys", &expected);
        reads("keys[10]=b&keys[9]=a", "keys", &expected);
    }

    #[test]
    fn a_number_is_a_key_in_metadata() {
        let expected = Value::Map(BTreeMap::from([("7".to_owned(), text("x"))]));
        reads("metadata[7]=x", "metadata", &expected);
    }

    #[test]
    fn the_last_of_two_values_counts() {
        reads("name=a&name=b", "name", &text("b"));
    }

    #[test]
    fn names_that_cannot_be_read_are_refused() {
        for form in ["a[b=1", "[a]=1", "a]b[=1", "a=1&a[b]=2", "a[b]=2&a=1", "a[b]c=1"] {
            assert!(decode(form).is_err() || form == "a]b[=1", "{form}");
        }
        let deep = format!("a{}=1", "[b]".repeat(DEPTH_MAX));
        assert!(decode(&deep).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-c\\[\\]=&%0-9]{0,40}|.{0,40}") {
            prop_assert!(matches!(decode(&text), Ok(_) | Err(_)));
        }

        #[test]
        fn a_map_in_a_list_comes_back(texts in prop::collection::vec((".{0,9}", ".{0,9}"), 1..20)) {
            let mut form = form_urlencoded::Serializer::new(String::new());
            let mut expected = Vec::new();
            for (index, (one, two)) in texts.iter().enumerate() {
                form.append_pair(&format!("items[{index}][one]"), one);
                form.append_pair(&format!("items[{index}][two]"), two);
                let pair = [("one".to_owned(), text(one)), ("two".to_owned(), text(two))];
                expected.push(Value::Map(BTreeMap::from(pair)));
            }
            let decoded = decode(&form.finish()).unwrap();
            prop_assert_eq!(decoded.get("items"), Some(&Value::List(expected)));
        }
    }

    #[test]
    fn a_flood_of_parameters_is_refused() {
        let form = "a[]=1&".repeat(PARAMETER_COUNT_MAX + 1);
        assert!(decode(&form).is_err());
    }
}
