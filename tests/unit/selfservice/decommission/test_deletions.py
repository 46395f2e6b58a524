"""A destruction deletes what was approved, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from selfservice.decommission.deletions import deletions, refuse_unapproved
from selfservice.errors import RefusedError


def resource(name: str, type_: str = "aws:s3/bucket:Bucket", **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:{name}", "type": type_, "custom": True, **more}


def test_only_what_aws_loses_is_a_deletion() -> None:
    found = deletions(
        [
            resource("stack", "pulumi:pulumi:Stack", custom=False),
            resource("component", "plinth:storage:Bucket", custom=False),
            resource("provider", "pulumi:providers:aws"),
            resource("account", "aws:organizations/account:Account", retainOnDelete=True),
            resource("repository", protect=True),
            resource("read", external=True),
            resource("b"),
            resource("a"),
        ]
    )
    assert found == ["delete urn:a", "delete urn:b"]


@pytest.mark.threat("T-10", "T-20")
def test_a_resource_that_came_later_is_not_deleted() -> None:
    refuse_unapproved("claims-development", [resource("a")], ["delete urn:a", "delete urn:b"])
    with pytest.raises(RefusedError, match=r"claims-development has resources that nobody approved.*urn:c"):
        refuse_unapproved("claims-development", [resource("a"), resource("c")], ["delete urn:a"])


def test_a_long_list_is_shortened() -> None:
    with pytest.raises(RefusedError, match="and 3 more"):
        refuse_unapproved("claims", [resource(str(number)) for number in range(8)], [])
