//! `pgsnap keys`: who may read an encrypted store, and who shall.

use crate::cli::Keys;
use crate::records::{Recipient, SnapResult};
use common::cli::Session;
use common::error::{Error, Result};
use common::seal::Recipients;

pub(crate) fn run(session: &Session<SnapResult>, args: &Keys) -> Result<()> {
    let recipients = Recipients::parse(&args.encrypt_to)?;
    let store =
        if recipients.is_empty() { args.store.open_with_or_without_key() } else { args.store.open() }?;
    session.result().store = Some(store.location().to_string());
    if !store.is_sealed() {
        return Err(Error::refused(
            "not_encrypted",
            format!("the store in {} is not encrypted", store.location()),
        )
        .hint("`pgsnap create --encrypt-to` makes an encrypted one in a new place"));
    }
    if !recipients.is_empty() {
        store.rekey(&recipients)?;
        session.note(
            "who had the old keys and a copy of keys/store.json can still read; a new store shuts them out",
        );
    }
    let shown: Vec<_> = store
        .recipients()?
        .into_iter()
        .map(|recipient| Recipient { store: store.location().to_string(), recipient })
        .collect();
    session.emit_all(&shown);
    Ok(())
}
