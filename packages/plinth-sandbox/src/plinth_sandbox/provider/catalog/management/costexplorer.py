"""AWS Cost Explorer."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Resource

COST_ALLOCATION_TAG = Resource(
    type="aws:costexplorer/costAllocationTag:CostAllocationTag",
    service="ce",
    put=Call(
        "update_cost_allocation_tags_status",
        {"CostAllocationTagsStatus": [{"TagKey": "{tagKey}", "Status": "{status}"}]},
        carries=["status"],
    ),
    identifier="{tagKey}",
    read=Call("list_cost_allocation_tags", {"TagKeys": ["{tagKey}"]}, within="CostAllocationTags[0]"),
    # AWS never forgets a tag. Deactivating it removes it from the bills.
    delete=Call(
        "update_cost_allocation_tags_status",
        {"CostAllocationTagsStatus": [{"TagKey": "{tagKey}", "Status": "Inactive"}]},
    ),
    name=None,
)

RESOURCES = [COST_ALLOCATION_TAG]
