//! What an AWS identity must be allowed, and nothing beyond.

use super::key::Prefix;
use serde_json::{Value, json};

/// The least that an identity must be allowed for this bucket, as an IAM policy to copy: what [`super::S3Bucket`] calls, on
/// the keys behind that prefix.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>.
pub fn policy(bucket: &str, prefix: &str, region: &str) -> String {
    let partition = match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let bucket = format!("arn:{partition}:s3:::{bucket}");
    let behind = Prefix::new(prefix).key("*");
    let mut list = json!({
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:ListBucketVersions"],
        "Resource": bucket,
    });
    if behind != "*" {
        // IfExists: whether an object that is not there is told apart from one that is forbidden rests on this permission
        // as well, and a request for one object carries no prefix that could be compared.
        list["Condition"] = json!({ "StringLikeIfExists": { "s3:prefix": behind } });
    }
    let policy: Value = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
                "Resource": format!("{bucket}/{behind}"),
            },
            list,
        ],
    });
    format!("{policy:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_the_prefix_and_nothing_beside_it() {
        let policy: Value = serde_json::from_str(&policy("attic", "/my/twin/", "cn-north-1")).unwrap();
        assert_eq!(policy["Statement"][0]["Resource"], "arn:aws-cn:s3:::attic/my/twin/*");
        assert_eq!(policy["Statement"][1]["Resource"], "arn:aws-cn:s3:::attic");
        assert_eq!(policy["Statement"][1]["Condition"]["StringLikeIfExists"]["s3:prefix"], "my/twin/*");
    }

    #[test]
    fn a_bucket_of_its_own_needs_no_condition() {
        let policy: Value = serde_json::from_str(&policy("attic", "", "")).unwrap();
        assert_eq!(policy["Statement"][0]["Resource"], "arn:aws:s3:::attic/*");
        assert!(policy["Statement"][1].get("Condition").is_none());
    }
}
