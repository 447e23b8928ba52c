//! Large objects as statements and as files. Their rows are described in `docs/format.md`.

use super::Export;
use common::error::{Error, Result};
use common::format::copy_text::fields;
use common::format::manifest::{LargeObjects, Segment};
use common::name::{ident, literal};
use common::pg::{acl, text};

/// One object, without its bytes.
pub(super) struct Object {
    pub(super) oid: u32,
    pub(super) owner: String,
    acl: Option<String>,
    comment: Option<String>,
}

impl Object {
    /// How statements name it.
    pub(super) fn name(&self) -> String {
        format!("LARGE OBJECT {}", self.oid)
    }

    pub(super) fn create(&self) -> String {
        format!("SELECT pg_catalog.lo_create('{}');\n", self.oid)
    }

    pub(super) fn unlink(&self) -> String {
        format!("SELECT pg_catalog.lo_unlink('{}');\n", self.oid)
    }

    pub(super) fn own(&self) -> String {
        format!("ALTER {} OWNER TO {};\n", self.name(), ident(&self.owner))
    }

    pub(super) fn comment(&self) -> Option<String> {
        self.comment.as_ref().map(|comment| format!("COMMENT ON {} IS {};\n", self.name(), literal(comment)))
    }

    pub(super) fn grants(&self) -> Result<Option<String>> {
        self.acl.as_ref().map(|acl| acl::statements(&self.name(), &self.owner, acl)).transpose()
    }
}

impl Export<'_> {
    /// Hands over all objects, in the order of their OIDs.
    pub(super) fn objects(
        &self,
        objects: &LargeObjects,
        mut each: impl FnMut(&Object) -> Result<()>,
    ) -> Result<()> {
        self.blocks(&objects.catalog, "large objects", |rows| {
            rows.split_inclusive(|&byte| byte == b'\n').try_for_each(|row| each(&object(row)?))
        })
    }

    /// Hands over all pieces of a segment: OID, number, bytes.
    pub(super) fn pieces(
        &self,
        segment: &Segment,
        mut each: impl FnMut(u32, u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.blocks(segment, "large objects", |rows| {
            rows.split_inclusive(|&byte| byte == b'\n').try_for_each(|row| {
                let (oid, number, bytes) = piece(row).ok_or_else(strange)?;
                each(oid, number, &bytes)
            })
        })
    }
}

fn object(row: &[u8]) -> Result<Object> {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    let mut fields = fields(row).map(|field| field.map(|bytes| text::decode(&bytes)));
    let mut next = || fields.next().ok_or_else(strange);
    let (oid, owner, acl, comment) = (next()?, next()?, next()?, next()?);
    let oid = oid.and_then(|oid| oid.parse().ok()).ok_or_else(strange)?;
    Ok(Object { oid, owner: owner.unwrap_or_default(), acl, comment })
}

fn piece(row: &[u8]) -> Option<(u32, u64, Vec<u8>)> {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    let mut fields = fields(row).flatten();
    let mut number = || String::from_utf8(fields.next()?).ok();
    let (oid, number) = (number()?.parse().ok()?, number()?.parse().ok()?);
    let hex = fields.next()?;
    let digits = hex.strip_prefix(b"\\x")?;
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let &[high, low] = pair else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        bytes.push(u8::try_from(digit(high)? << 4 | digit(low)?).ok()?);
    }
    Some((oid, number, bytes))
}

fn strange() -> Error {
    Error::failed("damaged", "a row of the large objects is not what it should be")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_taken_apart() {
        assert_eq!(piece(b"7\t0\t\\\\x00ff5C\n"), Some((7, 0, vec![0, 255, 92])));
        assert_eq!(piece(b"7\t0\t\\\\x0\n"), None);
        assert_eq!(piece(b"7\t0\n"), None);
        let object = object(b"7\tme\t\\N\tit's\\nso\n").unwrap();
        assert_eq!(object.comment().unwrap(), "COMMENT ON LARGE OBJECT 7 IS 'it''s\nso';\n");
        assert!(object.grants().unwrap().is_none());
    }
}
