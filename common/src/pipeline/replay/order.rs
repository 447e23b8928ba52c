//! In which order rows are loaded and what comes behind them is made: as soon as what it needs is there,
//! and never two at once that would lock each other out.

use super::job::Job;
use crate::error::{Error, Result};
use crate::format::manifest::Table;
use crate::pg::archive::{Contents, Entry};
use crate::pipeline::observer::{Fact, Observer};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What is still to be done.
pub(super) struct Order<'a> {
    state: Mutex<State<'a>>,
    first: Vec<Job<'a>>,
    begun: Instant,
    observer: &'a dyn Observer,
}

#[derive(Default)]
struct State<'a> {
    /// Segments still to be loaded, by the number of the table.
    loading: HashMap<usize, Loading>,
    items: Vec<Item<'a>>,
    /// Which items wait for what.
    waiting: HashMap<Event, Vec<usize>>,
    /// Items that wait for nothing but, perhaps, a lock.
    free: Vec<usize>,
    /// How many items are not done.
    left: usize,
    /// How each table is locked by entries that are being made: -1 by one alone, n by n that get along.
    locks: HashMap<i32, i32>,
}

/// An entry to be made.
struct Item<'a> {
    entry: &'a Entry,
    /// The tables that it touches.
    tables: HashSet<i32>,
    /// How many events it waits for.
    blockers: usize,
}

/// Something that others wait for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Event {
    /// This entry is made.
    Made(i32),
    /// All rows of this table are in.
    Loaded(i32),
}

struct Loading {
    entry: Option<i32>,
    left: usize,
    begun: Option<Instant>,
}

impl<'a> Order<'a> {
    pub(super) fn new(
        tables: &[&'a Table],
        after: &[&'a Entry],
        contents: &Contents,
        observer: &'a dyn Observer,
    ) -> Self {
        let relations: HashMap<(&str, &str), i32> = contents
            .entries
            .iter()
            .filter(|entry| matches!(entry.kind.as_str(), "TABLE" | "MATERIALIZED VIEW"))
            .map(|entry| ((entry.namespace.as_deref().unwrap_or_default(), entry.tag.as_str()), entry.id))
            .collect();
        let mut state = State::default();
        let mut families = families(contents, &relations);
        let mut unloaded = HashSet::new();
        let mut sorted: Vec<(usize, &'a Table)> = tables.iter().copied().enumerate().collect();
        sorted.sort_by_key(|(_, table)| std::cmp::Reverse(table.fingerprint.bytes));
        let mut first = Vec::new();
        for (number, table) in sorted {
            let segments: Vec<_> =
                table.segments.iter().filter(|segment| !segment.blocks.is_empty()).collect();
            let entry = relations.get(&(table.schema.as_str(), table.name.as_str())).copied();
            let root = table.load_through.as_ref().map(|root| (root.schema.as_str(), root.name.as_str()));
            let root = root.and_then(|root| families.get(relations.get(&root)?));
            if let Some((entry, root)) = entry.zip(root.cloned()) {
                // Rows of any other partition may arrive in this one.
                families.entry(entry).or_default().extend(root);
            }
            let alone = segments.len() == 1;
            state.loading.insert(number, Loading { entry, left: segments.len(), begun: None });
            if !segments.is_empty() {
                unloaded.extend(entry);
                first.extend(segments.into_iter().map(|segment| Job::Rows { number, table, segment, alone }));
            }
        }
        state.expect(after, &families, &unloaded);
        first.extend(state.ready());
        Self { state: Mutex::new(state), first, begun: Instant::now(), observer }
    }

    /// What can be begun at once: all rows, largest table first, and what needs none.
    pub(super) fn first(&self) -> Vec<Job<'a>> {
        self.first.clone()
    }

    /// A segment is in; what can be begun now.
    pub(super) fn loaded(&self, number: usize, table: &Table, begun: Instant) -> Vec<Job<'a>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(loading) = state.loading.get_mut(&number) else { return Vec::new() };
        loading.left = loading.left.saturating_sub(1);
        let begun = *loading.begun.get_or_insert(begun);
        if loading.left > 0 {
            return Vec::new();
        }
        if let Some(entry) = loading.entry {
            state.happened(Event::Loaded(entry));
        }
        self.observer.note(Fact::Table {
            table: table.qualified(),
            rows: table.fingerprint.rows,
            bytes: table.fingerprint.bytes,
            blocks: table.blocks().count() as u64,
            seconds: begun.elapsed().as_secs_f64(),
        });
        state.ready()
    }

    /// The entry of item `item` is made; what can be begun now.
    pub(super) fn made(&self, item: usize) -> Vec<Job<'a>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let Some(Item { entry, tables, .. }) = state.items.get(item) else { return Vec::new() };
        for table in tables {
            if let Some(lock) = state.locks.get_mut(table) {
                *lock = if *lock < 0 { 0 } else { *lock - 1 };
            }
        }
        let event = Event::Made(entry.id);
        state.left -= 1;
        state.happened(event);
        state.ready()
    }

