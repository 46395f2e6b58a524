"""Samples of Amazon Athena."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample

TEN_MEBIBYTES = 10_485_760


def _workgroup(aws: Aws, it: Kept) -> dict[str, Any]:
    athena = aws("athena")
    group = athena.get_work_group(WorkGroup=it.id)["WorkGroup"]
    configuration = group["Configuration"]
    tags = athena.list_tags_for_resource(ResourceARN=it.outputs["arn"])["Tags"]
    return {
        "description": group["Description"],
        "state": group["State"],
        "enforced": configuration["EnforceWorkGroupConfiguration"],
        "measured": configuration["PublishCloudWatchMetricsEnabled"],
        "limit": configuration.get("BytesScannedCutoffPerQuery"),
        "results": configuration["ResultConfiguration"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _query(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("athena").get_named_query(NamedQueryId=it.id)["NamedQuery"]
    return {
        "name": found["Name"],
        "description": found["Description"],
        "database": found["Database"],
        "query": found["QueryString"],
        "group": found["WorkGroup"],
    }


SAMPLES = [
    Sample(
        type="aws:athena/workgroup:Workgroup",
        needs={"key": ("aws:kms/key:Key", {})},
        inputs={
            "name": "sample-{n}",
            "description": "before",
            "state": "DISABLED",
            "configuration": {
                "bytesScannedCutoffPerQuery": TEN_MEBIBYTES,
                "publishCloudwatchMetricsEnabled": False,
                "resultConfiguration": {
                    "outputLocation": "s3://acme-results/before/",
                    "encryptionConfiguration": {"encryptionOption": "SSE_KMS", "kmsKeyArn": "{key.outputs.arn}"},
                },
            },
            "tags": {"own": "1"},
        },
        look=_workgroup,
        seen={
            "description": "before",
            "state": "DISABLED",
            "enforced": True,
            "measured": False,
            "limit": TEN_MEBIBYTES,
            "results": {
                "OutputLocation": "s3://acme-results/before/",
                "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": "{key.outputs.arn}"},
            },
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "description": "after",
            "state": None,
            "configuration": {"resultConfiguration": {"outputLocation": "s3://acme-results/after/"}},
            "tags": {"own": "2"},
        },
        seen_changed={
            "description": "after",
            "state": "ENABLED",
            "enforced": True,
            "measured": True,
            "limit": None,
            "results": {"OutputLocation": "s3://acme-results/after/"},
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "sample-{n}-renamed"},
        drift=lambda aws, it: aws("athena").update_work_group(WorkGroup=it.id, State="ENABLED"),
        drifts="state",
        remove=lambda aws, it: aws("athena").delete_work_group(WorkGroup=it.id),
    ),
    Sample(
        type="aws:athena/namedQuery:NamedQuery",
        needs={"group": ("aws:athena/workgroup:Workgroup", {"name": "queries-{n}"})},
        inputs={
            "name": "root-use-{n}",
            "description": "of a sample",
            "database": "audit",
            "query": "SELECT 1",
            "workgroup": "{group.id}",
        },
        look=_query,
        seen={
            "name": "root-use-{n}",
            "description": "of a sample",
            "database": "audit",
            "query": "SELECT 1",
            "group": "{group.id}",
        },
        replace={"query": "SELECT 2"},
        remove=lambda aws, it: aws("athena").delete_named_query(NamedQueryId=it.id),
    ),
]
