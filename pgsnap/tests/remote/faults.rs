//! Requests that fail, one after the other; servers that stall, forget and lose; machines that write at once.

use crate::scene::Scene;
use crate::turns::{ONCE, Turn, Turns};
use rustix::process::Signal;
use std::path::Path;
use testkit::{Fate, Proxy, Tool};

fn led(proxy: &Proxy, tool: Tool) -> Tool {
    proxy.lead(tool)
}

#[test]
fn every_request_of_a_create_may_fail_and_no_snapshot_is_less_than_whole() {
    let Some(scene) = Scene::new("turns") else { return };
    let create = |turn: &Turn<'_>| turn.tool("create").database(&scene.database).args(["-j", "1"]);
    Turns::each(&scene, "create", Fate::Unheard).take(|_| {}, create, Turn::is_sound);
}

#[test]
fn every_request_of_a_copy_may_fail_and_no_snapshot_is_less_than_whole() {
    let Some(scene) = Scene::new("copied") else { return };
    let here = scene.place.join("here");
    Tool::pgsnap("create").database(&scene.database).store(&here).run().success();
    let copy = |turn: &Turn<'_>| {
        Tool::pgsnap("copy").arg("latest").store(&here).args(["--to", &turn.url(), "-j", "1"])
    };
    Turns::each(&scene, "copy", Fate::Answer(500)).take(|_| {}, copy, Turn::is_sound);
}

#[test]
fn every_request_of_a_forget_may_fail_and_what_stays_is_whole() {
    let Some(scene) = Scene::new("forgotten") else { return };
    let here = scene.place.join("here");
    let snapshots = [7, 8, 9].map(|row| {
        scene.database.run(&format!("INSERT INTO few VALUES ({row})"));
        let made = Tool::pgsnap("create").database(&scene.database).store(&here).run().success();
        made.result()["snapshot"].as_str().unwrap().to_owned()
    });
    // Each needs a store of its own: every request is for the long run.
    let turns = Turns::each(&scene, "forget", Fate::Answer(500)).step(4).without_kills();
    turns.take(
        |turn| {
            let copy = Tool::pgsnap("copy").args(&snapshots).store(&here).args(["--to", &turn.url()]);
            turn.calm(copy).success();
        },
        |turn| turn.tool("forget").args(["--keep-last", "1", "--wait", "5s"]),
        Turn::is_sound_and_forgotten,
    );
}

#[test]
fn what_passes_by_itself_is_tried_again_and_not_noticed() {
    let Some(scene) = Scene::new("shaky") else { return };
    for fate in
        [Fate::Answer(500), Fate::Answer(503), Fate::Answer(429), Fate::Drop, Fate::Unheard, Fate::Half]
    {
        let proxy =
            Proxy::before(&scene.server, move |number, _| if number % 3 == 1 { fate } else { Fate::Pass });
        let url = scene.url(&format!("{fate:?}").to_lowercase().replace(['(', ')'], "-"));
        led(&proxy, Tool::pgsnap("create")).database(&scene.database).store(Path::new(&url)).run().success();
        led(&proxy, Tool::pgsnap("check")).store(Path::new(&url)).arg("--read-data").run().success();
    }
}

#[test]
fn a_write_that_the_server_loses_is_noticed() {
    let Some(scene) = Scene::new("loses") else { return };
    for lost in ["/blocks/", "/snapshots/"] {
        let proxy = Proxy::before(&scene.server, move |_, line| {
            if line.starts_with("PUT ") && line.contains(lost) { Fate::Swallow } else { Fate::Pass }
        });
        let create = led(&proxy, Tool::pgsnap("create")).database(&scene.database);
        let outcome = create.store(Path::new(&scene.url("store"))).run().exit(5).says("does not have it");
        assert_eq!(outcome.record("error")["code"], "lost_write");
        assert_eq!(scene.snapshots(), 0);
    }
    scene.create();
    scene.is_sound(&scene.url("store"), 1);
}

#[test]
fn a_server_that_stalls_is_given_up() {
    let Some(scene) = Scene::new("stalls") else { return };
    let proxy = Proxy::before(&scene.server, |_, line| {
        if line.starts_with("PUT ") && line.contains("/blocks/") { Fate::Stall } else { Fate::Pass }
    });
    let create = led(&proxy, Tool::pgsnap("create")).database(&scene.database).env(ONCE.0, ONCE.1);
    let create = create.store(Path::new(&scene.url("store"))).env("PGSNAP_STORE_TIMEOUT", "1");
    let outcome = create.run().exit(5).says("cannot write").says("timed out");
    assert_eq!(outcome.record("error")["code"], "store_lost");
    assert_eq!(scene.snapshots(), 0);
}

#[test]
fn a_signal_ends_it_while_the_server_stalls_and_what_was_written_is_used() {
    let Some(scene) = Scene::new("signalled") else { return };
    let proxy = Proxy::before(&scene.server, |_, line| {
        if line.starts_with("PUT ") && line.contains("/snapshots/") { Fate::Stall } else { Fate::Pass }
    });
    let create = led(&proxy, Tool::pgsnap("create")).database(&scene.database);
    let mut started = create.store(Path::new(&scene.url("store"))).start();
    let reached = || proxy.seen().iter().any(|line| line.starts_with("PUT ") && line.contains("/snapshots/"));
    started.wait_until("the manifest is written", reached);
    started.signal(Signal::TERM);
    started.finish().exit(143);
    assert_eq!(scene.snapshots(), 0);
    scene.uses_what_is_there();
}

#[test]
fn a_run_that_was_killed_leaves_nothing_to_see_and_its_blocks_are_used() {
    let Some(scene) = Scene::new("killed") else { return };
    let proxy = Proxy::before(&scene.server, |_, line| {
        if line.starts_with("PUT ") && line.contains("/snapshots/") { Fate::Stall } else { Fate::Pass }
    });
    let create = led(&proxy, Tool::pgsnap("create")).database(&scene.database);
    let mut started = create.store(Path::new(&scene.url("store"))).start();
    let reached = || proxy.seen().iter().any(|line| line.starts_with("PUT ") && line.contains("/snapshots/"));
    started.wait_until("the manifest is written", reached);
    started.signal(Signal::KILL);
    started.finish().exit(137);
    scene.tool("list").run().success().says("no snapshot");
    scene.uses_what_is_there();
    scene.is_sound(&scene.url("store"), 1);
}

#[test]
fn two_machines_that_begin_a_store_at_once_share_it() {
    let Some(scene) = Scene::new("two") else { return };
    let slow = Proxy::before(&scene.server, |_, _| Fate::Delay(20));
    let url = scene.url("store");
    let begin =
        || led(&slow, Tool::pgsnap("create")).database(&scene.database).store(Path::new(&url)).start();
    let both = [begin(), begin()];
    for one in both {
        one.finish().success();
    }
    assert_eq!(scene.snapshots(), 2);
    scene.is_sound(&url, 2);
}
