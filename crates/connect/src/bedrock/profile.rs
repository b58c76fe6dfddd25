//! The profiles of the AWS files, read as the SDK reads them: a program started from the desktop knows no `AWS_PROFILE`,
//! so the person has to be able to choose one.

use aws_config::profile::{Profile, ProfileSet, load};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use std::cmp::Ordering;
use twin_core::catalogue::{AwsProfile, ProfileKind};
use twin_core::error::{Code, Failure};

/// The profiles of the AWS files, `default` first, the others by name. Empty where there are no files.
pub async fn profiles() -> Result<Vec<AwsProfile>, Failure> {
    let set = read().await?;
    let mut profiles: Vec<_> = set
        .profiles()
        .filter_map(|name| set.get_profile(name))
        .map(|profile| AwsProfile {
            name: profile.name().to_owned(),
            kind: kind(profile),
            region: profile.get("region").map(str::to_owned),
            signs_in: session(&set, profile.name()).is_some(),
        })
        .collect();
    profiles.sort_by(|a, b| by_name(&a.name, &b.name));
    Ok(profiles)
}

fn by_name(a: &str, b: &str) -> Ordering {
    (a != "default", a).cmp(&(b != "default", b))
}

pub(super) async fn read() -> Result<ProfileSet, Failure> {
    load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), None).await.map_err(|error| {
        // It names the file and the line, and quotes nothing from it.
        let words = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        let why = words.split_whitespace().collect::<Vec<_>>().join(" ");
        Failure::permanent(
            Code::InvalidInput,
            format!("the AWS files cannot be read: {why}"),
            "Correct ~/.aws/config and ~/.aws/credentials.",
        )
    })
}

fn kind(profile: &Profile) -> ProfileKind {
    let has = |key: &str| profile.get(key).is_some();
    // In the order in which the SDK looks.
    if has("role_arn") {
        ProfileKind::Role
    } else if has("sso_session") || has("sso_start_url") {
        ProfileKind::SignIn
    } else if has("credential_process") {
        ProfileKind::Process
    } else if has("aws_access_key_id") {
        ProfileKind::Keys
    } else {
        ProfileKind::Other
    }
}

/// A single sign-on, as the files describe it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// By what its token is kept: the session's name, or the address of old profiles that name no session.
    pub(super) key: String,
    pub(super) start_url: String,
    pub(super) region: String,
    /// None for old profiles.
    pub(super) scopes: Option<Vec<String>>,
}

/// The single sign-on on which a profile rests, be it through others.
pub(super) fn session(set: &ProfileSet, name: &str) -> Option<Session> {
    let mut seen = Vec::new();
    let mut profile = set.get_profile(name)?;
    while profile.get("role_arn").is_some() {
        seen.push(profile.name());
        let source = profile.get("source_profile")?;
        if source == profile.name() {
            break;
        }
        profile = set.get_profile(source).filter(|next| !seen.contains(&next.name()))?;
    }
    if let Some(name) = profile.get("sso_session") {
        let session = set.sso_session(name)?;
        // What the AWS command line asks for where the file does not say.
        let scopes = session.get("sso_registration_scopes").unwrap_or("sso:account:access");
        return Some(Session {
            key: name.to_owned(),
            start_url: session.get("sso_start_url")?.to_owned(),
            region: session.get("sso_region")?.to_owned(),
            scopes: Some(scopes.split(',').map(|scope| scope.trim().to_owned()).collect()),
        });
    }
    let start_url = profile.get("sso_start_url")?.to_owned();
    Some(Session { key: start_url.clone(), start_url, region: profile.get("sso_region")?.to_owned(), scopes: None })
}
