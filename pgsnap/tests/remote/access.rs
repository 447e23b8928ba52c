//! Who asks, where, and what is said when that fails. No secret is ever shown.

use crate::scene::Scene;
use std::path::Path;
use testkit::{PLANTED, Tool};

#[test]
fn a_profile_says_who_asks_and_where() {
    let Some(scene) = Scene::new("profile") else { return };
    scene.create();
    let list = Tool::pgsnap("list").store(Path::new(&scene.url("store"))).env("AWS_PROFILE", "backup");
    list.home().write(
        ".aws/credentials",
        format!("[backup]\naws_access_key_id = k\naws_secret_access_key = {PLANTED}\n"),
    );
    let endpoint = format!("http://127.0.0.1:{}", scene.server.port());
    list.home()
        .write(".aws/config", format!("[profile backup]\nregion = eu-west-1\nendpoint_url = {endpoint}\n"));
    list.run().success().hides(PLANTED).record("snapshot");
}

#[test]
fn what_is_set_wrongly_is_said_before_anything_is_asked() {
    let url = Path::new("s3://bucket/store");
    let list = || Tool::pgsnap("list").store(url);
    list().env("AWS_PROFILE", "nobody").run().exit(2).says("no AWS profile \"nobody\"");
    list().env("AWS_ACCESS_KEY_ID", "k").run().exit(2).says("only one of");
    list().env("AWS_EC2_METADATA_DISABLED", "true").run().exit(2).says("no credentials").says("AWS_PROFILE");
    let endpoint = list().env("AWS_ENDPOINT_URL", "localhost:9000");
    endpoint.run().exit(2).says("no URL");
    let asks = list().env("AWS_PROFILE", "p");
    asks.home().write(".aws/config", "[profile p]\nsso_session = x\n");
    asks.run().exit(2).says("sso_session").says("export-credentials");
}

#[test]
fn a_bucket_that_is_not_there_is_named_and_not_made() {
    let Some(scene) = Scene::new("bucketless") else { return };
    for command in ["create", "list"] {
        let tool = scene.server.lead(Tool::pgsnap(command)).store(Path::new("s3://never-made/x"));
        let tool = if command == "create" { tool.database(&scene.database) } else { tool };
        tool.run().exit(3).says("NoSuchBucket").says("make the bucket first").hides(PLANTED);
    }
}

#[test]
fn nobody_at_the_endpoint_is_told_with_the_address() {
    let list = Tool::pgsnap("list").store(Path::new("s3://bucket/store")).env("AWS_MAX_ATTEMPTS", "2");
    let list = list.env("AWS_ACCESS_KEY_ID", "k").env("AWS_SECRET_ACCESS_KEY", PLANTED);
    // The discard port, where nobody listens.
    let outcome = list.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").run().exit(3).hides(PLANTED);
    let outcome = outcome.says("cannot read s3://bucket/store/store.json").says("Connection refused");
    assert_eq!(outcome.record("error")["code"], "store_unreachable");
}

#[test]
fn a_server_without_a_way_to_the_keys_is_told_soon() {
    let list = Tool::pgsnap("list").store(Path::new("s3://bucket/store"));
    // No instance answers here.
    let list = list.env("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9");
    list.run().exit(3).says("no credentials").says("AWS_PROFILE");
}
