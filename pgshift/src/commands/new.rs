//! `pgshift new`: the next migration's files, empty.

use crate::cli;
use crate::records::{Created, ShiftResult};
use crate::source;
use common::cli::Session;
use common::error::Result;

pub(crate) fn run(session: &Session<ShiftResult>, args: &cli::New) -> Result<()> {
    let next = source::next(&args.migrations, &args.name)?;
    session.result().convention = Some(next.convention.to_owned());
    next.write()?;
    for file in &next.files {
        session.emit(&Created {
            path: file.path.display().to_string(),
            version: next.version.clone(),
            purpose: file.purpose.to_owned(),
        });
    }
    Ok(())
}
