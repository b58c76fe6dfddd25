"""Reads the test server's ConverseStream with AWS's own client for Python and prints what it understood, as JSON."""

import base64
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

client = boto3.client(
    "bedrock-runtime",
    endpoint_url=sys.argv[1],
    region_name="eu-west-1",
    aws_access_key_id="AKIAEXAMPLE",
    aws_secret_access_key="EXAMPLE",
    # Neither the environment's proxy nor a second attempt.
    config=Config(proxies={}, retries={"total_max_attempts": 1}),
)


def ask():
    events = []
    try:
        answer = client.converse_stream(modelId="x", messages=[{"role": "user", "content": [{"text": "hi"}]}])
        for event in answer["stream"]:
            events.append(event)
    except EventStreamError as error:
        events.append({"broke": error.response["Error"]})
    except ClientError as error:
        events.append({"refused": error.response["Error"]})
    return events


print(json.dumps([ask() for _ in range(3)], default=lambda sealed: base64.b64encode(sealed).decode()))
