"""CloudTrail: the policy of the bucket to which a trail delivers.

Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail" (read 2026-11-29).
"""

from __future__ import annotations

from moto.core import DEFAULT_ACCOUNT_ID

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.services.events.executor.permissions import Sender, refused_as, require
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket


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
    with refused_as("InsufficientS3BucketPolicyException", message):
        require(sender, "s3:GetBucketAcl", f"arn:aws:s3:::{name}", {name: policy})


CHECKS: Checks = {("cloudtrail", "CreateTrail"): _deliver_trail}
