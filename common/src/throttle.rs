//! Limits the load that reading puts on a live server: `--max-rate`, `--max-active`, `--nice`.
//!
//! Whoever reads says how much it has read; the answer comes when it may read on. Bytes that a server only hashed count
//! as those that it sent: its work is nearly the same. One value a server, shared by all that read from it.

use crate::error::{Context as _, Result};
use crate::pg::session::Session;
use crate::pg::wire::stopped;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the server is asked how busy it is.
const LOOK: Duration = Duration::from_secs(1);
/// How often a pause is told of.
const TELL: Duration = Duration::from_mins(1);
/// How long a sleep lasts before the next look at whether to stop.
const NAP: Duration = Duration::from_millis(100);

/// Opens a session on the server.
pub type Open<'a> = dyn Fn() -> Result<Session> + Sync + 'a;

/// Sessions that work.
const ACTIVE: &str = "state IN ('active', 'fastpath function call')";
/// Sessions that are held up: by locks, by the disk, by each other inside the server. Whoever waits for a lock of ours waits
/// the longer the slower we are.
const WAITING: &str = "state = 'active' AND wait_event_type IN ('Lock', 'LWLock', 'BufferPin', 'IO') \
    AND NOT (wait_event_type = 'Lock' AND pg_catalog.pg_blocking_pids(pid) && ours.pids)";

/// What the user allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Bytes of rows a second.
    pub rate: Option<u64>,
    /// Active sessions of others.
    pub active: Option<u32>,
    /// Only one reads while sessions of others wait.
    pub nice: bool,
}

/// Holds up those who read from one server.
pub struct Throttle<'a> {
    limits: Limits,
    open: &'a Open<'a>,
    stop: fn() -> bool,
    told: &'a (dyn Fn(&str) + Sync),
    paid_until: Mutex<Option<Instant>>,
    watch: Mutex<Watch>,
    turn: Mutex<Turn>,
    pauses: AtomicU64,
}

/// Who goes on while others of us let the server breathe.
#[derive(Default)]
struct Turn {
    looked: Option<Instant>,
    crowded: bool,
    holder: Option<u64>,
}

/// A look at the server's sessions, and when the last one was.
#[derive(Default)]
struct Watch {
    session: Option<Session>,
    looked: Option<Instant>,
    told: Option<Instant>,
    ours: Vec<i32>,
}

impl<'a> Throttle<'a> {
    /// `open` opens the session that looks at the others, when that is wanted. `told` hears of pauses, once a minute.
    pub fn new(
        limits: Limits,
        open: &'a Open<'a>,
        stop: fn() -> bool,
        told: &'a (dyn Fn(&str) + Sync),
    ) -> Self {
        Self {
            limits,
            open,
            stop,
            told,
            paid_until: Mutex::default(),
            watch: Mutex::default(),
            turn: Mutex::default(),
            pauses: AtomicU64::new(0),
        }
    }

    /// `session` reads for us: it is no load of others.
    pub fn ours(&self, session: &Session) {
        lock(&self.watch).ours.push(session.announced_pid());
    }

    /// `bytes` were read; returns when more may be. Fails when it is to stop meanwhile.
    pub fn spent(&self, bytes: u64) -> Result<()> {
        if let Some(rate) = self.limits.rate {
            self.pay(bytes, rate)?;
        }
        match self.limits.active {
            Some(limit) => self.wait_for_others(limit),
            None => Ok(()),
        }
    }

    /// The reader `who` has read `bytes` and may have to let others of us go first; returns when it may read on.
    pub fn spent_by(&self, who: u64, bytes: u64) -> Result<()> {
        self.spent(bytes)?;
        let mut waited = false;
        while self.limits.nice && !self.has_turn(who)? {
            if !waited {
                self.pauses.fetch_add(1, Ordering::Relaxed);
                waited = true;
            }
            self.sleep_until(Instant::now() + NAP)?;
        }
        Ok(())
    }

    /// The reader `who` reads no more for now.
    pub fn rests(&self, who: u64) {
        let mut turn = lock(&self.turn);
        if turn.holder == Some(who) {
            turn.holder = None;
        }
    }

