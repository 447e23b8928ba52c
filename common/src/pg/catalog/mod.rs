//! The catalogs' answers as typed rows. Each query is a file in `../sql` that runs in psql as it stands.
//!
//! There is no general query function beside these: what the tools ask of a catalog is written here.

mod cluster;
mod relations;
mod rights;

pub use cluster::{database, databases, extensions, passwords, roles, system, tablespaces};
pub use relations::{
    Known, Relation, columns, keys, matview_order, partition_roots, partitions, reference_order, relations,
    types,
};
pub use rights::{Lack, Lacking, rights, unreadable_objects};

/// The elements of a one-dimensional array of text as the server spells it, such as `{a,"b c"}`.
pub fn array(text: &str) -> Vec<String> {
    let mut elements = Vec::new();
    let mut characters =
        text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or("").chars().peekable();
    while characters.peek().is_some() {
        let mut element = String::new();
        let quoted = characters.next_if_eq(&'"').is_some();
        while let Some(character) = characters.next() {
            match character {
                '\\' => element.extend(characters.next()),
                '"' if quoted => {
                    characters.next_if_eq(&',');
                    break;
                }
                ',' if !quoted => break,
                other => element.push(other),
            }
        }
        elements.push(element);
    }
    elements
}

#[cfg(test)]
mod tests {
    #[test]
    fn arrays_of_text_are_taken_apart() {
        let elements = super::array(r#"{plain,"with, comma","quote \" and \\",""}"#);
        assert_eq!(elements, ["plain", "with, comma", "quote \" and \\", ""]);
        assert!(super::array("{}").is_empty());
    }
}
