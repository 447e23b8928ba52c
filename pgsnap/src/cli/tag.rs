//! Tags of snapshots.

/// Tags that a snapshot has to have all of.
#[derive(Clone, Debug)]
pub(crate) struct Tags(pub(crate) Vec<String>);

/// A tag. It has no comma, which parts tags, and is not empty, as a variable that is not set.
pub(super) fn tag(word: &str) -> Result<String, String> {
    if word.is_empty() {
        return Err("a tag is not empty".to_owned());
    }
    if word.contains(',') || word.chars().any(char::is_control) {
        return Err("a tag has no comma and no line break".to_owned());
    }
    Ok(word.to_owned())
}

/// Some, with commas between them.
pub(super) fn tags(words: &str) -> Result<Tags, String> {
    words.split(',').map(tag).collect::<Result<_, _>>().map(Tags)
}