    /// The share of a reader.
    pub fn pace(&'a self, who: u64) -> Pace<'a> {
        Pace { throttle: self, who, owed: 0 }
    }

    /// Whether `who` may read on: all may, or nobody else does.
    fn has_turn(&self, who: u64) -> Result<bool> {
        let mut turn = lock(&self.turn);
        if turn.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            let mut watch = lock(&self.watch);
            let (waiting, sees_all) = self.look(&mut watch, WAITING)?;
            if !sees_all {
                self.tell(
                    &mut watch,
                    "--nice sees only sessions of its own user: GRANT pg_read_all_stats lets it see all",
                );
            }
            turn.looked = Some(Instant::now());
            turn.crowded = waiting > 0;
            if turn.crowded {
                self.tell(&mut watch, &format!("one job reads on while {waiting} sessions of others wait"));
            } else {
                turn.holder = None;
            }
        }
        if !turn.crowded {
            return Ok(true);
        }
        Ok(*turn.holder.get_or_insert(who) == who)
    }

    /// How often somebody had to wait.
    pub fn pauses(&self) -> u64 {
        self.pauses.load(Ordering::Relaxed)
    }

    fn pay(&self, bytes: u64, rate: u64) -> Result<()> {
        let now = Instant::now();
        #[expect(clippy::cast_precision_loss, reason = "a wait needs no more than 52 bits")]
        let seconds = bytes as f64 / rate.max(1) as f64;
        let price = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let until = {
            let mut paid_until = lock(&self.paid_until);
            let from = paid_until.map_or(now, |until| until.max(now));
            let until = from.checked_add(price).unwrap_or(from);
            *paid_until = Some(until);
            until
        };
        if until > now && bytes > 0 {
            self.pauses.fetch_add(1, Ordering::Relaxed);
            self.sleep_until(until)?;
        }
        Ok(())
    }

    /// Whoever comes while another one looks waits for what it sees.
    fn wait_for_others(&self, limit: u32) -> Result<()> {
        let mut watch = lock(&self.watch);
        if watch.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
            return Ok(());
        }
        loop {
            let (active, sees_all) = self.look(&mut watch, ACTIVE)?;
            if !sees_all {
                self.tell(&mut watch, "--max-active sees only sessions of its own user: GRANT pg_read_all_stats lets it see all");
            }
            watch.looked = Some(Instant::now());
            if active <= limit {
                return Ok(());
            }
            self.pauses.fetch_add(1, Ordering::Relaxed);
            self.tell(&mut watch, &format!("waiting: {active} sessions of others are active"));
            self.sleep_until(Instant::now() + LOOK)?;
        }
    }

    fn look(&self, watch: &mut Watch, whom: &str) -> Result<(u32, bool)> {
        let what = || "cannot see how busy the server is".to_owned();
        if watch.session.is_none() {
            watch.session = Some((self.open)().context(what)?);
        }
        let ours: Vec<String> = watch.ours.iter().map(i32::to_string).collect();
        let Some(session) = &mut watch.session else { return Ok((0, true)) };
        // Within one transaction the sessions are looked at once, unless told otherwise.
        session.execute("SELECT pg_catalog.pg_stat_clear_snapshot()").context(what)?;
        let row = session
            .query_one(&format!(
                "SELECT count(*) FILTER (WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid() \
                 AND pid <> ALL (ours.pids) AND {whom}), pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') \
                 FROM pg_catalog.pg_stat_activity, (SELECT '{{{}}}'::pg_catalog.int4[] AS pids) ours",
                ours.join(",")
            ))
            .context(what)?;
        Ok((row.number(0)?, row.is_true(1)))
    }

    fn tell(&self, watch: &mut Watch, what: &str) {
        if watch.told.is_none_or(|told| told.elapsed() >= TELL) {
            watch.told = Some(Instant::now());
            (self.told)(what);
        }
    }

    fn sleep_until(&self, end: Instant) -> Result<()> {
        loop {
            if (self.stop)() {
                return Err(stopped());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(NAP));
        }
    }
}

/// Bytes that a reader reads before it asks whether it may read on.
const STEP: u64 = 256 << 10;

/// One reader's share.
pub struct Pace<'a> {
    throttle: &'a Throttle<'a>,
    who: u64,
    owed: u64,
}

impl Pace<'_> {
    /// So many bytes were read; returns when more may be.
    pub fn read(&mut self, bytes: usize) -> Result<()> {
        self.owed += bytes as u64;
        if self.owed < STEP {
            Ok(())
        } else {
            self.throttle.spent_by(self.who, std::mem::take(&mut self.owed))
        }
    }

    /// Nothing is read for now.
    pub fn rest(&self) {
        self.throttle.rests(self.who);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
