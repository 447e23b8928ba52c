//! The real migrations on a copy of the real rows: what they ran, for how long, and what they took.

use super::{Shop, pythons};
use testkit::{TempDir, Tool};

#[test]
fn a_rehearsal_runs_the_project_on_the_copy_and_tells_every_statement() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.up_to("0001");
        shop.database.run("INSERT INTO shop_customer (name) VALUES ('a'); INSERT INTO shop_order (customer_id, cents) SELECT 1, n FROM generate_series(1, 100) n");
        let store = TempDir::new();
        let created = Tool::pgsnap("create").database(&shop.database).store(store.path()).run().success();
        let pgshift = Tool::named("pgshift");
        let cluster = shop.database.cluster();
        let rehearsed = Tool::named("pgverify")
            .args(["restore", "-"])
            .store(store.path())
            .input(created.stdout_bytes())
            .arg("--")
            .arg(pgshift.program())
            .args(["apply", "--trace", "--django"])
            .arg(shop.directory.join("manage.py"))
            .arg("--python")
            .arg(&shop.python.0)
            // Where the project would go by itself: the copy has to be in its place.
            .env("SHOP_HOST", cluster.host())
            .env("SHOP_PORT", cluster.port().to_string())
            .env("SHOP_DATABASE", shop.database.name())
            .run()
            .success();
        assert_eq!(shop.recorded(), ["0001_initial"], "the source was changed: {rehearsed}");
        let traces = rehearsed.records_of("trace");
        let of = |version: &str| {
            traces
                .iter()
                .filter(|record| record["version"] == version)
                .map(|record| record["sql"].as_str().unwrap())
                .collect::<Vec<_>>()
        };
        let fill = of("shop.0003_fill");
        assert!(fill[0].starts_with("SELECT "), "{rehearsed}");
        assert_eq!(
            fill.iter().filter(|sql| sql.starts_with("UPDATE \"shop_order\" SET")).count(),
            10,
            "{rehearsed}"
        );
        assert!(
            fill.iter().all(|sql| !sql.starts_with("UPDATE") || sql.contains("%s")),
            "values are told: {rehearsed}"
        );
        let operations = rehearsed.records_of("operation");
        let fill = operations.iter().find(|record| record["version"] == "shop.0003_fill").unwrap();
        let update = fill["repeated"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["sql"].as_str().unwrap().starts_with("UPDATE"));
        assert_eq!(update.unwrap()["times"], 100, "{rehearsed}");
        let locked = rehearsed.records_of("lock").into_iter().find(|record| {
            record["version"] == "shop.0003_fill" && record["object"] == "\"public\".\"shop_order\""
        });
        let (held, took) = (locked.unwrap()["seconds"].as_f64().unwrap(), fill["seconds"].as_f64().unwrap());
        assert!(held > took / 3.0, "what is only counted is no time in which rows are locked: {rehearsed}");
        assert!(fill["memory_bytes"].as_u64().unwrap() > 10_000_000, "{rehearsed}");
        let added = traces
            .iter()
            .find(|record| record["sql"].as_str().unwrap().contains("ADD COLUMN \"total\""))
            .unwrap();
        assert_eq!(
            added["locks"],
            serde_json::json!(["ACCESS EXCLUSIVE on \"public\".\"shop_order\""]),
            "{rehearsed}"
        );
        assert!(
            rehearsed
                .records_of("outage")
                .iter()
                .any(|record| record["table"] == "\"public\".\"shop_order\"")
        );
        assert!(rehearsed.record("window")["seconds"].as_f64().unwrap() > 0.0);

        let plan = shop.tool("plan").arg("-").input(rehearsed.stdout_bytes()).run().success();
        let planned = plan.records_of("statement");
        let ours: Vec<_> = planned.iter().filter(|record| record["version"] == "shop.0003_fill").collect();
        assert!(
            ours.len() > 10
                && ours.iter().all(|record| record["exact"] == true && record["measured"] == true),
            "{plan}"
        );
    }
}
