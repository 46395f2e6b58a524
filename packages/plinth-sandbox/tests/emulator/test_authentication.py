"""Only holders of the sandbox's credentials reach the emulated AWS and what it keeps."""

from __future__ import annotations

import json
import stat
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
import time_machine
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.wire import SECRET, URL, request_of
from plinth_sandbox.emulator.credentials import MANAGEMENT_KEY_ID
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.signature import is_signed_with
from plinth_sandbox.testing import REGION, EmulatedAws, code_of
from plinth_sandbox.waiting import LONGEST_SECONDS

REQUESTS = {
    "a query": ("iam", "create_role", {"RoleName": "a b+c/ü", "AssumeRolePolicyDocument": "{}"}),
    "JSON": ("kms", "create_key", {"Description": "ü"}),
    "an encoded path": ("lambda", "list_tags", {"Resource": "arn:aws:lambda:eu-west-1:111111111111:function:f"}),
    "a path with a slash": ("eks", "describe_cluster", {"name": "a/b c"}),
    "query parameters": ("apigateway", "get_rest_apis", {"position": "a b+c/=&ü", "limit": 5}),
    "an object": ("s3", "put_object", {"Bucket": "bucket", "Key": "a b/./c//d+ü~'", "Body": b"\x00content"}),
    "a part of a bucket": ("s3", "list_objects_v2", {"Bucket": "bucket", "Prefix": "a b/", "Delimiter": "/"}),
    "a subresource": ("s3", "get_bucket_versioning", {"Bucket": "bucket"}),
}


@pytest.mark.parametrize("sent", REQUESTS.values(), ids=REQUESTS)
def test_the_signature_of_a_client_is_recomputed(sent: tuple[str, str, dict[str, Any]]) -> None:
    service, operation, parameters = sent
    request = request_of(service, operation, **parameters)
    assert is_signed_with(request, SECRET)
    assert not is_signed_with(request, f"{SECRET}x")


@pytest.mark.parametrize(
    "tampered",
    [
        lambda request: replace(request, body=request.body + b" "),
        lambda request: replace(request, target=request.target + "?more"),
        lambda request: replace(request, method="DELETE"),
        lambda request: replace(request, headers={**request.headers, "Host": "other"}),
        lambda request: replace(request, headers={**request.headers, "X-Amz-Date": "20200101T000000Z"}),
        lambda request: replace(request, headers={**request.headers, "Authorization": "AWS4-HMAC-SHA256 nothing"}),
        lambda request: replace(request, headers={**request.headers, "Authorization": f"Bearer {SECRET}"}),
    ],
    ids=["body", "query", "method", "host", "date", "no signature", "another scheme"],
)
@pytest.mark.parametrize("sent", [REQUESTS["JSON"], REQUESTS["an object"]], ids=["JSON", "an object"])
def test_a_request_that_was_changed_after_signing_does_not_fit(sent: Any, tampered: Any) -> None:
    service, operation, parameters = sent
    request: Request = tampered(request_of(service, operation, **parameters))
    assert not is_signed_with(request, SECRET)


@pytest.mark.parametrize("version", [None, "s3v4"])
def test_a_presigned_address_fits_at_any_later_time(version: str | None) -> None:
    config = Config(signature_version=version)
    keys: Any = {"aws_access_key_id": MANAGEMENT_KEY_ID, "aws_secret_access_key": SECRET, "aws_session_token": "a/b+"}
    signer = boto3.client("s3", endpoint_url=URL, region_name=REGION, config=config, **keys)
    address = signer.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k", "VersionId": "1"})
    request = Request("GET", address.removeprefix(URL), {"Host": "127.0.0.1"})
    with time_machine.travel(timedelta(minutes=30)):
        assert is_signed_with(request, SECRET)
        assert not is_signed_with(replace(request, target=request.target.replace("/k?", "/l?")), SECRET)


