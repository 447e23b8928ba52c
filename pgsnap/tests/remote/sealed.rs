//! An encrypted store in a bucket whose requests fail: no snapshot is less than whole, and whoever may read it can.

use crate::scene::Scene;
use crate::turns::{Turn, Turns};
use testkit::{Fate, Person, Tool};

fn create(scene: &Scene, turn: &Turn<'_>) -> Tool {
    let create = turn.tool("create").database(&scene.database).args(["-j", "1"]);
    create.args(["--encrypt-to", &scene.reader().public])
}

/// Snapshots in an encrypted store beside the bucket.
fn here(scene: &Scene, snapshots: u32) -> Vec<String> {
    let create = |number| {
        scene.database.run(&format!("INSERT INTO few VALUES ({})", 7 + number));
        let create = Tool::pgsnap("create").database(&scene.database).store(&scene.place.join("here"));
        let create = create.env("PGSNAP_STATE", scene.place.join("state"));
        let made = create.args(["--encrypt-to", &scene.reader().public]).run().success();
        made.result()["snapshot"].as_str().unwrap().to_owned()
    };
    (0..snapshots).map(create).collect()
}

/// Copies snapshots from there.
fn copy(scene: &Scene, turn: &Turn<'_>, snapshots: &[String]) -> Tool {
    let copy = Tool::pgsnap("copy").args(snapshots).store(&scene.place.join("here")).args(["-j", "1"]);
    copy.args(["--to", &turn.url()])
}

#[test]
fn every_request_of_a_create_may_fail_and_no_encrypted_snapshot_is_less_than_whole() {
    let Some(scene) = Scene::sealed("turns") else { return };
    let turns = Turns::each(&scene, "create", Fate::Swallow).step(5);
    turns.take(|_| {}, |turn| create(&scene, turn), Turn::is_sound);
}

#[test]
fn every_request_of_a_copy_may_fail_and_no_encrypted_snapshot_is_less_than_whole() {
    let Some(scene) = Scene::sealed("copied") else { return };
    let snapshots = here(&scene, 1);
    let turns = Turns::each(&scene, "copy", Fate::Swallow).step(5);
    turns.take(|_| {}, |turn| copy(&scene, turn, &snapshots), Turn::is_sound);
}

#[test]
fn every_request_of_a_forget_may_fail_and_what_stays_encrypted_is_whole() {
    let Some(scene) = Scene::sealed("forgotten") else { return };
    let snapshots = here(&scene, 3);
    let turns = Turns::each(&scene, "forget", Fate::Swallow).step(4).without_kills();
    turns.take(
        |turn| drop(turn.calm(copy(&scene, turn, &snapshots)).success()),
        |turn| turn.tool("forget").args(["--keep-last", "1", "--wait", "5s"]),
        Turn::is_sound_and_forgotten,
    );
}

#[test]
fn a_rotation_that_fails_leaves_the_old_readers_or_the_new_ones() {
    let Some(scene) = Scene::sealed("rotated") else { return };
    let snapshots = here(&scene, 1);
    let (alice, bob) = (scene.reader(), Person::new(&scene.place, "bob"));
    let opens = |turn: &Turn<'_>, person: &Person| {
        let cat = turn.tool("cat").args(["latest", "few"]).arg("--identity").arg(&person.file);
        let mut cat = turn.calm(cat.raw());
        assert!([0, 2].contains(&cat.code()), "{cat}");
        cat.code() == 0
    };
    Turns::each(&scene, "keys", Fate::Swallow).take(
        |turn| drop(turn.calm(copy(&scene, turn, &snapshots)).success()),
        |turn| {
            // Whoever is let in by then goes on.
            let who = if opens(turn, alice) { alice } else { &bob };
            turn.tool("keys").arg("--identity").arg(&who.file).args(["--encrypt-to", &bob.public])
        },
        |turn| {
            let open = [opens(turn, alice), opens(turn, &bob)];
            assert!(open == [false, true] || (open == [true, false] && !turn.is_done), "{open:?}");
        },
    );
}
