//! A run that adds a snapshot and one that forgets and sweeps, in every order of their requests that makes a difference.
//!
//! Both are what the tools run, over a directory. After each request every manifest must have its blocks. Then the same
//! with a clock that jumps once, at any moment, so far that each may take the other for dead.

mod gate;
mod search;
mod stepped;

use super::*;
use crate::format::frame::{Compression, Sealer};
use crate::format::manifest::{Schema, Segment, Selection, Source, Table};
use crate::format::version::CURRENT;
use gate::{Gate, Step};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use search::Search;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use stepped::{Stepped, Time};

const WRITER: usize = 0;
const SWEEPER: usize = 1;
/// Stands for the passing of time among those who can be chosen.
const TIME: usize = 2;

/// What one run of a scenario may do.
#[derive(Clone, Copy, Default)]
struct Scenario {
    /// How long the sweeper waits for the writer.
    wait: Duration,
    /// Whether the clock jumps.
    jumps: bool,
    blind_writer: Option<&'static str>,
    blind_sweeper: Option<&'static str>,
}

/// What came of it.
#[derive(Default, Debug)]
struct Tally {
    orders: usize,
    written: usize,
    given_up: usize,
    swept: usize,
    busy: usize,
    stopped: usize,
}

struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let place = std::env::temp_dir().join(format!("interleaved-{}", crate::random_hex::<8>().unwrap()));
        std::fs::create_dir(&place).unwrap();
        Self(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn manifest(id: &str, blocks: Vec<BlockRef>) -> Manifest {
    Manifest {
        format: CURRENT,
        id: id.parse().unwrap(),
        created: "2026-01-31T02:00:00.000Z".to_owned(),
        seconds: 0.0,
        tool: String::new(),
        run: String::new(),
        tags: Vec::new(),
        source: Source { system_identifier: "1".to_owned(), ..Source::default() },
        settings: std::collections::BTreeMap::default(),
        selection: Selection::default(),
        compression: String::new(),
        rows: 0,
        bytes: 0,
        stored_new: 0,
        schema: Schema::default(),
        roles: Vec::new(),
        tablespaces: Vec::new(),
        extensions: Vec::new(),
        sequences: Vec::new(),
        materialized_views: Vec::new(),
        large_objects: None,
        tables: vec![Table {
            segments: vec![Segment { blocks, ..Segment::default() }],
            ..serde_json::from_value(serde_json::json!({
                "schema": "s", "name": "t", "owner": "o", "relfilenode": 1, "pages": 1, "definition": "", "columns": [],
                "generated": [], "copy": "", "fingerprint": Segment::default().fingerprint, "segments": []
            }))
            .unwrap()
        }],
    }
}

fn store(inner: Arc<dyn ObjectStore>, clock: Arc<dyn Clock>) -> Store {
    let objects = Objects::over(inner, "the store".to_owned()).unwrap();
    Store {
        objects,
        clock,
        location: Location::Directory("the store".into()),
        id: "x".to_owned(),
        format: CURRENT,
        seal: None,
    }
}

fn watch(wait: Duration) -> Watch<'static> {
    Watch { tool: "test", wait, stop: &|| false, tell: &|_| () }
}

const OLD: &str = "20260101T000000000Z-000001";
const OTHER: &str = "20260102T000000000Z-000002";
const NEW: &str = "20260103T000000000Z-000003";

/// A store with a snapshot that will be forgotten, one that stays, and a block that nobody needs.
fn fill(store: &Store) {
    let mut sealer = Sealer::new(Compression::default()).unwrap();
    let watch = watch(Watch::LONG);
    for (id, contents) in [(OLD, ["both", "old"]), (OTHER, ["other", "other"]), ("", ["orphan", "orphan"])] {
        let draft = store.begin(&watch).unwrap();
        let blocks = contents.map(|bytes| draft.put(bytes.as_bytes(), &mut sealer).unwrap());
        if !id.is_empty() {
            draft.commit(&manifest(id, blocks.to_vec())).unwrap();
        }
    }
}

fn write(store: &Store) -> Result<()> {
    let watch = watch(Watch::LONG);
    let draft = store.begin(&watch)?;
    let mut sealer = Sealer::new(Compression::default())?;
    let blocks = ["both", "orphan", "new"].map(|bytes| draft.put(bytes.as_bytes(), &mut sealer));
    draft.commit(&manifest(NEW, blocks.into_iter().collect::<Result<_>>()?))
}

fn forget_and_sweep(store: &Store, wait: Duration) -> Result<Swept> {
    let ids = BTreeSet::from([OLD.parse()?]);
    let forgotten = store.forget(&ids, &|| false)?;
    assert!(forgotten.stays.is_empty());
    store.sweep(Sweeping::default(), &watch(wait))
}

/// The first manifest that lacks a block.
fn broken(store: &Store) -> Option<String> {
    let there = store.block_files().unwrap();
    store.snapshots().unwrap().into_iter().find_map(|id| {
        let manifest = store.manifest(&id).unwrap();
        let lost = manifest.blocks().find(|(_, block)| !there.contains_key(&block.file));
        lost.map(|(_, block)| format!("{id} lacks {}", block.file))
    })
}

fn files(place: &Place) -> Vec<String> {
    let listed = |name: &str| {
        let entries = std::fs::read_dir(place.0.join(name)).into_iter().flatten();
        entries.map(|entry| format!("{name}/{}", entry.unwrap().file_name().display())).collect::<Vec<_>>()
    };
    ["running", "sweeping"].map(listed).concat()
}

