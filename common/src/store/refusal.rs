//! What an object store said when it refused, in words that help.
//!
//! Only its code and its message are told. The rest of an answer repeats what was asked, headers and tokens included.

use crate::error::{Class, Error};
use std::error::Error as StdError;

/// The way out when nobody knows who asks.
pub(super) const KEYS: &str =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; or run it where the machine has a role";

/// An answer said that it was written, and it was not.
pub(super) fn lost_write(name: &str) -> Error {
    Error::failed("lost_write", format!("the store took {name} and does not have it as it was written"))
        .hint("run it again; if it happens again, do not trust this store")
        .class_is(Class::Interrupted)
}

/// An answer said that it was removed, and it was not.
pub(super) fn lost_removal(name: &str) -> Error {
    Error::failed("lost_removal", format!("the store said that {name} was removed, and still has it"))
        .hint("run it again")
}

/// The error that `what` failed with; `lost` when the store had answered before.
pub(super) fn explain(what: String, error: &object_store::Error, remote: bool, lost: bool) -> Error {
    if let Some(io) = io_error(error).filter(|_| !remote) {
        return Error::io(what, io);
    }
    if !remote {
        return Error::failed("store", what).cause(error.to_string());
    }
    let text = error.to_string();
    // Instances are asked for their keys at an address that no other machine has.
    if text.contains("/latest/api/token")
        || text.contains("/latest/meta-data")
        || text.contains("metadata.google")
    {
        return Error::failed("no_credentials", what).cause("there are no credentials for it").hint(KEYS);
    }
    let status = between(&text, "status code: ", ":").or_else(|| between(&text, "error response", ":"));
    let code = between(&text, "<Code>", "</Code>");
    let message =
        between(&text, "<Message>", "</Message>").or_else(|| between(&text, "\"message\": \"", "\""));
    // Azure goes on with times and numbers of requests.
    let message = message.and_then(|message| message.lines().next());
    let mut causes = match (code, message, status) {
        (Some(code), Some(message), _) if !message.is_empty() => format!("{message} ({code})"),
        (Some(code), ..) => code.to_owned(),
        (None, Some(message), Some(status)) => format!("{message} ({status})"),
        (None, None, Some(status)) => format!("the server answered {status}"),
        (None, _, None) => deepest(error),
    };
    if let Some(retries) = between(&text, ", after ", " retries").filter(|count| *count != "0") {
        causes = format!("{causes}, after {retries} retries");
    }
    let passing = is_passing(status, code);
    let (class, stable) = match (passing, lost) {
        (true, true) => (Class::Interrupted, "store_lost"),
        (true, false) => (Class::Failed, "store_unreachable"),
        (false, _) => (Class::Failed, "store"),
    };
    let told = Error::new(class, stable, what).cause(causes);
    match hint(code, status, &text) {
        Some(hint) => told.hint(hint),
        None if passing && lost => told.hint("run it again: what was written is used"),
        None => told,
    }
}

/// Whether a name is not there because its bucket is not.
pub(super) fn has_no_bucket(error: &object_store::Error) -> bool {
    let text = error.to_string();
    ["NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist"]
        .iter()
        .any(|code| text.contains(code))
}

/// Whether an answer began and did not end.
pub(super) fn is_broken_off(error: &object_store::Error) -> bool {
    let mut source: Option<&dyn StdError> = Some(error);
    while let Some(cause) = source {
        if cause.to_string().contains("end of file before message length reached") {
            return true;
        }
        source = cause.source();
    }
    false
}

/// Whether the server does not know what it was asked for.
pub(super) fn is_unknown(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotImplemented { .. })
        || error.to_string().contains("501 Not Implemented")
        || error.to_string().contains("<Code>NotImplemented")
}

/// What comes and goes by itself: no answer, or one that says "later".
fn is_passing(status: Option<&str>, code: Option<&str>) -> bool {
    let later = |status: &str| {
        let again = ["5", "429", "408"].iter().any(|beginning| status.starts_with(beginning));
        again && !status.starts_with("501")
    };
    status.is_none_or(later)
        || matches!(code, Some("SlowDown" | "InternalError" | "ServiceUnavailable" | "RequestTimeout"))
}

fn hint(code: Option<&str>, status: Option<&str>, text: &str) -> Option<&'static str> {
    if text.contains("redirect without LOCATION") {
        return Some("the bucket is in another region: set AWS_REGION");
    }
    Some(match code.or(status)? {
        "NoSuchBucket" | "ContainerNotFound" => "make the bucket first; pgsnap makes none",
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" => {
            "the keys are not those of this service: check them, AWS_PROFILE and the endpoint"
        }
        "ExpiredToken" | "ExpiredTokenException" | "InvalidToken" => "get new credentials and run it again",
        "RequestTimeTooSkewed" => "set this machine's clock",
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            "the bucket is in another region: set AWS_REGION"
        }
        "AccessDenied" => "docs/pgsnap.md lists the rights that each command needs",
        other if other.starts_with("403") => {
            "the credentials may not do it: docs/pgsnap.md lists the rights that each command needs"
        }
        other if other.starts_with("401") => "check the credentials",
        _ => return None,
    })
}

fn io_error(error: &object_store::Error) -> Option<&std::io::Error> {
    let mut source: Option<&dyn StdError> = Some(error);
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref() {
            return Some(io);
        }
        source = cause.source();
    }
    None
}

/// The words of what lies at the bottom: `Connection refused`, not `error sending request`.
fn deepest(error: &object_store::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answer: &str, lost: bool) -> Error {
        let source = format!(
            "Error performing PUT http://h/b/x in 3ms, after 2 retries, max_retries: 10, retry_timeout: 180s  - \
             Server returned non-2xx status code: {answer}"
        );
        let error = object_store::Error::Generic { store: "S3", source: source.into() };
        explain("cannot write x".to_owned(), &error, true, lost)
    }

    #[test]
    fn a_refusal_is_told_by_code_and_message_and_not_by_what_was_asked() {
        let error = told(
            "403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code><Message>They differ.</Message>\
             <CanonicalRequest>x-amz-security-token:planted</CanonicalRequest></Error>",
            true,
        );
        assert_eq!(
            error.to_string(),
            "cannot write x: They differ. (SignatureDoesNotMatch), after 2 retries"
        );
        assert!(error.advice().is_some_and(|hint| hint.contains("keys")));
        assert_eq!(error.class(), Class::Failed);
    }

    #[test]
    fn what_passes_by_itself_can_be_run_again() {
        for (answer, lost, class) in [
            ("503 Service Unavailable: <Code>SlowDown</Code><Message></Message>", true, Class::Interrupted),
            ("500 Internal Server Error: ", true, Class::Interrupted),
            ("500 Internal Server Error: ", false, Class::Failed),
            ("501 Not Implemented: ", true, Class::Failed),
            ("404 Not Found: <Code>NoSuchBucket</Code><Message>None.</Message>", true, Class::Failed),
        ] {
            assert_eq!(told(answer, lost).class(), class, "{answer}");
        }
    }
}
