//! S3: where it is, and who asks.
//!
//! Keys are looked for as the AWS tools do: variables, the profile, a web identity, a container's role, an instance's.

use super::profile::Profile;
use super::settings::Settings;
use super::{RETRIES, client, retries, unusable};
use crate::error::{Error, Result};
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredentialProvider};
use object_store::{Certificate, ClientOptions};
use std::fs;

/// How often an instance is asked for its role's keys: where there is none, nobody answers.
const INSTANCE_RETRIES: usize = 1;

pub(super) fn open(bucket: &str, settings: &Settings) -> Result<AmazonS3> {
    let profile = Profile::load(settings)?;
    let region = settings.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
    let region =
        region.or_else(|| profile.get("region").map(str::to_owned)).unwrap_or_else(|| "us-east-1".to_owned());
    let client = certified(client(settings)?, settings)?;
    let attempts =
        settings.number("AWS_MAX_ATTEMPTS")?.and_then(|attempts| usize::try_from(attempts - 1).ok());
    let base = AmazonS3Builder::from_env().with_region(&region).with_client_options(client.clone());
    let mut builder = base.clone().with_bucket_name(bucket).with_retry(retries(attempts.unwrap_or(RETRIES)));
    builder = match endpoint(settings, &profile)? {
        Some(endpoint) => {
            let virtual_host = is_virtual(settings, &profile)?.unwrap_or(false);
            let url = if virtual_host { with_host_part(&endpoint, bucket) } else { endpoint.clone() };
            builder
                .with_config(object_store::aws::AmazonS3ConfigKey::S3Endpoint, &url)
                .with_allow_http(endpoint.starts_with("http://"))
                .with_virtual_hosted_style_request(virtual_host)
        }
        // No certificate fits a bucket whose name has dots.
        None => builder.with_virtual_hosted_style_request(
            is_virtual(settings, &profile)?.unwrap_or(!bucket.contains('.')),
        ),
    };
    credentials(builder, base, settings, &profile)?.build().map_err(unusable)
}

fn credentials(
    builder: AmazonS3Builder,
    base: AmazonS3Builder,
    settings: &Settings,
    profile: &Profile,
) -> Result<AmazonS3Builder> {
    let keys = (settings.get("AWS_ACCESS_KEY_ID"), settings.get("AWS_SECRET_ACCESS_KEY"));
    match keys {
        (Some(_), Some(_)) => return Ok(builder),
        (None, None) => {}
        _ => return Err(Error::usage("only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set")),
    }
    if settings.is_true("AWS_SKIP_SIGNATURE") {
        return Ok(builder);
    }
    if let Some((key, secret)) = profile.keys()? {
        let builder = builder.with_access_key_id(key).with_secret_access_key(secret);
        return Ok(match profile.get("aws_session_token") {
            Some(token) => builder.with_token(token),
            None => builder,
        });
    }
    if let (Some(file), Some(role)) = (profile.get("web_identity_token_file"), profile.get("role_arn")) {
        use object_store::aws::AmazonS3ConfigKey::{RoleArn, WebIdentityTokenFile};
        return Ok(builder.with_config(WebIdentityTokenFile, file).with_config(RoleArn, role));
    }
    let elsewhere = [
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    if settings.first(&elsewhere).is_some() {
        return Ok(builder);
    }
    if settings.is_true("AWS_EC2_METADATA_DISABLED") {
        return Err(Error::usage("there are no credentials for S3").hint(super::super::refusal::KEYS));
    }
    // Asked for its keys by a client of its own, which gives up soon.
    let instance: AwsCredentialProvider = {
        let asking = base.with_bucket_name("unused").with_retry(retries(INSTANCE_RETRIES));
        asking.build().map_err(unusable)?.credentials().clone()
    };
    Ok(builder.with_credentials(instance))
}

fn endpoint(settings: &Settings, profile: &Profile) -> Result<Option<String>> {
    let named = settings.first(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]);
    match named.or_else(|| profile.endpoint().map(str::to_owned)) {
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
            Err(Error::usage(format!("the endpoint {url:?} is no URL"))
                .hint("it begins with https:// or http://"))
        }
        Some(url) => Ok(Some(url.trim_end_matches('/').to_owned())),
        None => Ok(None),
    }
}

/// Whether the bucket is a part of the host's name; not said by most.
fn is_virtual(settings: &Settings, profile: &Profile) -> Result<Option<bool>> {
    if settings.get("AWS_VIRTUAL_HOSTED_STYLE_REQUEST").is_some() {
        return Ok(Some(settings.is_true("AWS_VIRTUAL_HOSTED_STYLE_REQUEST")));
    }
    match profile.get("s3.addressing_style") {
        None | Some("auto") => Ok(None),
        Some("virtual") => Ok(Some(true)),
        Some("path") => Ok(Some(false)),
        Some(other) => {
            Err(Error::usage(format!("no addressing_style is called {other:?}"))
                .hint("path, virtual or auto"))
        }
    }
}

fn with_host_part(endpoint: &str, bucket: &str) -> String {
    let (scheme, rest) = endpoint.split_once("://").unwrap_or(("https", endpoint));
    format!("{scheme}://{bucket}.{rest}")
}

/// `AWS_CA_BUNDLE` takes the place of the system's authorities.
fn certified(mut client: ClientOptions, settings: &Settings) -> Result<ClientOptions> {
    let Some(path) = settings.get("AWS_CA_BUNDLE") else { return Ok(client) };
    let what = || format!("cannot read AWS_CA_BUNDLE {path}");
    let pem = fs::read(&path).map_err(|error| Error::io(what(), &error))?;
    let bundle =
        Certificate::from_pem_bundle(&pem).map_err(|error| Error::usage(what()).cause(error.to_string()))?;
    if bundle.is_empty() {
        return Err(Error::usage(what()).cause("it holds no certificate"));
    }
    client = client.with_no_system_certificates(true);
    Ok(bundle.into_iter().fold(client, ClientOptions::with_root_certificate))
}