REFUSALS = {
    # service: operation, and the codes for an unknown key and for a wrong secret
    "sts": ("get_caller_identity", "InvalidClientTokenId", "SignatureDoesNotMatch"),
    "ssm": ("describe_parameters", "UnrecognizedClientException", "InvalidSignatureException"),
    "s3": ("list_buckets", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    "ec2": ("describe_vpcs", "AuthFailure", "AuthFailure"),
    "lambda": ("list_functions", "UnrecognizedClientException", "InvalidSignatureException"),
}
UNSIGNED_CODES = {
    "sts": "MissingAuthenticationToken",
    "ssm": "MissingAuthenticationTokenException",
    "s3": "AccessDenied",
}


def refusal_of(aws: EmulatedAws, service: Any, key: str | None) -> str:
    """Returns the code with which a client is refused that signs with this key and a secret of its own, or not."""
    config = Config(
        read_timeout=LONGEST_SECONDS, retries={"total_max_attempts": 1}, signature_version=None if key else UNSIGNED
    )
    keys: Any = {"aws_access_key_id": key, "aws_secret_access_key": "sandbox"} if key else {}
    client: Any = boto3.client(service, endpoint_url=aws.url, region_name=REGION, config=config, **keys)
    with pytest.raises(ClientError) as error:
        getattr(client, REFUSALS[service][0])()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return code_of(error)


@pytest.mark.parametrize("service", REFUSALS)
def test_unknown_keys_and_wrong_secrets_are_refused_with_the_error_of_the_service(
    aws: EmulatedAws, service: str
) -> None:
    _, unknown, foreign = REFUSALS[service]
    assert refusal_of(aws, service, "AKIAIOSFODNN7EXAMPLE") == unknown
    assert refusal_of(aws, service, MANAGEMENT_KEY_ID) == foreign
    # A program that survives a reset must not write into the management account.
    assert refusal_of(aws, service, "ASIAIOSFODNN7EXAMPLE") == "ExpiredTokenException"


@pytest.mark.parametrize("service", UNSIGNED_CODES)
def test_unsigned_requests_are_refused_in_their_protocol(aws: EmulatedAws, service: str) -> None:
    assert refusal_of(aws, service, None) == UNSIGNED_CODES[service]


def test_a_secret_cannot_be_read_without_credentials(aws: EmulatedAws) -> None:
    aws.client("ssm").put_parameter(Name="password", Value="hunter2", Type="SecureString")
    asked = json.dumps({"Name": "password", "WithDecryption": True}).encode()
    scope = f"{MANAGEMENT_KEY_ID}/20260101/{REGION}/ssm/aws4_request"
    headers = {
        "X-Amz-Target": "AmazonSSM.GetParameter",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}",
    }
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(aws.url, data=asked, headers=headers))
    assert refused.value.code == 403
    assert b"hunter2" not in refused.value.read()


def test_what_the_emulator_holds_is_told_to_its_owner_only(aws: EmulatedAws) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{aws.url}/_sandbox/status")
    assert refused.value.code == 403


def test_a_run_is_not_ended_by_a_stranger(aws: EmulatedAws) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{aws.url}/_sandbox/outcomes", data=b"{}")
    assert refused.value.code == 403


def test_roles_are_not_assumed_with_tokens_that_nobody_signed(aws: EmulatedAws) -> None:
    sts = boto3.client("sts", endpoint_url=aws.url, region_name=REGION, config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError) as refused:
        sts.assume_role_with_web_identity(
            RoleArn="arn:aws:iam::123456789012:role/any", RoleSessionName="any", WebIdentityToken="made-up"
        )
    assert code_of(refused) == "InvalidIdentityToken"


@pytest.mark.parametrize("version", [None, "s3v4"])
def test_a_presigned_address_needs_no_credentials_and_cannot_be_changed(aws: EmulatedAws, version: str | None) -> None:
    s3 = aws.client("s3")
    bucket = f"presigned-{version or 'default'}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("a b", "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"here")
    keys: Any = aws.credentials("123456789012")
    signer = boto3.client(
        "s3", endpoint_url=aws.url, region_name=REGION, config=Config(signature_version=version), **keys
    )
    address = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b"})
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"here"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address.replace("a%20b", "other"))
    assert refused.value.code == 403


def test_sessions_stay_valid_after_a_restart(aws: EmulatedAws) -> None:
    member = aws.client("sts", aws.new_account("member"))
    before = member.get_caller_identity()["Account"]
    aws.restart()
    assert member.get_caller_identity()["Account"] == before


def test_nobody_else_can_read_what_the_emulator_keeps(aws: EmulatedAws) -> None:
    kept = [aws.directory, *(path for path in aws.directory.rglob("*") if path.name != "errors.log")]
    assert {path.name for path in kept} >= {"journal.jsonl", "management-secret", "server.json", "server.lock"}
    open_to_others = {path.name: oct(path.stat().st_mode) for path in kept if path.stat().st_mode & 0o077}
    assert open_to_others == {}


def test_a_directory_that_others_could_enter_is_closed(aws: EmulatedAws) -> None:
    aws.directory.chmod(0o755)
    aws.restart()
    assert stat.S_IMODE(aws.directory.stat().st_mode) == 0o700
