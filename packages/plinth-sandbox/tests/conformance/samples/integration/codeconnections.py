"""Samples of AWS CodeConnections."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample


def _connection(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("codeconnections").get_connection(ConnectionArn=it.id)["Connection"]
    tags = aws("codeconnections").list_tags_for_resource(ResourceArn=it.id)["Tags"]
    return {
        "to": found["ProviderType"],
        "is": found["ConnectionStatus"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


SAMPLES = [
    Sample(
        type="aws:codeconnections/connection:Connection",
        inputs={"name": "connection-{n}", "providerType": "GitLab", "tags": {"own": "before"}},
        look=_connection,
        seen={"to": "GitLab", "is": "PENDING", "tags": {"from": "provider", "own": "before"}},
        change={"tags": {"own": "after"}},
        seen_changed={"to": "GitLab", "is": "PENDING", "tags": {"from": "provider", "own": "after"}},
        replace={"providerType": "GitHub"},
        drift=lambda aws, it: aws("codeconnections").untag_resource(ResourceArn=it.id, TagKeys=["own"]),
        drifts="tags",
        remove=lambda aws, it: aws("codeconnections").delete_connection(ConnectionArn=it.id),
    ),
]
