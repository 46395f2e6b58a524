"""SNS, S3 and CloudTrail: what subscriptions, notifications and trails lead to.

Sources: SNS API, Subscribe; S3 User Guide, "Granting permissions to publish event notification messages to a
destination"; CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail" (read 2026-11-29).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.events.permissions import NotDeliveredError, Sender, require
from plinth_sandbox.emulator.executors.events.targets import Arn, kind_of
from plinth_sandbox.emulator.patches.storage.find_bucket import find_bucket
from plinth_sandbox.emulator.preconditions.check import Checks

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_DESTINATIONS = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}


def _subscribe(call: Call) -> None:
    given = call.parameters
    if str(given["Protocol"]).startswith("email") and not _ADDRESS.fullmatch(str(given.get("Endpoint") or "")):
        raise AwsError("InvalidParameter", "Invalid parameter: Email address")
    _require_filter((given.get("Attributes") or {}).get("FilterPolicy"))


def _set_attribute(call: Call) -> None:
    if call.parameters["AttributeName"] == "FilterPolicy":
        _require_filter(call.parameters.get("AttributeValue"))


def _require_filter(text: Any) -> None:
    if text:
        try:
            json.loads(text)
        except ValueError:
            message = "Invalid parameter: FilterPolicy: failed to parse JSON."
            raise AwsError("InvalidParameter", message) from None


def _notify(call: Call) -> None:
    """S3 asks each destination whether it admits the bucket."""
    given = call.parameters
    if given.get("SkipDestinationValidation"):
        return
    sender = Sender("s3.amazonaws.com", f"arn:aws:s3:::{given['Bucket']}", call.account, call.region)
    for member, name in _DESTINATIONS.items():
        for one in given["NotificationConfiguration"].get(member) or ():
            arn = Arn.parse(str(one[name]))
            if (kind := kind_of(arn)) is None:
                continue
            with _refused_as("InvalidArgument", "Unable to validate the following destination configurations"):
                require(sender, kind.action, kind.resource(arn), kind.policies(arn))


def _deliver_trail(call: Call) -> None:
    """CloudTrail reads the access control list of the bucket before it delivers.

    A trail of the organization belongs to the management account, also if a delegated administrator creates it.
    """
    name = str(call.parameters.get("S3BucketName") or "")
    bucket = find_bucket(name)
    if bucket is None:
        return  # moto names the missing bucket
    owner = DEFAULT_ACCOUNT_ID if call.parameters.get("IsOrganizationTrail") else call.account
    trail = f"arn:aws:cloudtrail:{call.region}:{owner}:trail/{call.parameters['Name'].rpartition('/')[2]}"
    policy = bucket.policy.decode() if isinstance(bucket.policy, bytes) else str(bucket.policy or "")
    sender = Sender("cloudtrail.amazonaws.com", trail, owner, call.region)
    message = f"Incorrect S3 bucket policy is detected for bucket: {name}"
    with _refused_as("InsufficientS3BucketPolicyException", message):
        require(sender, "s3:GetBucketAcl", f"arn:aws:s3:::{name}", {name: policy})


@contextmanager
def _refused_as(code: str, message: str) -> Iterator[None]:
    """Raises AwsError if a destination does not exist, or does not admit the sender."""
    try:
        yield
    except NotDeliveredError:
        raise AwsError(code, message) from None


CHECKS: Checks = {
    ("cloudtrail", "CreateTrail"): _deliver_trail,
    ("s3", "PutBucketNotificationConfiguration"): _notify,
    ("sns", "SetSubscriptionAttributes"): _set_attribute,
    ("sns", "Subscribe"): _subscribe,
}
