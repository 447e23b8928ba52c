//! `pgshift new`: the next migration's files, empty.

use crate::cli;
use crate::records::{Created, ShiftResult};
use crate::source;
use common::cli::Session;
use common::error::{Error, Result};

pub(crate) fn run(session: &Session<ShiftResult>, args: &cli::New) -> Result<()> {
    if args.django.is_meant(&args.migrations) {
        return super::django::new(session, args);
    }
    let Some(name) = &args.name else {
        return Err(Error::usage("--merge joins branches of a Django project, and none is here")
            .hint("name it with --django path/to/manage.py"));
    };
    let next = source::next(&args.migrations, name)?;
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
