//! Messages and hints: texts with places that a finding's fields fill.

use super::Unit;
use common::name::ident;

/// Fills `{field}` with what `field` gives for it, `{field:bytes}` with that as a person reads bytes, and `{field:id}`
/// with that as a quoted identifier. A field that is absent leaves nothing behind.
pub(crate) fn fill(template: &str, field: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, behind)) = after.split_once('}') else {
            rest = after;
            break;
        };
        let (name, form) = place.split_once(':').unwrap_or((place, ""));
        if let Some(value) = field(name) {
            text.push_str(&shaped(value, form));
        }
        rest = behind;
    }
    text + rest
}

fn shaped(value: String, form: &str) -> String {
    if form == "id" {
        return ident(&value);
    }
    match (form.parse::<Unit>(), value.parse::<f64>()) {
        (Ok(unit), Ok(number)) => unit.show(number),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_the_form_that_they_ask_for() {
        let field = |name: &str| match name {
            "size" => Some("20480".to_owned()),
            "role" => Some("a\"b".to_owned()),
            _ => None,
        };
        assert_eq!(
            fill("{size:bytes} of {role:id}{none}, {size} bytes", field),
            "20 kB of \"a\"\"b\", 20480 bytes"
        );
    }
}
