//! Where a snapshot is restored: a private cluster like the source's, or a scratch database.

use crate::cli::Restore;
use crate::copy::Copy;
use crate::report::Report;
use common::cli::signals;
use common::error::Result;
use common::format::manifest::Manifest;
use common::pipeline::observer::{Fact, Observer as _};
use common::sandbox::{Options, Sandbox};
use std::time::Instant;

/// Bytes of indexes and of the write-ahead log for each byte of a table's pages; measured between 0.3 and 1.1.
const BESIDE_PAGES: f64 = 1.0;

pub(super) fn make(args: &Restore, manifest: &Manifest, report: &Report<'_>) -> Result<Copy> {
    let place = &args.place;
    if let Some(server) = &place.server {
        return Copy::on_server(server, signals::stop_requested);
    }
    let begun = Instant::now();
    report.note(Fact::Phase("starting a cluster"));
    let source = &manifest.source;
    let options = Options {
        major: Some(place.pg_version.unwrap_or(source.server_version_num / 10_000)),
        settings: place.settings.clone(),
        // The database brings its own encoding and locale.
        encoding: "UTF8".to_owned(),
        locale: "C".to_owned(),
        locale_provider: None,
        checksums: false,
        space_needed_bytes: Some(space(manifest)),
        parent: place.work_dir.clone(),
        stop: Some(signals::stop_requested),
    };
    let sandbox = Sandbox::start(&options)?;
    report.step("cluster", 1, begun.elapsed().as_secs_f64());
    Copy::private(sandbox, &source.database, signals::stop_requested)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate of bytes"
)]
fn space(manifest: &Manifest) -> u64 {
    let pages: u64 = manifest.tables.iter().map(|table| table.pages).sum();
    let bytes = (pages * u64::from(manifest.source.page_bytes)).max(manifest.bytes);
    (bytes as f64 * (1.0 + BESIDE_PAGES)) as u64
}
