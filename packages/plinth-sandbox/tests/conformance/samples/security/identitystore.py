"""Samples of the Identity Center directory."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample


def _address(it: Kept) -> dict[str, str]:
    return {"IdentityStoreId": it.inputs["identityStoreId"], "GroupId": it.outputs["groupId"]}


def _group(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("identitystore").describe_group(**_address(it))
    return {"name": found["DisplayName"], "description": found["Description"]}


SAMPLES = [
    Sample(
        type="aws:identitystore/group:Group",
        inputs={"identityStoreId": "{center.directory}", "displayName": "sample-{n}", "description": "before"},
        look=_group,
        seen={"name": "sample-{n}", "description": "before"},
        change={"displayName": "sample-{n}-renamed", "description": "after"},
        seen_changed={"name": "sample-{n}-renamed", "description": "after"},
        replace={"identityStoreId": "d-0000000000"},
        drift=lambda aws, it: aws("identitystore").update_group(
            **_address(it), Operations=[{"AttributePath": "description", "AttributeValue": "other"}]
        ),
        drifts="description",
        remove=lambda aws, it: aws("identitystore").delete_group(**_address(it)),
    ),
]
