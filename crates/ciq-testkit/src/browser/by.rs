//! How a test names an element: as a person would, by what stands on it.

/// How an element is named. Of those whose text is meant, a part of it is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'a> {
    /// By a selector of stylesheets.
    Css(&'a str),
    /// A button with this on it.
    Button(&'a str),
    /// A link with this on it.
    Link(&'a str),
    /// The innermost element that says this.
    Text(&'a str),
    /// By a path in the page.
    Xpath(&'a str),
}

impl By<'_> {
    /// Returns what `WebDriver` calls the way, and the name.
    pub(super) fn using(self) -> (&'static str, String) {
        match self {
            Self::Css(selector) => ("css selector", selector.to_owned()),
            Self::Xpath(path) => ("xpath", path.to_owned()),
            Self::Button(text) => {
                let says = says(text);
                ("xpath", format!("//button[{says}] | //*[@role='button'][{says}]"))
            }
            Self::Link(text) => ("xpath", format!("//a[{}]", says(text))),
            Self::Text(text) => {
                let says = says(text);
                ("xpath", format!("//body//*[{says}][not(*[{says}])]"))
            }
        }
    }
}

fn says(text: &str) -> String {
    format!("contains(normalize-space(.), {})", quoted(text))
}

/// Writes a text as paths have it, which know no escapes.
fn quoted(text: &str) -> String {
    if !text.contains('\'') {
        return format!("'{text}'");
    }
    let parts: Vec<_> = text.split('\'').map(|part| format!("'{part}'")).collect();
    format!("concat({})", parts.join(", \"'\", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_whatever_is_in_it() {
        assert_eq!(quoted("a \"b\""), "'a \"b\"'");
        assert_eq!(quoted("it's"), r#"concat('it', "'", 's')"#);
    }

    #[test]
    fn a_link_is_found_by_what_stands_on_it() {
        let (way, name) = By::Link("Next").using();
        assert_eq!((way, name.as_str()), ("xpath", "//a[contains(normalize-space(.), 'Next')]"));
    }
}
