"""S3: principals, resources and the size of bucket policies, and the versioning of locked buckets.

Sources: S3 User Guide, "Bucket policies" and "Object Lock considerations"; the messages are quoted in AWS re:Post,
"How do I troubleshoot bucket policy errors" (read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks, has_reserved_tag
from plinth_sandbox.emulator.preconditions.policy_documents import missing_principal, parsed, statements
from plinth_sandbox.emulator.services.s3.patches.bucket_policies import covers, listed
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

LONGEST_POLICY = 20_480


def _policy(call: Call) -> None:
    text, bucket = call.parameters["Policy"], str(call.parameters["Bucket"])
    document = parsed(text)
    if document is None:
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    if len(text) > LONGEST_POLICY:
        raise AwsError("PolicyTooLarge", "Policy exceeds the maximum allowed document size.", status=400)
    for statement in statements(document):
        _statement(statement, bucket)
    if missing_principal(document) is not None:
        raise _malformed("Invalid principal in policy")


def _statement(statement: dict[str, Any], bucket: str) -> None:
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise _malformed("Missing required field Principal")
    if not all(action == "*" or str(action).lower().startswith("s3:") for action in _values(statement, "Action")):
        raise _malformed("Policy has invalid action")
    if not all(_concerns(str(resource), bucket) for resource in _values(statement, "Resource")):
        raise _malformed("Policy has invalid resource")


def _values(statement: dict[str, Any], element: str) -> Iterator[Any]:
    for name in (element, f"Not{element}"):
        yield from listed(statement.get(name))


def _concerns(resource: str, bucket: str) -> bool:
    """Returns whether a resource of a policy is the bucket or in it."""
    prefix, separator, place = resource.partition(":s3:::")
    return covers(place.partition("/")[0], bucket) if separator and prefix.startswith("arn:") else resource == "*"


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicy", message, status=400)


def _versioning(call: Call) -> None:
    bucket = find_bucket(str(call.parameters["Bucket"]))
    if bucket is None or not bucket.object_lock_enabled:
        return
    if call.parameters["VersioningConfiguration"].get("Status") == "Suspended":
        message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        raise AwsError("InvalidBucketState", message, status=409)


def _tags(call: Call) -> None:
    """Refuses tags of AWS. moto drops them from the creation of a bucket."""
    if has_reserved_tag(call.parameters.get("CreateBucketConfiguration", {}).get("Tags", [])):
        raise AwsError("InvalidTag", "System tags cannot be added/updated by requester", status=400)


CHECKS: Checks = {
    ("s3", "CreateBucket"): _tags,
    ("s3", "PutBucketPolicy"): _policy,
    ("s3", "PutBucketVersioning"): _versioning,
}
