//! The commands on a Django project: the same words, exit codes and records as on files of SQL.

mod apply;
mod check;
mod lint;
mod names;
mod new;
mod plan;
mod revert;
mod sight;
mod squash;
mod status;
mod trial;
mod work;

pub(super) use apply::run as apply;
pub(super) use check::run as check;
pub(super) use lint::run as lint;
pub(super) use new::run as new;
pub(super) use plan::run as plan;
pub(super) use revert::run as revert;
pub(super) use squash::run as squash;
pub(super) use status::run as status;
