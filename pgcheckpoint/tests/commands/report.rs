use super::{command, database};
use testkit::{TempDir, Tool};

#[test]
fn the_whole_story_becomes_one_page() {
    let database = database();
    database.run("CREATE TABLE \"<script>\" (id int); INSERT INTO \"<script>\" VALUES (1)");
    let store = TempDir::new();
    let snapshot = Tool::pgsnap("create").database(&database).store(store.path()).run().success();
    let proved = Tool::named("pgverify")
        .args(["restore", "-"])
        .store(store.path())
        .input(snapshot.stdout())
        .run()
        .success();
    let checked =
        command("run", &database).args(["-", "schema", "size"]).input(proved.stdout()).run().success();
    let page =
        Tool::named("pgcheckpoint").args(["report", "-"]).input(checked.stdout()).raw().run().success();
    let text = page.stdout();
    for part in [
        "What ran",
        "pgsnap create",
        "pgverify restore",
        "The proof",
        "proved",
        "Health",
        "schema.without_primary_key",
        "<svg",
        "prefers-color-scheme: dark",
        "@media print",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    // Nothing comes from elsewhere, and nothing that a table is called becomes a part of the page.
    for alien in ["http://", "https://", "<script", "src=", "@import", "url("] {
        assert!(!text.contains(alien), "{alien} in {text}");
    }
    assert!(text.contains("&lt;script&gt;"));
    balanced(&text);

    let place = TempDir::new();
    let (records, page) = (place.write("all.jsonl", checked.stdout()), place.join("page.html"));
    Tool::named("pgcheckpoint").arg("report").arg(&records).arg("--write").arg(&page).raw().run().success();
    assert_eq!(std::fs::read_to_string(page).unwrap(), text);
}

/// Asserts that every element that is opened is closed, in order.
fn balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1) {
        let name = tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap();
        if let Some(closing) = tag.strip_prefix('/') {
            let closing = closing.split('>').next().unwrap();
            assert_eq!(open.pop(), Some(closing), "before {tag}");
        } else if !["!DOCTYPE", "meta"].contains(&name) && !tag.split('>').next().unwrap().ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_stream_that_was_cut_off_or_failed_says_so() {
    let database = database();
    let run =
        command("run", &database).args(["connections.limit", "--crit", "connections.limit=1"]).run().exit(1);
    let report = |input: &str| {
        Tool::named("pgcheckpoint").args(["report", "-"]).input(input).raw().run().success().stdout()
    };
    assert!(report(&run.stdout()).contains("The answer is no"));
    let text = run.stdout();
    let cut: Vec<&str> = text.lines().take(2).collect();
    assert!(report(&(cut.join("\n") + "\n")).contains("The records were cut off"));
    Tool::named("pgcheckpoint").args(["report", "-"]).input("").raw().run().exit(4);
}
