//! What credentials look like: `rules/data/secrets.yaml`.

use super::data::embedded;
use serde::Deserialize;
use std::sync::LazyLock;

/// How values and names of variables show that a credential is written there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "date")]
    _date: String,
    /// Formats of credentials that services hand out.
    formats: Vec<SecretFormat>,
    /// Words in names of variables that hold a credential.
    names: Vec<String>,
    /// Ends of names that say where a credential is, or something of it, and not what it is.
    places: Vec<String>,
    /// Words in values that stand for a credential of nobody.
    placeholders: Vec<String>,
}

/// The format of a credential.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretFormat {
    /// What it is, with its article.
    is: String,
    /// How it begins.
    prefixes: Vec<String>,
    /// Letters and digits that follow at least; other characters of `also` count as well.
    #[serde(rename = "at-least")]
    at_least: usize,
    /// Characters beside letters and digits.
    #[serde(default)]
    also: String,
    /// The document that says so.
    #[serde(rename = "source")]
    _source: String,
}

/// Letters a credential has at least that no service marks.
const MIN_RANDOM: usize = 20;
/// Bits that each letter of a random text tells at least; words and paths tell less.
const MIN_BITS: f64 = 3.4;

impl Secrets {
    /// What a value is, if a service hands out such credentials.
    pub fn format_of(&self, value: &str) -> Option<&str> {
        if self.is_placeholder(value) {
            return None;
        }
        let found = self.formats.iter().find(|format| format.fits(value));
        found.map(|format| format.is.as_str()).or_else(|| has_password(value).then_some("a password in a URL"))
    }

    /// Whether a variable of this name holds a credential, rather than its name, its place or its age.
    pub fn tells(&self, name: &str) -> bool {
        let name = name.to_uppercase();
        self.names.iter().any(|word| name.contains(word.as_str()))
            && !self.places.iter().any(|end| name.ends_with(end.as_str()))
    }

    /// Whether a value is a long random text.
    pub fn is_random(&self, value: &str) -> bool {
        let plain = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-' | '.' | '!' | '@' | '#' | '%')
        };
        let (digits, letters) =
            (value.chars().any(|c| c.is_ascii_digit()), value.chars().any(|c| c.is_ascii_alphabetic()));
        value.len() >= MIN_RANDOM
            && value.chars().all(plain)
            && digits
            && letters
            && !value.starts_with("arn:")
            && !value.starts_with('/')
            && !self.is_placeholder(value)
            && bits(value) >= MIN_BITS
    }

    fn is_placeholder(&self, value: &str) -> bool {
        let value = value.to_lowercase();
        self.placeholders.iter().any(|word| value.contains(word.as_str()))
    }
}

impl SecretFormat {
    fn fits(&self, value: &str) -> bool {
        let value = value.trim();
        let rest = self.prefixes.iter().find_map(|prefix| value.strip_prefix(prefix.as_str()));
        rest.is_some_and(|rest| {
            let fits = |c: char| c.is_ascii_alphanumeric() || self.also.contains(c);
            rest.chars().take_while(|&c| fits(c)).count() >= self.at_least
        })
    }
}

/// `scheme://user:password@host` with a host that is not this machine, and a password that is written out.
fn has_password(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let Some((user, host)) = rest.split(['/', '?']).next().and_then(|authority| authority.rsplit_once('@')) else {
        return false;
    };
    let Some((_, password)) = user.split_once(':') else { return false };
    let local = ["localhost", "127.0.0.1", "host.docker.internal", "0.0.0.0"];
    let host = host.split(':').next().unwrap_or(host);
    let guessed = ["password", "pass", "postgres", "root", "admin", "secret", "guest", "user"];
    scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+')
        && password.len() >= 6
        && !password.contains(['$', '{', '<', '*'])
        && !guessed.contains(&password.to_lowercase().as_str())
        && !local.contains(&host)
        && host.contains('.')
}

/// Shannon's entropy of the letters of a text, in bits for each letter.
fn bits(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let all = text.len() as f64;
    let parts = counts.iter().filter(|&&count| count > 0).map(|&count| f64::from(count) / all);
    -parts.map(|part| part * part.log2()).sum::<f64>()
}

/// What credentials look like.
pub fn secrets() -> &'static Secrets {
    static SECRETS: LazyLock<Secrets> = LazyLock::new(|| embedded!("secrets"));
    &SECRETS
}

#[cfg(test)]
mod tests {
    use super::secrets;

    #[test]
    fn formats_are_told_from_placeholders_and_places() {
        let known = secrets();
        // Joined, so that no scanner takes this test for a leak.
        let key = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
        assert!(known.format_of(&key).is_some());
        assert_eq!(known.format_of(&["AKIA", "IOSFODNN7EXAMPLE"].concat()), None);
        assert_eq!(known.format_of("AKIA"), None);
        assert!(known.format_of("postgres://app:Zk3-9fQw1@db.example.net:5432/app").is_none());
        assert!(known.format_of("postgres://app:Zk3-9fQw1@db.orders.net:5432/app").is_some());
        assert_eq!(known.format_of("postgres://app:postgres@db.orders.net/app"), None);
        assert_eq!(known.format_of("postgres://app:Zk39fQw1@localhost/app"), None);
        assert_eq!(known.format_of("https://sqs.eu-west-1.amazonaws.com/1/jobs"), None);
    }

    #[test]
    fn names_and_randomness_are_told() {
        let known = secrets();
        assert!(known.tells("STRIPE_API_KEY") && known.tells("dbPassword") && known.tells("JWT_SECRET"));
        assert!(!known.tells("TOKEN_TABLE_NAME") && !known.tells("SECRET_ARN") && !known.tells("TABLE"));
        assert!(known.is_random("q8Zr2LmX0vT5yHn4Wb7K"));
        assert!(!known.is_random("orders-api-token-secret-name"));
        assert!(!known.is_random("aaaaaaaaaaaaaaaaaaaaaaaa1"));
        assert!(!known.is_random("changeme1234567890abcdefgh"));
    }
}