/// Runs one order; whether it is one that was not tried before, or what is wrong.
fn run(scenario: Scenario, search: &mut Search, tally: &mut Tally) -> std::result::Result<bool, String> {
    let place = Place::new();
    let inner: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(&place.0).unwrap());
    let seen = store(Arc::clone(&inner), Arc::new(clock::Machine));
    fill(&seen);
    let (gate, time) = (Arc::new(Gate::new(2)), Time::new());
    let actor = |actor: usize, blind_to| {
        let (inner, gate) = (Arc::clone(&inner), Arc::clone(&gate));
        let stepped = Stepped { inner, gate, actor, time: time.clone(), blind_to };
        store(Arc::new(stepped.clone()), Arc::new(stepped))
    };
    let (writer, sweeper) = (actor(WRITER, scenario.blind_writer), actor(SWEEPER, scenario.blind_sweeper));
    std::thread::scope(|scope| {
        let written = scope.spawn(|| {
            let written = write(&writer);
            gate.end(WRITER);
            written
        });
        let swept = scope.spawn(|| {
            let swept = forget_and_sweep(&sweeper, scenario.wait);
            gate.end(SWEEPER);
            swept
        });
        let mut may_jump = scenario.jumps;
        let mut is_new = true;
        let mut wrong = None;
        loop {
            let mut ready = gate.ready();
            if ready.is_empty() {
                break;
            }
            // A request that is under way for longer than anybody waits is not to be had: see docs/format.md.
            let removes = |(actor, step): &(usize, Step)| {
                *actor == SWEEPER && matches!(step, Step::Write(name) if name.starts_with("blocks/"))
            };
            if may_jump && !ready.iter().any(removes) {
                ready.push((TIME, Step::Time));
            }
            let chosen = search.choose(ready.clone());
            let changes = |(actor, step): &(usize, Step)| {
                Some(*actor) == chosen && matches!(step, Step::Write(name) if !name.contains("ing/"))
            };
            let matters = ready.iter().any(changes);
            match chosen {
                Some(TIME) => {
                    may_jump = false;
                    time.pass(7200);
                }
                Some(actor) => gate.go(actor),
                None => {
                    is_new = false;
                    break;
                }
            }
            drop(gate.ready());
            if wrong.is_none() && !scenario.jumps && matters {
                wrong = broken(&seen);
            }
        }
        gate.open();
        let (written, swept) = (written.join().unwrap(), swept.join().unwrap());
        if !is_new {
            return Ok(false);
        }
        wrong = wrong.or_else(|| broken(&seen));
        let left = files(&place);
        if !left.is_empty() {
            wrong.get_or_insert(format!("left behind: {left:?}"));
        }
        let there = seen.snapshots().unwrap();
        if there.iter().any(|id| id.as_str() == NEW) != written.is_ok() {
            wrong.get_or_insert(format!("the snapshot is not as told: {written:?}"));
        }
        tally.orders += 1;
        match written {
            Ok(()) => tally.written += 1,
            // Taken for dead; or it waited for the sweeper when two hours passed, which is longer than anybody waits.
            Err(error) if scenario.jumps && matches!(error.code(), "swept" | "sweeping") => {
                tally.given_up += 1;
            }
            Err(error) => drop(wrong.get_or_insert(error.to_string())),
        }
        match swept {
            Ok(Swept { busy: Some(_), .. }) => tally.busy += 1,
            Ok(_) => tally.swept += 1,
            Err(error) if scenario.jumps && matches!(error.code(), "sweeping" | "swept") => {
                tally.stopped += 1;
            }
            Err(error) => drop(wrong.get_or_insert(error.to_string())),
        }
        wrong.map_or(Ok(true), Err)
    })
}

/// Tries all orders; what came of them, or the first that goes wrong.
fn try_all(scenario: Scenario) -> std::result::Result<Tally, String> {
    let (mut search, mut tally) = (Search::default(), Tally::default());
    loop {
        run(scenario, &mut search, &mut tally)
            .map_err(|wrong| format!("{wrong}\nafter {tally:?} in\n{}", search.told()))?;
        if !search.turn() {
            return Ok(tally);
        }
    }
}

#[test]
fn a_snapshot_is_whole_whatever_the_order_of_create_and_sweep() {
    for wait in [0, 5] {
        let tally = try_all(Scenario { wait: Duration::from_secs(wait), ..Scenario::default() }).unwrap();
        assert_eq!(tally.written, tally.orders, "{tally:?}");
        assert!(tally.swept > 0 && tally.busy > 0, "{tally:?}");
    }
}

#[test]
fn a_run_that_was_taken_for_dead_leaves_no_snapshot_that_is_not_whole() {
    // There are many orders, which take minutes: `scripts/test --all`.
    if std::env::var("PGRUNBOOK_TEST_ALL").as_deref() != Ok("1") {
        return;
    }
    let tally = try_all(Scenario { jumps: true, ..Scenario::default() }).unwrap();
    assert!(tally.written > 0 && tally.given_up > 0 && tally.swept > 0 && tally.stopped > 0, "{tally:?}");
}

#[test]
fn the_search_finds_what_happens_to_those_who_do_not_look() {
    let blind_sweeper = Scenario { blind_sweeper: Some("running"), ..Scenario::default() };
    let wrong = try_all(blind_sweeper).unwrap_err();
    assert!(wrong.contains("lacks"), "{wrong}");
    let blind_writer = Scenario { blind_writer: Some("sweeping"), ..Scenario::default() };
    let wrong = try_all(blind_writer).unwrap_err();
    assert!(wrong.contains("lacks"), "{wrong}");
}