    /// How long rows and what comes behind them have been going in, side by side.
    pub(super) fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// Fails unless everything is done: then entries wait for each other.
    pub(super) fn finished(&self) -> Result<()> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let stuck = state.items.iter().find(|item| item.blockers > 0);
        match (state.left, stuck) {
            (0, _) => Ok(()),
            (_, Some(item)) => {
                let what = format!("{} waits for what is never made", item.entry.describe());
                Err(Error::failed("internal", what))
            }
            (left, None) => Err(Error::failed("internal", format!("{left} entries were not made"))),
        }
    }
}

impl<'a> State<'a> {
    fn expect(
        &mut self,
        after: &[&'a Entry],
        families: &HashMap<i32, HashSet<i32>>,
        unloaded: &HashSet<i32>,
    ) {
        let unmade: HashSet<i32> = after.iter().map(|entry| entry.id).collect();
        for (index, entry) in after.iter().enumerate() {
            let tables: HashSet<i32> =
                entry.needs.iter().filter_map(|need| families.get(need)).flatten().copied().collect();
            let loads = tables.intersection(unloaded).map(|&table| Event::Loaded(table));
            let makes =
                entry.needs.iter().filter(|need| unmade.contains(need)).map(|&need| Event::Made(need));
            let events: HashSet<Event> = loads.chain(makes).collect();
            let blockers = events.len();
            for event in events {
                self.waiting.entry(event).or_default().push(index);
            }
            if blockers == 0 {
                self.free.push(index);
            }
            self.items.push(Item { entry, tables, blockers });
        }
        self.left = self.items.len();
    }

    fn happened(&mut self, event: Event) {
        for index in self.waiting.remove(&event).unwrap_or_default() {
            let Some(item) = self.items.get_mut(index) else { continue };
            item.blockers -= 1;
            if item.blockers == 0 {
                self.free.push(index);
            }
        }
    }

    /// Takes out what can be begun now, and its locks.
    fn ready(&mut self) -> Vec<Job<'a>> {
        let mut ready = Vec::new();
        for index in std::mem::take(&mut self.free) {
            match self.lock(index) {
                Some(entry) => ready.push(Job::Entry { item: index, entry }),
                None => self.free.push(index),
            }
        }
        ready
    }

    /// Indexes of one table are built side by side; whatever alters a table has it for itself.
    fn lock(&mut self, index: usize) -> Option<&'a Entry> {
        let item = self.items.get(index)?;
        let shares = matches!(item.entry.kind.as_str(), "INDEX" | "COMMENT" | "STATISTICS");
        let is_free = |lock: i32| if shares { lock >= 0 } else { lock == 0 };
        if !item.tables.iter().all(|table| is_free(self.locks.get(table).copied().unwrap_or(0))) {
            return None;
        }
        for &table in &item.tables {
            let lock = self.locks.entry(table).or_insert(0);
            *lock = if shares { *lock + 1 } else { -1 };
        }
        Some(item.entry)
    }
}

/// Each table with its heirs and partitions, and theirs.
fn families(contents: &Contents, relations: &HashMap<(&str, &str), i32>) -> HashMap<i32, HashSet<i32>> {
    let ids: HashSet<i32> = relations.values().copied().collect();
    let mut parents: HashMap<i32, HashSet<i32>> = HashMap::new();
    for entry in
        contents.entries.iter().filter(|entry| matches!(entry.kind.as_str(), "TABLE" | "TABLE ATTACH"))
    {
        let name = (entry.namespace.as_deref().unwrap_or_default(), entry.tag.as_str());
        let Some(&child) = relations.get(&name) else { continue };
        let above = entry.needs.iter().copied().filter(|need| *need != child && ids.contains(need));
        parents.entry(child).or_default().extend(above);
    }
    let mut families: HashMap<i32, HashSet<i32>> = ids.iter().map(|&id| (id, HashSet::from([id]))).collect();
    for &member in &ids {
        let mut pending = vec![member];
        let mut seen = HashSet::new();
        while let Some(id) = pending.pop() {
            for &parent in parents.get(&id).into_iter().flatten().filter(|parent| seen.insert(**parent)) {
                families.entry(parent).or_default().insert(member);
                pending.push(parent);
            }
        }
    }
    families
}
