//! Who may read: public keys as `--encrypt-to` takes them.

use super::cannot;
use crate::error::{Error, Result};
use age::armor::{ArmoredWriter, Format};
use age::ssh::ParseRecipientKeyError;
use age::{Encryptor, ssh, x25519};
use std::io::Write as _;
use std::path::Path;

/// What a recipient can be.
const KINDS: &str = "age1…, \"ssh-ed25519 …\", \"ssh-rsa …\", or a file with one of these a line";

/// Those who may read, each once.
#[derive(Clone, Debug, Default)]
pub struct Recipients(Vec<Recipient>);

#[derive(Clone, Debug)]
enum Recipient {
    Age(x25519::Recipient),
    Ssh(ssh::Recipient),
}

impl Recipients {
    /// What the words say: public keys, or files of such, with or without an `@` before the name.
    pub fn parse(words: &[String]) -> Result<Self> {
        let mut all = Self::default();
        for word in words {
            let word = word.trim();
            match key(word) {
                Some(recipient) => all.add(recipient?),
                None => all.add_file(word.strip_prefix('@').unwrap_or(word))?,
            }
        }
        Ok(all)
    }

    fn add(&mut self, recipient: Recipient) {
        let name = recipient.name();
        if !self.0.iter().any(|known| known.name() == name) {
            self.0.push(recipient);
        }
    }

    fn add_file(&mut self, name: &str) -> Result<()> {
        let what = format!("cannot read the recipients in {name:?}");
        let text = std::fs::read_to_string(Path::new(name)).map_err(|error| {
            Error::usage(what.clone()).cause(error.to_string()).hint(format!("a recipient is {KINDS}"))
        })?;
        let mut named = false;
        for (number, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // The line itself is not told: it may be a secret that got into the wrong file.
            let wrong = || Error::usage(what.clone()).cause(format!("line {} is no public key", number + 1));
            let recipient = key(line).ok_or_else(wrong)?;
            self.add(recipient.map_err(|error| error.context(format!("{what}, line {}", number + 1)))?);
            named = true;
        }
        // Without a recipient nothing is encrypted: that is nobody's wish who names a file of them.
        if named { Ok(()) } else { Err(Error::usage(what).cause("it names nobody")) }
    }

    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The public keys, in one spelling each, without comments.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(Recipient::name).collect()
    }

    /// The bytes as an ASCII file that any of them opens.
    pub(super) fn seal(&self, bytes: &[u8]) -> Result<String> {
        let recipients = self.0.iter().map(|recipient| match recipient {
            Recipient::Age(key) => key as &dyn age::Recipient,
            Recipient::Ssh(key) => key as &dyn age::Recipient,
        });
        let encryptor = Encryptor::with_recipients(recipients).map_err(|error| cannot(&error))?;
        let sealed = || -> std::io::Result<Vec<u8>> {
            let armour = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
            let mut writer = encryptor.wrap_output(armour)?;
            writer.write_all(bytes)?;
            writer.finish()?.finish()
        };
        let sealed = sealed().map_err(|error| Error::io("cannot encrypt", &error))?;
        String::from_utf8(sealed).map_err(|error| Error::failed("internal", error.to_string()))
    }
}

impl Recipient {
    fn name(&self) -> String {
        match self {
            Self::Age(key) => key.to_string(),
            Self::Ssh(key) => key.to_string(),
        }
    }
}

/// The public key that a word is, if it looks like one.
fn key(word: &str) -> Option<Result<Recipient>> {
    if word.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("AGE-SECRET-KEY-")) {
        let hint = "encrypt to its public key: `age-keygen -y FILE` prints it; a secret that stood in a command line was seen by others";
        return Some(Err(Error::usage("a recipient is a public key, and this is a secret one").hint(hint)));
    }
    if word.starts_with("age1") && !word.contains(['/', '.']) {
        let key = word.parse().map(Recipient::Age);
        return Some(key.map_err(|why: &str| {
            Error::usage(format!("{word:?} is no age recipient that can be used here"))
                .cause(why)
                .hint(format!("a recipient is {KINDS}"))
        }));
    }
    if !word.starts_with("ssh-") || !word.contains(' ') {
        return None;
    }
    let why = match word.parse() {
        Ok(key) => return Some(Ok(Recipient::Ssh(key))),
        Err(ParseRecipientKeyError::RsaModulusTooSmall) => "an RSA key needs 2048 bits at least".to_owned(),
        Err(ParseRecipientKeyError::RsaModulusTooLarge) => "its modulus is too large".to_owned(),
        Err(ParseRecipientKeyError::Unsupported(kind)) => format!("keys of kind {kind} cannot encrypt"),
        Err(ParseRecipientKeyError::Invalid(why)) => why.to_owned(),
        Err(_) => "it is no such key".to_owned(),
    };
    let what = "an SSH public key cannot be used";
    Some(Err(Error::usage(what).cause(why).hint(format!("a recipient is {KINDS}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    const SSH: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN";

    fn parse(words: &[&str]) -> Result<Recipients> {
        Recipients::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn each_is_named_once_and_without_its_comment() {
        let all = parse(&[AGE, &format!("{SSH} alice@host"), AGE, SSH]).unwrap();
        assert_eq!(all.names(), [AGE, SSH]);
    }

    #[test]
    fn what_is_no_public_key_is_refused_and_a_secret_is_not_repeated() {
        let secret = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQS";
        let error = parse(&[secret]).unwrap_err();
        assert!(!error.to_string().contains("QQQQ") && error.to_string().contains("public key"), "{error}");
        for word in ["age1x", "ssh-dss AAAA", "ssh-ed25519 AAAA", "no-such-file", ""] {
            assert!(parse(&[word]).is_err(), "{word:?}");
        }
    }
}
