//! An inventory as JSON Lines: a head, then an object a line, in the inventory's order.

use super::object::{Properties, Words};
use super::{Inventory, Object};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
struct Head {
    server_major: u32,
    objects: usize,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    of: Option<Cow<'a, str>>,
    class: u32,
    oid: u32,
    #[serde(borrow)]
    properties: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

impl Inventory {
    /// As JSON Lines. The same inventory is the same bytes.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        line(&mut bytes, &Head { server_major: self.major, objects: self.objects.len() })?;
        for object in &self.objects {
            line(
                &mut bytes,
                &Line {
                    kind: (&*object.kind).into(),
                    name: (&*object.name).into(),
                    of: object.of.as_deref().map(Cow::from),
                    class: object.class,
                    oid: object.oid,
                    properties: object
                        .properties
                        .iter()
                        .map(|(name, value)| (name.into(), value.into()))
                        .collect(),
                },
            )?;
        }
        Ok(bytes)
    }

    /// Reads what [`Inventory::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let torn =
            |why: String| Error::failed("damaged", "the inventory of the schema is damaged").cause(why);
        let mut lines = bytes.split_inclusive(|&byte| byte == b'\n');
        let head = lines.next().unwrap_or_default();
        let head: Head = serde_json::from_slice(head).map_err(|error| torn(error.to_string()))?;
        let mut words = Words::default();
        let mut objects = Vec::with_capacity(head.objects.min(1 << 20));
        for line in lines {
            let line: Line<'_> = serde_json::from_slice(line).map_err(|error| torn(error.to_string()))?;
            let properties = line.properties.into_iter();
            objects.push(Object {
                kind: words.word(&line.kind),
                name: line.name.into(),
                of: line.of.map(Box::from),
                class: line.class,
                oid: line.oid,
                properties: Properties::new(
                    properties.map(|(name, value)| (words.word(&name), value.into())).collect(),
                ),
            });
        }
        if objects.len() != head.objects {
            return Err(torn(format!("it has {} objects of {}", objects.len(), head.objects)));
        }
        let mut inventory = Self { major: head.server_major, objects };
        inventory.sort();
        Ok(inventory)
    }
}

fn line(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *bytes, value).map_err(|error| {
        Error::failed("inventory", "cannot write the inventory of the schema").cause(error.to_string())
    })?;
    bytes.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_was_cut_off_is_not() {
        let mut words = Words::default();
        let object = |words: &mut Words, kind: &str, name: &str| Object {
            kind: words.word(kind),
            name: name.into(),
            of: Some("\"s\"".into()),
            class: 1259,
            oid: 5,
            properties: Properties::new(vec![(words.word("body"), "a\n\"b\" \\ ü".into())]),
        };
        let objects = vec![object(&mut words, "table", "\"a\""), object(&mut words, "view", "\"b\"")];
        let inventory = Inventory { major: 15, objects };
        let bytes = inventory.encode().unwrap();
        assert_eq!(Inventory::decode(&bytes).unwrap(), inventory);
        for end in 0..bytes.len() - 1 {
            assert!(Inventory::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
    }
}
