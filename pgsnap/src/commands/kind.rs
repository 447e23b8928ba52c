//! What `create` does for the sake of others on the same server: `--nice`, `--pause-replay`.

use crate::records::SnapResult;
use common::cli::{Session, signals};
use common::error::Result;
use common::pg;
use common::pg::replay_pause::{Asked, End, ReplayPause, is_paused};
use common::pg::target::Target;
use common::records::Warning;
use std::time::Duration;

/// How a standby's replay goes on that somebody has paused.
const RESUME: &str = "`SELECT pg_wal_replay_resume()` there lets it go on";

/// The replay of a standby, paused or not.
pub(super) struct Pause(Option<ReplayPause>);

impl Pause {
    /// Pauses it on the server of `target`, for at most so many seconds.
    pub(super) fn begin(
        session: &Session<SnapResult>,
        seconds: Option<f64>,
        target: &Target,
    ) -> Result<Self> {
        let Some(seconds) = seconds else { return Ok(Self(None)) };
        let bound = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        match ReplayPause::begin(target, bound, signals::stop_requested)? {
            Asked::Held(pause) => Ok(Self(Some(pause))),
            Asked::WasPaused => {
                let message = format!("replay was paused by somebody else, and stays so: {RESUME}");
                session.warn(&Warning::new("replay_paused", message));
                Ok(Self(None))
            }
            Asked::NoStandby => {
                let message = "the server is no standby: there is no replay to pause";
                session.warn(&Warning::new("no_standby", message.to_owned()));
                Ok(Self(None))
            }
        }
    }

    /// Lets it go on, and tells how the pause went.
    pub(super) fn end(self, session: &Session<SnapResult>) {
        let Some(pause) = self.0 else { return };
        let warning = match pause.finish() {
            Ok(End::Done) => return,
            Ok(End::Overdue) => Warning::new(
                "replay_resumed",
                "--pause-replay was over before the end: replay went on".to_owned(),
            ),
            Err(error) => Warning::new("replay_paused", format!("{error}; replay is still paused: {RESUME}")),
        };
        session.warn(&warning);
    }
}

/// Tells of a standby whose replay stands still although nobody asked for it in this run: perhaps an earlier one was killed.
pub(super) fn tell_of_a_pause(
    session: &Session<SnapResult>,
    scout: &mut pg::session::Session,
    asked: bool,
) -> Result<()> {
    if !asked && is_paused(scout)? {
        let message =
            format!("replay is paused on this standby, so the snapshot is of an earlier moment: {RESUME}");
        session.warn(&Warning::new("replay_paused", message));
    }
    Ok(())
}

/// A session that looks at the others of the server.
pub(super) fn look(target: &Target) -> Result<pg::session::Session> {
    let mut session = pg::session::Session::open(target)?;
    session.stop_when(signals::stop_requested)?;
    session.pin()?;
    Ok(session)
}
