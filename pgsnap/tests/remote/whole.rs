//! Every command on a store in a bucket.

use crate::scene::Scene;
use std::path::Path;
use testkit::Tool;

#[test]
fn a_snapshot_goes_to_a_bucket_and_comes_back_whole() {
    let Some(scene) = Scene::new("bucket") else { return };
    let created = scene.create();
    let snapshot = created.record("snapshot")["snapshot"].as_str().unwrap().to_owned();
    assert_eq!(created.record("snapshot")["store"], scene.url("store"));
    let names = scene.below("store/");
    assert!(names.contains(&"store.json".to_owned()) && names.contains(&"README.md".to_owned()), "{names:?}");
    assert!(names.contains(&format!("snapshots/{snapshot}.json")), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("blocks/")), "{names:?}");

    let listed = scene.tool("list").run().success();
    assert_eq!(listed.record("snapshot")["snapshot"], snapshot.as_str());
    scene.tool("show").arg("latest").run().success();
    scene.is_sound(&scene.url("store"), 1);
    let rows = scene.tool("cat").args(["latest", "few"]).run().success();
    assert_eq!(rows.stdout(), "1\n2\n");

    let copy = scene.database.cluster().database("copy");
    let restored = scene.tool("restore").arg("latest").database(&copy).run().success();
    assert_eq!(restored.result()["proved"], true);
    assert_eq!(copy.dump_text(), scene.database.dump_text());
}

#[test]
fn a_second_snapshot_sends_only_what_changed() {
    let Some(scene) = Scene::new("again") else { return };
    let first = scene.create();
    scene.uses_what_is_there();
    scene.database.run("INSERT INTO few VALUES (3)");
    let third = scene.create();
    assert!(third.result()["blocks_new"].as_u64() < first.result()["blocks_new"].as_u64(), "{third}");
    assert_eq!(scene.snapshots(), 3);
    scene.is_sound(&scene.url("store"), 3);
}

#[test]
fn what_pgverify_proves_is_written_beside_the_snapshot_and_listed() {
    let Some(scene) = Scene::new("proved") else { return };
    let created = scene.create();
    let verify = scene.server.lead(Tool::named("pgverify")).args(["restore", "-"]);
    let verified = verify.store(Path::new(&scene.url("store"))).input(created.stdout()).run().success();
    assert_eq!(verified.result()["proved"], true);
    assert_eq!(scene.below("store/verified/").len(), 1);
    assert_eq!(scene.tool("list").run().success().record("snapshot")["proved"], true);
}

#[test]
fn a_missing_block_is_found_and_named() {
    let Some(scene) = Scene::new("lost") else { return };
    scene.create();
    let block = scene.below("store/").into_iter().find(|name| name.starts_with("blocks/")).unwrap();
    scene.server.remove(&scene.bucket, &format!("store/{block}"));
    let checked = scene.tool("check").run().exit(1);
    assert_eq!(checked.record("damage")["file"], block.as_str());
}

#[test]
fn a_row_larger_than_a_request_goes_up_in_parts_and_comes_back() {
    let Some(scene) = Scene::new("giant") else { return };
    scene.database.run(
        "CREATE TABLE giant AS SELECT string_agg(md5(i::text), '') AS row FROM generate_series(1, 600000) i",
    );
    let create = scene.tool("create").database(&scene.database).args(["-t", "giant", "-Z", "none"]);
    create.run().success();
    scene.is_sound(&scene.url("store"), 1);
    let rows = scene.tool("cat").args(["latest", "giant"]).run().success();
    assert_eq!(rows.stdout_bytes().len(), 600_000 * 32 + 1);
}

#[test]
fn a_prefix_with_other_objects_is_refused_and_two_stores_share_a_bucket() {
    let Some(scene) = Scene::new("beside") else { return };
    scene.create();
    let beside = scene.server.lead(Tool::pgsnap("create")).database(&scene.database);
    beside.store(Path::new(&scene.url("other"))).run().success();
    let above = scene.server.lead(Tool::pgsnap("create")).database(&scene.database);
    above.store(Path::new(&scene.url(""))).run().exit(3).says("it holds other files and no store.json");
    scene.is_sound(&scene.url("store"), 1);
    scene.is_sound(&scene.url("other"), 1);
}

#[test]
fn pgcheckpoint_sees_how_old_a_snapshot_in_a_bucket_is_and_that_it_was_proved() {
    let Some(scene) = Scene::new("watched") else { return };
    scene.create();
    let url = scene.url("store");
    let look = |check: &str| {
        let run = scene.server.lead(Tool::named("pgcheckpoint")).args(["run", check, "--store", &url]);
        let run = run.database(&scene.database).run();
        (run.record("check")["status"].clone(), run)
    };
    let (status, run) = look("backups.snapshot_age");
    assert_eq!(status, "ok");
    run.success();
    let (status, run) = look("backups.verified_age");
    assert_eq!(status, "crit");
    run.exit(1).says("ever restored and proved");
}
