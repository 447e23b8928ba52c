//! Findings in the formats of those who show them beside the files: SARIF 2.1.0, and annotations of GitHub Actions.

use super::FindingRecord;
use common::error::{Error, Result};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One SARIF document of all findings.
pub(crate) fn document(findings: &[FindingRecord]) -> Result<String> {
    let names: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    let rules: Vec<Value> = names.iter().map(|name| json!({ "id": name })).collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    let driver = json!({ "name": "pgshift", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    });
    let text = serde_json::to_string_pretty(&document);
    let text = text
        .map_err(|error| Error::failed("internal", "findings have no JSON form").cause(error.to_string()))?;
    Ok(text + "\n")
}

fn result(finding: &FindingRecord) -> Value {
    let region = json!({ "startLine": finding.line, "startColumn": finding.column });
    json!({
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": { "text": message(finding) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": uri(&finding.file) }, "region": region },
        }],
        "properties": { "certainty": finding.certainty, "lock": finding.lock, "rows": finding.rows, "bytes": finding.bytes },
    })
}

fn message(finding: &FindingRecord) -> String {
    let object = finding.object.as_ref().map(|object| format!("{object}: ")).unwrap_or_default();
    let mut message = format!("{object}{}", finding.why);
    for more in [&finding.advice, &finding.recipe].into_iter().flatten() {
        message.push('\n');
        message.push_str(more);
    }
    message
}

/// A path as the reference of a URI: what has a meaning there is encoded.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// One line that GitHub Actions shows beside the file.
///
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
pub(crate) fn annotation(finding: &FindingRecord) -> String {
    let level = if finding.severity == "note" { "notice" } else { finding.severity.as_str() };
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!(
        "::{level} file={},line={},col={},title={}::{}\n",
        property(&finding.file),
        finding.line,
        finding.column,
        property(&finding.rule),
        data(&message(finding))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> FindingRecord {
        FindingRecord {
            rule: "lock-table".into(),
            severity: "note".into(),
            file: "a b/ü:1.sql".into(),
            line: 3,
            column: 2,
            statement: "LOCK t".into(),
            object: Some("\"t\"".into()),
            lock: None,
            rows: None,
            bytes: Some(5),
            writes_per_second: None,
            certainty: "exact".into(),
            why: "100%".into(),
            advice: Some("don't".into()),
            recipe: None,
        }
    }

    #[test]
    fn an_annotation_is_one_line_whatever_is_in_it() {
        let line = annotation(&finding());
        assert_eq!(
            line,
            "::notice file=a b/ü%3A1.sql,line=3,col=2,title=lock-table::\"t\": 100%25%0Adon't\n"
        );
    }

    #[test]
    fn a_document_names_rules_places_and_levels() {
        let document: Value = serde_json::from_str(&document(&[finding()]).unwrap()).unwrap();
        let result = &document["runs"][0]["results"][0];
        assert_eq!((&result["ruleId"], &result["level"]), (&json!("lock-table"), &json!("note")));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%BC%3A1.sql");
        assert_eq!(place["region"], json!({ "startLine": 3, "startColumn": 2 }));
        assert_eq!(document["runs"][0]["tool"]["driver"]["rules"], json!([{ "id": "lock-table" }]));
    }
}
