//! Requests that fail, one after the other; servers that stall, forget and lose; machines that write at once.

use crate::scene::Scene;
use rustix::process::Signal;
use std::path::Path;
use testkit::{Fate, Outcome, PLANTED, Proxy, Tool};

/// How often one request may fail before it is given up: not at all, so that a fault is felt.
const ONCE: (&str, &str) = ("AWS_MAX_ATTEMPTS", "1");

fn led(proxy: &Proxy, tool: Tool) -> Tool {
    proxy.lead(tool)
}

/// Runs the same work with request number `0`, `1`, … failing, until none is left to fail. After each, the store has only
/// whole snapshots; then the work is done once more without a fault.
fn each_in_turn(scene: &Scene, store: &str, fates: &[Fate], work: impl Fn(&Proxy, &str) -> Outcome) {
    for fate in fates.iter().copied() {
        let mut failing = 0;
        loop {
            let prefix = format!("{store}-{fate:?}-{failing}").to_lowercase().replace(['(', ')'], "-");
            let url = scene.url(&prefix);
            let proxy = Proxy::before(
                &scene.server,
                move |number, _| if number == failing { fate } else { Fate::Pass },
            );
            let mut outcome = work(&proxy, &url);
            let code = outcome.code();
            assert!([0, 3, 5].contains(&code), "{fate:?} of request {failing}: {outcome}");
            let requests = proxy.seen().len();
            let there = scene.below(&format!("{prefix}/snapshots/")).len();
            if code == 0 {
                assert_eq!(there, 1, "{fate:?} of request {failing}: {outcome}");
            }
            if there > 0 && code != 0 {
                scene.is_sound(&url, there as u64);
            }
            let calm = Proxy::before(&scene.server, |_, _| Fate::Pass);
            work(&calm, &url).success();
            scene.is_sound(&url, scene.below(&format!("{prefix}/snapshots/")).len() as u64);
            if failing >= requests {
                assert!(failing > 8, "only {requests} requests were seen");
                break;
            }
            failing += 1;
        }
    }
}

fn fates(one: Fate) -> Vec<Fate> {
    let all = [Fate::Answer(500), Fate::Answer(403), Fate::Unheard, Fate::Drop, Fate::Half, Fate::Swallow];
    if testkit::is_long() { all.to_vec() } else { vec![one] }
}

#[test]
fn every_request_of_a_create_may_fail_and_no_snapshot_is_less_than_whole() {
    let Some(scene) = Scene::new("turns") else { return };
    each_in_turn(&scene, "create", &fates(Fate::Unheard), |proxy, url| {
        let create = led(proxy, Tool::pgsnap("create")).database(&scene.database).store(Path::new(url));
        create.env(ONCE.0, ONCE.1).args(["-j", "1"]).run().hides(PLANTED)
    });
}

#[test]
fn every_request_of_a_copy_may_fail_and_no_snapshot_is_less_than_whole() {
    let Some(scene) = Scene::new("copied") else { return };
    let here = scene.place.join("here");
    Tool::pgsnap("create").database(&scene.database).store(&here).run().success();
    each_in_turn(&scene, "copy", &fates(Fate::Answer(500)), |proxy, url| {
        let copy = led(proxy, Tool::pgsnap("copy")).arg("latest").store(&here).args(["--to", url]);
        copy.env(ONCE.0, ONCE.1).args(["-j", "1"]).run().hides(PLANTED)
    });
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
    let forget = |proxy: &Proxy, url: &str| {
        let forget = led(proxy, Tool::pgsnap("forget")).store(Path::new(url)).env(ONCE.0, ONCE.1);
        forget.args(["--keep-last", "1", "--wait", "5s"]).run().hides(PLANTED)
    };
    for fate in fates(Fate::Answer(500)) {
        // Each needs a store of its own: every request is for the long run.
        for failing in (0..).step_by(if testkit::is_long() { 1 } else { 4 }) {
            let prefix = format!("forget-{fate:?}-{failing}").to_lowercase().replace(['(', ')'], "-");
            let url = scene.url(&prefix);
            let copy = scene.server.lead(Tool::pgsnap("copy")).args(&snapshots).store(&here);
            copy.args(["--to", &url]).run().success();
            let proxy = Proxy::before(
                &scene.server,
                move |number, _| if number == failing { fate } else { Fate::Pass },
            );
            let mut outcome = forget(&proxy, &url);
            assert!([0, 3, 5].contains(&outcome.code()), "{fate:?} of request {failing}: {outcome}");
            let requests = proxy.seen().len();
            let stayed = scene.below(&format!("{prefix}/snapshots/")).len();
            assert!((1..=3).contains(&stayed) && (outcome.code() != 0 || stayed == 1), "{outcome}");
            scene.is_sound(&url, stayed as u64);
            forget(&Proxy::before(&scene.server, |_, _| Fate::Pass), &url).success();
            scene.is_sound(&url, 1);
            let left = scene.server.lead(Tool::pgsnap("sweep")).arg("--dry-run").store(Path::new(&url));
            assert_eq!(left.run().success().result()["blocks_removed"], 0);
            assert!(scene.below(&format!("{prefix}/sweeping/")).is_empty());
            if failing >= requests {
                assert!(failing > 8, "only {requests} requests were seen");
                break;
            }
        }
    }
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
