"""S3: buckets that receive access logs. moto accepts a bucket policy only in one spelling."""

from __future__ import annotations

import json
from typing import Any

from moto.s3.models import FakeBucket

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.s3.patches.bucket_policies import covers, listed
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

SERVICE = "logging.s3.amazonaws.com"


def patch_moto() -> None:
    FakeBucket._log_permissions_enabled_policy = staticmethod(_allows_log_delivery)


def _allows_log_delivery(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
    log = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}2026-01-01-log"
    statements = listed(json.loads(target_bucket.policy or b"{}").get("Statement"))
    return any(_allows(statement, log) for statement in statements)


def _allows(statement: dict[str, Any], log: str) -> bool:
    principal = statement.get("Principal")
    services = listed(principal.get("Service")) if isinstance(principal, dict) else listed(principal)
    return (
        statement.get("Effect") == "Allow"
        and any(service in ("*", SERVICE) for service in services)
        and any(covers(action.lower(), "s3:putobject") for action in listed(statement.get("Action")))
        and any(covers(resource, log) for resource in listed(statement.get("Resource")))
    )


def _put_logging(exchange: Exchange) -> Answer:
    """Refuses a target with Object Lock (S3 User Guide, "Object Lock considerations", read 2026-11-21)."""
    target = exchange.call.parameters["BucketLoggingStatus"].get("LoggingEnabled", {}).get("TargetBucket", "")
    bucket = find_bucket(target)
    if bucket is not None and bucket.object_lock_enabled:
        raise AwsError(
            "InvalidTargetBucketForLogging",
            "The target bucket for logging cannot have Object Lock enabled.",
            status=400,
        )
    return exchange.below()


PATCHES: Patches = {"PutBucketLogging": _put_logging}
