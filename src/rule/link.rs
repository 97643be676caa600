//! The sources of a rule's facts: pages that can be opened, or what has no page.

use serde::Deserialize;

/// A source of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Link {
    /// A page.
    Page {
        /// What it is.
        title: String,
        /// Where.
        url: String,
    },
    /// What has no page.
    Text(String),
}

impl Link {
    /// What it is.
    pub fn title(&self) -> &str {
        match self {
            Self::Page { title, .. } | Self::Text(title) => title.trim(),
        }
    }

    /// Where it can be opened. Rule files of others are hostile input: other schemes are no links.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Page { url, .. } => {
                let plain = !url.contains(|c: char| c.is_whitespace() || c.is_control() || "()<>\"".contains(c));
                Some(url.as_str()).filter(|url| plain && (url.starts_with("https://") || url.starts_with("http://")))
            }
            Self::Text(_) => None,
        }
    }

    /// The link in Markdown.
    pub fn markdown(&self) -> String {
        let title = self.title().replace('[', "\\[").replace(']', "\\]");
        match self.url() {
            Some(url) => format!("[{title}]({url})"),
            None => title,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Link;

    #[test]
    fn only_pages_of_the_web_are_links() {
        let page = |url: &str| Link::Page { title: "a [b]".to_owned(), url: url.to_owned() };
        assert_eq!(page("https://a.b/c").markdown(), "[a \\[b\\]](https://a.b/c)");
        assert_eq!(page("javascript:alert(1)").url(), None);
        assert_eq!(page("https://a.b/c) [d](e").url(), None);
        assert_eq!(Link::Text("a page".to_owned()).markdown(), "a page");
    }
}
