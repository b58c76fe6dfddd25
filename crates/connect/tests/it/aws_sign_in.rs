//! Single sign-on without the AWS command line, and the profiles that lead to it.

use crate::aws_proxy::{Asked, in_child, json};
use crate::aws_stand_in::{COMPANY, FILES, MODEL, OLD, aws, cache, model, sign_in};
use crate::{collect, request};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use twin_connect::bedrock;
use twin_core::catalogue::{AwsProfile, ProfileKind};
use twin_core::error::Code;
use twin_core::port::ChatModel as _;

#[test]
fn a_new_sign_in_is_used_without_a_restart() {
    let test = "aws_sign_in::a_new_sign_in_is_used_without_a_restart";
    let pending = AtomicUsize::new(0);
    let script = move |asked: &Asked| {
        if asked.target == "POST /token" && pending.fetch_add(1, Ordering::Relaxed) < 2 {
            return (400, br#"{"error":"authorization_pending"}"#.to_vec());
        }
        aws(asked)
    };
    let proxy = in_child(test, &FILES, &[], script, async |network| {
        sign_in(COMPANY, "SECRET-YESTERDAY", "2020-01-01T00:00:00Z");
        let model = model("chained", network.clone());
        let (_, failure) = collect(model.stream(request(MODEL))).await;
        assert_eq!(failure.unwrap().code, Code::SignInExpired);

        let before = bedrock::files_fingerprint();
        let pending = bedrock::sign_in::begin("chained", &network).await.unwrap();
        let shown = pending.shown();
        assert_eq!((shown.code.as_str(), shown.expires_in), ("ABCD-EFGH", 600));
        assert_eq!(shown.url, "https://device.sso.eu-west-3.amazonaws.com/?user_code=ABCD-EFGH");
        pending.finish().await.unwrap();
        assert_ne!(bedrock::files_fingerprint(), before, "who watches the files should see it");

        assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
        // For every other program as well: the very file that it looks for, whole, and for nobody else's eyes.
        let path = cache().join(COMPANY);
        let kept: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
        assert_eq!(kept["accessToken"], "SECRET-SIGNED-IN");
        assert_eq!(kept["refreshToken"], "SECRET-REFRESH");
        assert_eq!((&kept["clientId"], &kept["clientSecret"]), (&json!("client"), &json!("SECRET-CLIENT")));
        assert_eq!(kept["registrationExpiresAt"], "2999-01-01T00:00:00Z");
        assert_eq!(kept["startUrl"], "https://company.awsapps.com/start");
        assert_eq!(kept["region"], "eu-west-3");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs_err::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs_err::read_dir(cache()).unwrap().count(), 1, "nothing half-written stays behind");
    });
    if let Some(proxy) = proxy {
        let asked = proxy.asked();
        let registered = asked.iter().find(|asked| asked.target == "POST /client/register").unwrap();
        assert!(registered.body.contains(r#""scopes":["sso:account:access","extra"]"#), "{registered:?}");
        assert_eq!(asked.iter().filter(|asked| asked.target == "POST /token").count(), 3);
    }
}

#[test]
fn a_sign_in_renews_itself_while_aws_allows_it() {
    let test = "aws_sign_in::a_sign_in_renews_itself_while_aws_allows_it";
    in_child(test, &FILES, &[], aws, async |network| {
        bedrock::sign_in::begin("work", &network).await.unwrap().finish().await.unwrap();
        // As it is the next morning.
        let path = cache().join(COMPANY);
        let mut kept: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
        (kept["accessToken"], kept["expiresAt"]) = (json!("SECRET-YESTERDAY"), json!("2020-01-01T00:00:00Z"));
        fs_err::write(&path, kept.to_string()).unwrap();
        assert_eq!(collect(model("work", network).stream(request(MODEL))).await.1, None);
    });
}

#[test]
fn a_sign_in_that_was_revoked_asks_for_another() {
    let test = "aws_sign_in::a_sign_in_that_was_revoked_asks_for_another";
    in_child(test, &FILES, &[], aws, async |network| {
        sign_in(COMPANY, "SECRET-REVOKED", "2999-01-01T00:00:00Z");
        for profile in ["work", "chained"] {
            let failure = model(profile, network.clone()).identity().await.unwrap_err();
            assert_eq!(failure.code, Code::SignInExpired, "{profile}: {failure:?}");
        }
    });
}

#[test]
fn a_sign_in_of_an_old_profile_is_kept_by_its_address() {
    let test = "aws_sign_in::a_sign_in_of_an_old_profile_is_kept_by_its_address";
    in_child(test, &FILES, &[("AWS_REGION", "eu-north-1")], aws, async |network| {
        bedrock::sign_in::begin("old", &network).await.unwrap().finish().await.unwrap();
        assert!(cache().join(OLD).exists());
        assert_eq!(collect(model("old", network).stream(request(MODEL))).await.1, None);
    });
}

#[test]
fn a_sign_in_that_cannot_be_is_told() {
    let test = "aws_sign_in::a_sign_in_that_cannot_be_is_told";
    let script = |asked: &Asked| match asked.target.as_str() {
        "POST /device_authorization" => json(&json!({
            "deviceCode": "x", "userCode": "x", "expiresIn": 600, "verificationUri": "http://evil.example/",
        })),
        _ => aws(asked),
    };
    in_child(test, &FILES, &[], script, async |network| {
        for profile in ["base", "nobody", "circle", "process"] {
            let failure = bedrock::sign_in::begin(profile, &network).await.err().unwrap();
            assert_eq!(failure.code, Code::InvalidInput);
            assert!(failure.message.contains(profile), "{failure:?}");
        }
        let failure = bedrock::sign_in::begin("work", &network).await.err().unwrap();
        assert_eq!(failure.code, Code::InvalidInput, "a page that can be read on the way is not opened");
    });
}

#[test]
fn a_sign_in_that_was_not_confirmed_in_time_is_told() {
    let test = "aws_sign_in::a_sign_in_that_was_not_confirmed_in_time_is_told";
    let script = |asked: &Asked| match asked.target.as_str() {
        "POST /token" => (400, br#"{"error":"expired_token"}"#.to_vec()),
        _ => aws(asked),
    };
    in_child(test, &FILES, &[], script, async |network| {
        let failure = bedrock::sign_in::begin("work", &network).await.unwrap().finish().await.unwrap_err();
        assert_eq!((failure.code, failure.retryable), (Code::SignInExpired, true));
        assert!(!cache().exists());
    });
}

#[test]
fn the_profiles_of_the_files_can_be_chosen() {
    let test = "aws_sign_in::the_profiles_of_the_files_can_be_chosen";
    in_child(test, &FILES, &[], aws, async |_| {
        let profile = |name: &str, kind, region: Option<&str>, signs_in| AwsProfile {
            name: name.to_owned(),
            kind,
            region: region.map(str::to_owned),
            signs_in,
        };
        let here = Some("eu-north-1");
        let expected = [
            profile("default", ProfileKind::Other, here, false),
            profile("base", ProfileKind::Keys, None, false),
            profile("chained", ProfileKind::Role, here, true),
            profile("circle", ProfileKind::Role, None, false),
            profile("circle-2", ProfileKind::Role, None, false),
            profile("mistyped", ProfileKind::Role, here, false),
            profile("old", ProfileKind::SignIn, None, true),
            profile("process", ProfileKind::Process, here, false),
            profile("role", ProfileKind::Role, here, false),
            profile("work", ProfileKind::SignIn, here, true),
            profile("worn", ProfileKind::Role, here, false),
        ];
        assert_eq!(bedrock::profiles().await.unwrap(), expected);

        fs_err::write(std::env::home_dir().unwrap().join(".aws/config"), "[default]\nSECRET\n").unwrap();
        let failure = bedrock::profiles().await.unwrap_err();
        assert!(failure.message.contains("line 2") && !failure.message.contains("SECRET"), "{failure:?}");
    });
}

#[test]
fn no_files_mean_no_profiles() {
    in_child("aws_sign_in::no_files_mean_no_profiles", &[], &[], aws, async |network| {
        assert_eq!(bedrock::profiles().await.unwrap(), []);
        assert_eq!(bedrock::sign_in::begin("default", &network).await.err().unwrap().code, Code::InvalidInput);
    });
}

#[test]
fn files_in_another_place_are_read_and_watched() {
    let test = "aws_sign_in::files_in_another_place_are_read_and_watched";
    let files = [("elsewhere/config", "[profile far]\nregion = eu-north-1\n"), ("elsewhere/credentials", "")];
    let environment =
        [("AWS_CONFIG_FILE", "~/elsewhere/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere/credentials")];
    in_child(test, &files, &environment, aws, async |_| {
        assert_eq!(bedrock::profiles().await.unwrap()[0].name, "far");
        let before = bedrock::files_fingerprint();
        assert_eq!(bedrock::files_fingerprint(), before);
        let path = std::env::home_dir().unwrap().join("elsewhere/credentials");
        fs_err::write(path, "[far]\naws_access_key_id = AKIANEW\n").unwrap();
        assert_ne!(bedrock::files_fingerprint(), before);
    });
}
