//! `pgsnap copy` between stores of all kinds.

use crate::scene::Scene;
use std::path::Path;
use testkit::{Outcome, Tool};

fn copy(scene: &Scene, from: &Path, to: &Path, snapshots: &[&str]) -> Outcome {
    let copy = scene.server.lead(Tool::pgsnap("copy")).args(snapshots).store(from);
    copy.arg("--to").arg(to).run()
}

#[test]
fn a_copy_has_all_of_a_snapshot_and_what_was_found_out_about_it() {
    let Some(scene) = Scene::new("offsite") else { return };
    let here = scene.place.join("here");
    let created = Tool::pgsnap("create").database(&scene.database).store(&here).run().success();
    let verify = Tool::named("pgverify").args(["restore", "-"]).store(&here);
    let verified = verify.input(created.stdout()).run().success();
    let url = scene.url("store");
    let copy = scene.server.lead(Tool::pgsnap("copy")).args(["-", "--to", &url]);
    let copied = copy.input(verified.stdout()).run().success();
    assert!(copied.stdout().starts_with(&verified.stdout()), "records were not passed on: {copied}");
    let record = copied.record("copied");
    assert_eq!((&record["is_new"], &record["attestations"]), (&true.into(), &1.into()));
    assert_eq!(record["to"], url.as_str());
    scene.is_sound(&url, 1);
    let listed = scene.tool("list").run().success();
    assert_eq!(listed.record("snapshot")["proved"], true);

    let back = scene.place.join("back");
    self::copy(&scene, Path::new(&url), &back, &["latest"]).success();
    let (one, other) = (tree(&here), tree(&back));
    assert_eq!(one, other, "a copy of a copy is not what was copied");
}

/// The names of all files but those that each store has of its own, and their bytes.
fn tree(store: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for part in ["blocks", "snapshots", "verified"] {
        let mut directories = vec![store.join(part)];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    let name = path.strip_prefix(store).unwrap().display().to_string();
                    files.push((name, std::fs::read(&path).unwrap()));
                }
            }
        }
    }
    files.sort();
    files
}

#[test]
fn only_what_is_missing_travels() {
    let Some(scene) = Scene::new("missing") else { return };
    let url = scene.url("store");
    let here = scene.place.join("here");
    Tool::pgsnap("create").database(&scene.database).store(&here).run().success();
    let first = copy(&scene, &here, Path::new(&url), &["latest"]).success();
    assert_eq!(first.result()["blocks_reused"], 0);
    scene.database.run("INSERT INTO few VALUES (3)");
    Tool::pgsnap("create").database(&scene.database).store(&here).run().success();
    let second = copy(&scene, &here, Path::new(&url), &["latest", "latest"]).success();
    let copied = second.record("copied");
    assert!(copied["blocks_new"].as_u64().unwrap() > 0, "{second}");
    assert!(copied["blocks_reused"].as_u64().unwrap() > 0, "{second}");
    let again = copy(&scene, &here, Path::new(&url), &["latest"]).success();
    assert_eq!(
        (&again.result()["blocks_new"], &again.record("copied")["is_new"]),
        (&0.into(), &false.into())
    );
    scene.is_sound(&url, 2);
}

#[test]
fn stores_that_compress_otherwise_take_from_each_other() {
    let Some(scene) = Scene::new("levels") else { return };
    let (here, there) = (scene.place.join("here"), scene.place.join("there"));
    for (store, method) in [(&here, "zstd:1"), (&there, "zstd:15")] {
        Tool::pgsnap("create").database(&scene.database).store(store).args(["-Z", method]).run().success();
    }
    copy(&scene, &here, &there, &["latest"]).success();
    let checks = |arguments: &[&str]| Tool::pgsnap("check").args(arguments).store(&there).run().success();
    checks(&[]);
    assert_eq!(checks(&["--read-data"]).result()["snapshots"], 2);
}

#[test]
fn a_damaged_block_does_not_travel() {
    let Some(scene) = Scene::new("rotten") else { return };
    let here = scene.place.join("here");
    Tool::pgsnap("create").database(&scene.database).store(&here).run().success();
    let blocks = tree(&here).into_iter().filter(|(name, _)| name.starts_with("blocks/"));
    let (name, mut bytes) = blocks.max_by_key(|(_, bytes)| bytes.len()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(here.join(&name), bytes).unwrap();
    let url = scene.url("store");
    copy(&scene, &here, Path::new(&url), &["latest"]).exit(3).says("damaged").says("table");
    assert_eq!(scene.snapshots(), 0);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let Some(scene) = Scene::new("senseless") else { return };
    let here = scene.place.join("here");
    let created = Tool::pgsnap("create").database(&scene.database).store(&here).run().success();
    copy(&scene, &here, &scene.place.join("./here"), &["latest"]).exit(2).says("both stores are");
    copy(&scene, &here, &scene.place.join("there"), &["nothing"]).exit(3).says("no snapshot \"nothing\"");
    assert!(!scene.place.join("there").exists(), "a mistyped name left a store behind");
    let url = scene.url("store");
    let from_stdin =
        |input: String| scene.server.lead(Tool::pgsnap("copy")).args(["-", "--to", &url]).input(input).run();
    let failed =
        created.stdout().replace("\"status\":\"ok\",\"exit_code\":0", "\"status\":\"error\",\"exit_code\":3");
    from_stdin(failed).exit(4).says("did not succeed");
    from_stdin(String::new()).exit(4).says("nothing came in");
    assert_eq!(scene.snapshots(), 0);
    Tool::pgsnap("copy").args(["latest", "--to", "/nowhere"]).run().exit(2).says("no store is named");
}
