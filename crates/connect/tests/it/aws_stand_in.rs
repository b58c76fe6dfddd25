//! AWS at AWS's own addresses, as far as the tests of credentials need it, and the files that lead there.

use crate::aws_proxy::{Answer, Asked, json};
use crate::bedrock_server::frame;
use serde_json::{Value, json};
use std::path::PathBuf;
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_connect::network::Network;

pub(crate) const MODEL: &str = "anthropic.claude-x";

/// Every way in which a profile may come to its credentials.
pub(crate) const CONFIG: &str = "
[default]
region = eu-north-1

[profile work]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Developer
region = eu-north-1

[sso-session company]
sso_start_url = https://company.awsapps.com/start
sso_region = eu-west-3
sso_registration_scopes = sso:account:access, extra

[profile old]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-3
sso_account_id = 123456789012
sso_role_name = Developer

[profile chained]
role_arn = arn:aws:iam::123456789012:role/Twin
source_profile = work
region = eu-north-1

[profile role]
role_arn = arn:aws:iam::123456789012:role/Twin
source_profile = base
region = eu-north-1

[profile mistyped]
role_arn = arn:aws:iam::123456789012:role/mistyped
source_profile = base
region = eu-north-1

[profile worn]
role_arn = arn:aws:iam::123456789012:role/expired
source_profile = base
region = eu-north-1

[profile circle]
role_arn = arn:aws:iam::123456789012:role/Twin
source_profile = circle-2

[profile circle-2]
role_arn = arn:aws:iam::123456789012:role/Twin
source_profile = circle

[profile process]
credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS\",\"SecretAccessKey\":\"SECRET-KEY\",\"Expiration\":\"2999-01-01T00:00:00Z\"}'
region = eu-north-1
";

pub(crate) const KEYS: &str = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = SECRET-KEY\n";
pub(crate) const FILES: [(&str, &str); 2] = [(".aws/config", CONFIG), (".aws/credentials", KEYS)];
/// What a shell left behind.
pub(crate) const STALE: [(&str, &str); 4] = [
    ("AWS_BEARER_TOKEN_BEDROCK", "SECRET-STALE"),
    ("AWS_ACCESS_KEY_ID", "AKIASTALE"),
    ("AWS_SECRET_ACCESS_KEY", "SECRET-KEY"),
    ("AWS_PROFILE", "base"),
];

pub(crate) fn model(profile: &str, network: Network) -> BedrockModel {
    let credentials = BedrockAuth::Profile(profile.to_owned());
    BedrockModel::new(BedrockConfig { credentials, network, ..BedrockConfig::default() })
}

/// AWS, as far as it is needed here.
pub(crate) fn aws(asked: &Asked) -> Answer {
    match (asked.host.as_str(), asked.target.split('?').next().unwrap()) {
        ("portal.sso.eu-west-3.amazonaws.com", "GET /federation/credentials") => sso_credentials(asked),
        ("oidc.eu-west-3.amazonaws.com", _) => oidc(asked),
        ("sts.eu-north-1.amazonaws.com", "POST /") if asked.body.contains("Action=AssumeRole") => assumed(asked),
        ("sts.eu-north-1.amazonaws.com", "POST /") => caller(),
        ("bedrock.eu-north-1.amazonaws.com", "GET /foundation-models") => json(&json!({ "modelSummaries": [
            { "modelId": MODEL, "modelName": "Claude X", "inferenceTypesSupported": ["ON_DEMAND"] },
        ] })),
        ("bedrock.eu-north-1.amazonaws.com", _) => json(&json!({ "inferenceProfileSummaries": [] })),
        ("bedrock-runtime.eu-north-1.amazonaws.com", _) => spoken(),
        (host, target) => panic!("nobody should ask {host} for {target}"),
    }
}

pub(crate) fn sso_credentials(asked: &Asked) -> Answer {
    if asked.header("x-amz-sso_bearer_token") != "SECRET-SIGNED-IN" {
        return (401, br#"{"__type":"com.amazonaws.switchboard.portal#UnauthorizedException","message":"Session token not found or invalid"}"#.to_vec());
    }
    json(&json!({ "roleCredentials": {
        "accessKeyId": "ASIASIGNEDIN", "secretAccessKey": "SECRET-KEY", "sessionToken": "SECRET-TOKEN",
        "expiration": 32_472_144_000_000_i64,
    } }))
}

pub(crate) fn oidc(asked: &Asked) -> Answer {
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    match asked.target.as_str() {
        "POST /client/register" => json(
            &json!({ "clientId": "client", "clientSecret": "SECRET-CLIENT", "clientSecretExpiresAt": 32_472_144_000_i64 }),
        ),
        "POST /device_authorization" => json(&json!({
            "deviceCode": "SECRET-DEVICE", "userCode": "ABCD-EFGH", "expiresIn": 600, "interval": 0,
            "verificationUri": "https://device.sso.eu-west-3.amazonaws.com/",
            "verificationUriComplete": "https://device.sso.eu-west-3.amazonaws.com/?user_code=ABCD-EFGH",
        })),
        _ if body["deviceCode"] == "SECRET-DEVICE" || body["refreshToken"] == "SECRET-REFRESH" => {
            json(&json!({ "accessToken": "SECRET-SIGNED-IN", "expiresIn": 28_800, "refreshToken": "SECRET-REFRESH" }))
        }
        other => panic!("{other} {body}"),
    }
}

pub(crate) fn assumed(asked: &Asked) -> Answer {
    let action = asked.body.split('&').find_map(|part| part.strip_prefix("Action=")).unwrap();
    let xml = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials>\
        <AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>SECRET-KEY</SecretAccessKey>\
        <SessionToken>SECRET-TOKEN</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>\
        </{action}Result></{action}Response>"
    );
    (200, xml.into_bytes())
}

pub(crate) fn caller() -> Answer {
    let xml = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/Twin/x</Arn>\
        </GetCallerIdentityResult></GetCallerIdentityResponse>";
    (200, xml.as_bytes().to_vec())
}

pub(crate) fn spoken() -> Answer {
    let events = [
        ("contentBlockDelta", json!({ "contentBlockIndex": 0, "delta": { "text": "yes" } })),
        ("messageStop", json!({ "stopReason": "end_turn" })),
        ("metadata", json!({ "usage": { "inputTokens": 7, "outputTokens": 2, "totalTokens": 9 } })),
    ];
    (200, events.iter().flat_map(|(kind, payload)| frame("event", ":event-type", kind, payload)).collect())
}

pub(crate) fn denied(action: &str) -> Answer {
    let text = format!("User: x is not authorized to perform: {action} on resource: y");
    (403, json!({ "__type": "com.amazon.coral#AccessDeniedException", "message": text }).to_string().into_bytes())
}

pub(crate) fn sign_in(name: &str, token: &str, expires_at: &str) {
    let folder = cache();
    fs_err::create_dir_all(&folder).unwrap();
    fs_err::write(folder.join(name), json!({ "accessToken": token, "expiresAt": expires_at }).to_string()).unwrap();
}

pub(crate) fn cache() -> PathBuf {
    std::env::home_dir().unwrap().join(".aws/sso/cache")
}

/// The hashes of `company` and of the old profile's address, as the AWS command line names the files.
pub(crate) const COMPANY: &str = "71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json";
pub(crate) const OLD: &str = "33d5ca4bf3b1a62edb96b47f7c203034a43ac435.json";
