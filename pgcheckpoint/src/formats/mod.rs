//! What a run found as one page, in the words of other programs.

mod html;
mod nagios;
mod prometheus;
mod rollup;

use crate::records::CheckpointResult;
use common::error::{Class, Error};
use common::records::{Format, Page};

/// The page in `format`; `error` is why the run ended without its answer.
pub(crate) fn page(result: &CheckpointResult, format: Format, error: Option<&Error>) -> Option<Page> {
    // What is bad, or could not be told, is an answer.
    let failure = error.filter(|error| error.class() != Class::No && error.code() != "not_told");
    match format {
        Format::Nagios => Some(nagios::page(result, failure)),
        Format::Prometheus => Some(prometheus::page(result, failure)),
        Format::Html => Some(html::page(result, failure)),
        _ => None,
    }
}
