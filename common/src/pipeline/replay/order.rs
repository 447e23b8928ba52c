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
    observer: &'a dyn Observer,
}

struct State<'a> {
    /// Segments still to be loaded, by the number of the table's entry.
    loading: HashMap<usize, Loading>,
    /// Tables' entries whose rows are not all in.
    unloaded: HashSet<i32>,
    /// Entries that are not made.
    unmade: HashSet<i32>,
    /// Entries that nobody works on.
    waiting: Vec<&'a Entry>,
    /// How each table is locked by entries that are being made: -1 by one alone, n by n that get along.
    locks: HashMap<i32, i32>,
    /// Each table with all its heirs and partitions: what is done to it may be done to them.
    families: HashMap<i32, HashSet<i32>>,
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
        let mut state = State {
            loading: HashMap::new(),
            unloaded: HashSet::new(),
            unmade: after.iter().map(|entry| entry.id).collect(),
            waiting: after.to_vec(),
            locks: HashMap::new(),
            families: families(contents, &relations),
        };
        let mut sorted: Vec<(usize, &'a Table)> = tables.iter().copied().enumerate().collect();
        sorted.sort_by_key(|(_, table)| std::cmp::Reverse(table.fingerprint.bytes));
        let mut first = Vec::new();
        for (number, table) in sorted {
            let segments: Vec<_> =
                table.segments.iter().filter(|segment| !segment.blocks.is_empty()).collect();
            let entry = relations.get(&(table.schema.as_str(), table.name.as_str())).copied();
            let alone = segments.len() == 1;
            state.loading.insert(number, Loading { entry, left: segments.len(), begun: None });
            if !segments.is_empty() {
                state.unloaded.extend(entry);
                first.extend(segments.into_iter().map(|segment| Job::Rows { number, table, segment, alone }));
            }
        }
        first.extend(state.ready());
        Self { state: Mutex::new(state), first, observer }
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
            state.unloaded.remove(&entry);
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

    /// An entry is made; what can be begun now.
    pub(super) fn made(&self, entry: &Entry) -> Vec<Job<'a>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.unmade.remove(&entry.id);
        for table in state.tables_of(entry) {
            if let Some(lock) = state.locks.get_mut(&table) {
                *lock = if *lock < 0 { 0 } else { *lock - 1 };
            }
        }
        state.ready()
    }

    /// Fails unless everything is done: then entries wait for each other.
    pub(super) fn finished(&self) -> Result<()> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.waiting.first() {
            None => Ok(()),
            Some(entry) => {
                Err(Error::failed("internal", format!("{} waits for what is never made", entry.describe())))
            }
        }
    }
}

impl<'a> State<'a> {
    /// Takes out what can be begun now, and its locks.
    fn ready(&mut self) -> Vec<Job<'a>> {
        let mut ready = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        for entry in waiting {
            let blocked = entry.needs.iter().any(|need| self.unmade.contains(need))
                || self.tables_of(entry).iter().any(|table| self.unloaded.contains(table));
            if blocked || !self.lock(entry) {
                self.waiting.push(entry);
            } else {
                ready.push(Job::Entry(entry));
            }
        }
        ready
    }

    fn tables_of(&self, entry: &Entry) -> HashSet<i32> {
        entry.needs.iter().filter_map(|need| self.families.get(need)).flatten().copied().collect()
    }

    /// Indexes of one table are built side by side; whatever alters a table has it for itself.
    fn lock(&mut self, entry: &Entry) -> bool {
        let tables = self.tables_of(entry);
        let shares = matches!(entry.kind.as_str(), "INDEX" | "COMMENT" | "STATISTICS");
        let is_free = |lock: i32| if shares { lock >= 0 } else { lock == 0 };
        if !tables.iter().all(|table| is_free(self.locks.get(table).copied().unwrap_or(0))) {
            return false;
        }
        for table in tables {
            let lock = self.locks.entry(table).or_insert(0);
            *lock = if shares { *lock + 1 } else { -1 };
        }
        true
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
