//! `pgshift new --merge` in a Django project: the migration that joins the branches of an app.

use crate::cli::New;
use crate::django::{self, Order, Said};
use crate::records::{Created, ShiftResult};
use common::cli::Session;
use common::error::{Error, Result};
use common::pg::target::ConnectOptions;

pub(crate) fn run(session: &Session<ShiftResult>, args: &New) -> Result<()> {
    if !args.merge {
        return Err(Error::usage("Django makes its migrations itself").hint("manage.py makemigrations"));
    }
    let mut project = django::open(session, &args.django, &ConnectOptions::default(), true)?;
    let made = match project.helper.ask(&Order::Merge)? {
        Said::Merged { made } => made,
        other => {
            return Err(Error::failed("helper", format!("the helper does not say what it wrote: {other:?}")));
        }
    };
    if made.is_empty() {
        session.note("no app has branches that nothing joins");
    }
    for made in made {
        session.emit(&Created {
            path: made.path,
            version: format!("{}.{}", made.app, made.name),
            purpose: "merge".to_owned(),
        });
    }
    Ok(())
}
