"""Samples of AWS CloudTrail."""

from __future__ import annotations

from typing import Any

from conformance.members import members
from conformance.sample import Aws, Kept, Sample
from trails import admitting_trails

POLICY = admitting_trails("trail-{n}")


def _trail(aws: Aws, it: Kept) -> dict[str, Any]:
    cloudtrail = aws("cloudtrail")
    trail = cloudtrail.get_trail(Name=it.id)["Trail"]
    (listed,) = cloudtrail.list_tags(ResourceIdList=[it.id])["ResourceTagList"]
    return {
        "bucket": trail["S3BucketName"],
        "key": trail.get("KmsKeyId"),
        "everywhere": trail["IsMultiRegionTrail"],
        "validated": trail["LogFileValidationEnabled"],
        "of the organization": trail["IsOrganizationTrail"],
        "logging": cloudtrail.get_trail_status(Name=it.id)["IsLogging"],
        "selected": cloudtrail.get_event_selectors(TrailName=it.id).get("AdvancedEventSelectors"),
        "tags": {tag["Key"]: tag["Value"] for tag in listed["TagsList"]},
    }


def _given(prefix: str) -> list[dict[str, Any]]:
    return [
        {
            "name": "Data",
            "fieldSelectors": [
                {"field": "eventCategory", "equals": ["Data"]},
                {"field": "resources.type", "equals": ["AWS::S3::Object"]},
                {"field": "resources.ARN", "startsWiths": [prefix]},
            ],
        }
    ]


def _selected(prefix: str) -> list[dict[str, Any]]:
    return [
        {
            "Name": "Data",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "StartsWith": [prefix]},
            ],
        }
    ]


def _delegated(aws: Aws, _it: Kept) -> list[str]:
    listed = aws("organizations").list_delegated_administrators(ServicePrincipal="cloudtrail.amazonaws.com")
    return [found["Id"] for found in listed["DelegatedAdministrators"]]


SAMPLES = [
    Sample(
        type="aws:cloudtrail/trail:Trail",
        needs={
            "bucket": ("aws:s3/bucket:Bucket", {"bucket": "trail-{n}"}),
            "policy": (
                "aws:s3/bucketPolicy:BucketPolicy",
                {"bucket": "{bucket.id}", "policy": admitting_trails("trail-{n}")},
            ),
            "key": ("aws:kms/key:Key", {}),
        },
        inputs={
            "name": "trail-{n}",
            "s3BucketName": "{bucket.id}",
            "kmsKeyId": "{key.outputs.arn}",
            "isMultiRegionTrail": True,
            "isOrganizationTrail": True,
            "enableLogFileValidation": True,
            "advancedEventSelectors": _given("arn:aws:s3:::before-"),
            "tags": {"own": "1"},
        },
        look=_trail,
        seen={
            "bucket": "{bucket.id}",
            "key": "{key.outputs.arn}",
            "everywhere": True,
            "validated": True,
            "of the organization": True,
            "logging": True,
            "selected": _selected("arn:aws:s3:::before-"),
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "enableLogging": False,
            "enableLogFileValidation": None,
            "advancedEventSelectors": _given("arn:aws:s3:::after-"),
            "tags": {"own": "2"},
        },
        seen_changed={
            "bucket": "{bucket.id}",
            "key": "{key.outputs.arn}",
            "everywhere": True,
            "validated": False,
            "of the organization": True,
            "logging": False,
            "selected": _selected("arn:aws:s3:::after-"),
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: aws("cloudtrail").stop_logging(Name=it.id),
        drifts="enableLogging",
        remove=lambda aws, it: aws("cloudtrail").delete_trail(Name=it.id),
    ),
    Sample(
        type="aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount",
        needs=members("cloudtrail.amazonaws.com"),
        inputs={"accountId": "{audit.id}"},
        look=_delegated,
        seen=["{audit.id}"],
        replace={"accountId": "210987654321"},
        remove=lambda aws, it: aws("cloudtrail").deregister_organization_delegated_admin(DelegatedAdminAccountId=it.id),
    ),
]
