//! One snapshot: its files checked, restored, read back, compared, attested; then used as was asked.

mod attest;
mod estimate;
mod files;
mod place;
mod proof;
mod rows;
mod schema;

use crate::cli::Restore;
use crate::copy::Copy;
use crate::records::VerifyResult;
use crate::report::Report;
use common::cli::{Session, signals};
use common::error::{Error, Result};
use common::format::id::SnapshotId;
use common::format::manifest::{Manifest, Selection};
use common::pg::archive::{Contents, Spelling};
use common::pipeline::replay::{self, Choice, Replay};
use common::pipeline::welcome::Welcome;
use common::store::Store;
use std::time::Instant;

/// The verification of one snapshot.
pub(crate) struct Verification<'a> {
    pub(crate) session: &'a Session<VerifyResult>,
    pub(crate) args: &'a Restore,
    pub(crate) store: &'a Store,
    pub(crate) id: &'a SnapshotId,
}

impl Verification<'_> {
    pub(crate) fn run(&self) -> Result<()> {
        let manifest = self.store.manifest(self.id)?;
        self.tell(&manifest);
        let report = Report::new(self.session);
        files::check(self.store, &manifest, &report)?;
        let contents = replay::contents(self.store, &manifest)?;
        let copy = place::make(self.args, &manifest, &report)?;
        match self.prove(&manifest, &contents, &copy, &report) {
            Ok(()) => copy.after(self.session, &self.args.place),
            Err(error) => copy.part(self.session, &self.args.place, Err(error)),
        }
    }

    fn prove(
        &self,
        manifest: &Manifest,
        contents: &Contents,
        copy: &Copy,
        report: &Report<'_>,
    ) -> Result<()> {
        let begun = Instant::now();
        self.restore(manifest, contents, copy, report).map_err(Error::under_way)?;
        let restored = begun.elapsed().as_secs_f64();
        self.session.result().restore_seconds = Some(restored);
        self.session.result().copy_version = Some(copy.server_version()?);
        let begun = Instant::now();
        let proof = proof::prove(self, manifest, contents, copy, report)?;
        let proved = begun.elapsed().as_secs_f64();
        self.session.result().proof_seconds = Some(proved);
        report.step("restore", manifest.tables.len() as u64, restored);
        report.step("proof", proof.tables, proved);
        if copy.is_private() {
            estimate::tell(self.session, restored);
        }
        if !self.args.no_attest {
            attest::write(self, manifest, copy, &proof, restored, proved)?;
        }
        proof.judge(manifest)
    }

    fn restore(
        &self,
        manifest: &Manifest,
        contents: &Contents,
        copy: &Copy,
        report: &Report<'_>,
    ) -> Result<()> {
        let choice = Choice { schemas: Vec::new(), tables: Vec::new() };
        Welcome {
            target: copy.target(),
            create: true,
            clean: false,
            if_exists: false,
            force: false,
            create_roles: copy.is_private() || self.args.create_roles,
            adapt: copy.is_private(),
            spelling: self.spelling(copy),
            role: None,
            stop: signals::stop_requested,
        }
        .prepare(manifest, contents, &choice, report)?;
        Replay {
            target: copy.target(),
            choice,
            spelling: self.spelling(copy),
            clean: false,
            if_exists: false,
            role: None,
            // Whoever works on the copy needs statistics; the proof does not.
            analyze: self.args.place.is_used(),
            jobs: usize::from(self.args.jobs),
            stop: signals::stop_requested,
        }
        .run(self.store, manifest, contents, report)
    }

    /// Somebody's server has its own tablespaces, and what the user does not want there.
    fn spelling(&self, copy: &Copy) -> Spelling {
        Spelling {
            no_owner: self.args.no_owner,
            no_privileges: self.args.no_privileges,
            no_tablespaces: !copy.is_private(),
            ..Spelling::default()
        }
    }

    fn tell(&self, manifest: &Manifest) {
        let source = &manifest.source;
        let mut result = self.session.result();
        result.snapshot = Some(manifest.id.to_string());
        result.database = Some(source.database.clone());
        result.system_identifier = Some(source.system_identifier.clone());
        result.database_oid = Some(source.database_oid);
        result.lsn = Some(source.lsn.clone());
        result.snapshot_time = Some(source.snapshot_time.clone());
        result.source_version = Some(source.server_version.clone());
        let is_whole = manifest.selection == Selection::default() && manifest.large_objects.is_some();
        result.whole = Some(result.whole.unwrap_or(true) && is_whole);
    }
}
