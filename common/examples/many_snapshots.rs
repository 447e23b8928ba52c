//! Makes a store of many snapshots and many small blocks, for `scripts/bench forget`: `many_snapshots DIR SNAPSHOTS BLOCKS`.
//!
//! Each snapshot, a day apart, shares two thirds of its blocks with the one before. Manifests are written by the format's own code.
#![expect(clippy::unwrap_used, reason = "an example that fails says where")]

use common::format::block_file::BlockFile;
use common::format::frame::Codec;
use common::format::id::{BlockId, SnapshotId};
use common::format::manifest::{BlockRef, Manifest};
use common::seal::Recipients;
use common::store::{Location, Store};
use serde_json::json;
use std::collections::VecDeque;
use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, directory, snapshots, blocks] = arguments.as_slice() else { panic!("DIR SNAPSHOTS BLOCKS") };
    let (snapshots, blocks): (u64, u64) = (snapshots.parse().unwrap(), blocks.parse().unwrap());
    let place = Path::new(directory);
    Store::open_or_create(&Location::Directory(place.to_owned()), &Recipients::default()).unwrap();
    std::fs::create_dir_all(place.join("snapshots")).unwrap();
    for pair in 0..256 {
        std::fs::create_dir_all(place.join(format!("blocks/{pair:02x}"))).unwrap();
    }
    let each = blocks / snapshots;
    let mut shared = VecDeque::new();
    let first: jiff::Timestamp = "2023-01-01T02:00:00Z".parse().unwrap();
    for number in 0..snapshots {
        for block in 0..each {
            let id = BlockId::of(format!("{number} {block}").as_bytes());
            let file = BlockFile { id, sum: None, codec: Codec::None };
            let block = BlockRef { file: file.to_string(), bytes: 1, stored: 1, digest: None };
            std::fs::write(place.join(format!("blocks/{}/{}", &block.file[..2], block.file)), "x").unwrap();
            shared.push_back(block);
        }
        while shared.len() as u64 > 3 * each {
            shared.pop_front();
        }
        let created = first + jiff::SignedDuration::from_hours(24 * i64::try_from(number).unwrap());
        let manifest = manifest(created, u32::try_from(number).unwrap(), shared.iter().cloned().collect());
        let name = place.join(format!("snapshots/{}.json", manifest.id));
        std::fs::write(name, manifest.encode().unwrap()).unwrap();
    }
}

fn manifest(created: jiff::Timestamp, number: u32, blocks: Vec<BlockRef>) -> Manifest {
    let nothing = json!({"rows": 0, "bytes": 0, "sum": "00000000000000000000000000000000"});
    let table = json!({
        "schema": "public", "name": "many", "owner": "o", "relfilenode": 1, "pages": 1, "definition": "", "columns": [],
        "generated": [], "copy": "", "fingerprint": nothing,
        "segments": [{"first_page": 0, "fingerprint": nothing, "blocks": serde_json::to_value(blocks).unwrap()}]
    });
    let source = common::format::manifest::Source {
        database: "many".to_owned(),
        system_identifier: "1".to_owned(),
        ..Default::default()
    };
    serde_json::from_value(json!({
        "format": {"major": 1, "minor": 1}, "id": SnapshotId::new(created, number), "created": created.to_string(),
        "seconds": 1.0, "tool": "many_snapshots", "run": "0", "tags": [], "source": source, "settings": {},
        "selection": common::format::manifest::Selection::default(), "compression": "none", "rows": 0, "bytes": 0, "stored_new": 0,
        "schema": common::format::manifest::Schema::default(), "roles": [], "tablespaces": [], "extensions": [], "sequences": [],
        "materialized_views": [], "large_objects": null, "tables": [table]
    }))
    .unwrap()
}
