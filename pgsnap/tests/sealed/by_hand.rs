//! An encrypted snapshot restores without pgsnap: with the script of the store, `age`, `zstd`, `jq` and `psql`.

use crate::place::{Place, have, ledger};
use std::process::Command;

#[test]
fn an_encrypted_store_restores_by_its_own_instructions() {
    if !["age", "zstd", "jq"].into_iter().all(have) {
        return;
    }
    let (place, database) = (Place::new(), ledger("sealed_by_hand"));
    place.create(&database).args(["-Z", "gzip", "-t", "planted_table"]).run().success();
    let made = place.create(&database).run().success();
    let id = made.result()["snapshot"].as_str().unwrap();
    let readme = std::fs::read_to_string(place.store().join("README.md")).unwrap();
    let (_, fenced) = readme.split_once("```bash\n").unwrap();
    let (script, _) = fenced.split_once("```").unwrap();
    let script = place.directory.write("restore.sh", script);
    let copy = database.cluster().database("sealed_by_hand_copy");
    let psql = copy.cluster().client("psql", copy.name());
    let run = |words: &[&str]| {
        let mut bash = Command::new("bash");
        bash.arg(&script).arg(place.store()).args(words).arg(&place.alice.file);
        bash.envs(psql.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let directory = std::path::Path::new(psql.get_program()).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        bash.env("PATH", format!("{}:{path}", directory.display())).env_remove("PGCLIENTENCODING");
        let output = bash.env("TMPDIR", place.directory.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{}\n{said}", output.status);
        output.stdout
    };
    run(&[id, copy.name()]);
    let all = "SELECT count(*), sum(planted_column), max(v) FROM planted_table";
    assert_eq!(copy.rows(all), database.rows(all));
    assert_eq!(copy.dump_text(), database.dump_text());
    // Without a database it shows what the snapshot is.
    let manifest: serde_json::Value = serde_json::from_slice(&run(&[id, ""])).unwrap();
    assert_eq!(manifest["tables"][0]["name"], "planted_table");
    let left: Vec<_> = place.directory.files().into_iter().filter(|file| file.starts_with("tmp.")).collect();
    assert!(left.is_empty(), "{left:?}");
}
