//! Where a store is: a directory, or a prefix in a bucket of an object store.
//!
//! Only the word that a person types and what it means; nothing here touches a disk or a network.

use crate::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A directory of this machine.
    Directory(PathBuf),
    /// `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.
    Remote(Remote),
}

/// A prefix in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Whose protocol is spoken.
    pub service: Service,
    /// The bucket; of Azure, the container.
    pub bucket: String,
    /// What all names begin with, without slashes at its ends; may be empty.
    pub prefix: String,
}

/// A kind of object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Amazon S3 and whatever speaks like it.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

impl Service {
    /// The beginning of its URLs.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }
}

impl Location {
    /// The directory, where it is one.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(path) => Some(path),
            Self::Remote(_) => None,
        }
    }
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        if word.strip_prefix("file://").unwrap_or(word).is_empty() {
            return Err(Error::usage("an empty word names no store"));
        }
        let Some((scheme, rest)) = word.split_once("://") else {
            return Ok(Self::Directory(PathBuf::from(word)));
        };
        let service = match scheme {
            "s3" => Service::S3,
            "gs" => Service::Google,
            "az" => Service::Azure,
            "file" => return Ok(Self::Directory(PathBuf::from(rest))),
            _ => {
                return Err(Error::usage(format!("no store is known by {scheme}://"))
                    .hint("a directory, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX"));
            }
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(Error::usage(format!("{word:?} names no bucket")));
        }
        let prefix = prefix.trim_matches('/').to_owned();
        Ok(Self::Remote(Remote { service, bucket: bucket.to_owned(), prefix }))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(out, "{}", path.display()),
            Self::Remote(remote) => {
                write!(out, "{}://{}", remote.service.scheme(), remote.bucket)?;
                if remote.prefix.is_empty() { Ok(()) } else { write!(out, "/{}", remote.prefix) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_without_a_scheme_is_a_directory_whatever_its_characters() {
        for word in ["/backups", "backups", "s3:/x", "a b"] {
            assert_eq!(word.parse::<Location>().unwrap(), Location::Directory(PathBuf::from(word)));
        }
    }

    #[test]
    fn a_url_names_a_bucket_and_a_prefix_and_reads_back_as_it_was_meant() {
        for (word, told) in [
            ("s3://b", "s3://b"),
            ("s3://b/x/y/", "s3://b/x/y"),
            ("gs://b/x", "gs://b/x"),
            ("az://c", "az://c"),
        ] {
            assert_eq!(word.parse::<Location>().unwrap().to_string(), told);
        }
    }

    #[test]
    fn what_is_no_store_is_refused() {
        for word in ["ftp://host/x", "s3://", "s3:///x"] {
            assert!(word.parse::<Location>().is_err(), "{word}");
        }
    }
}
