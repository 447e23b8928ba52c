//! What `docs/pgcheckpoint.md` says is what there is.

use testkit::documents;

const PAGE: &str = include_str!("../../../docs/pgcheckpoint.md");
const EVERYWHERE: &str = include_str!("../../../docs/pgsnap.md");

#[test]
fn every_option_is_described_and_no_other() {
    let commands = ["run", "list", "assert", "diff", "watch", "ready", "report"];
    let there = documents::options_of_help("pgcheckpoint", &commands);
    let mut described = documents::options_described(PAGE);
    // What is everywhere is described once.
    described.extend(documents::options_described(EVERYWHERE.split("### Connections").next().unwrap()));
    // What it reads of a store needs no key.
    described.remove("--identity");
    let missing: Vec<_> = there.difference(&described).collect();
    let invented: Vec<_> = described.difference(&there).collect();
    assert!(missing.is_empty() && invented.is_empty(), "missing: {missing:?}, invented: {invented:?}");
}
