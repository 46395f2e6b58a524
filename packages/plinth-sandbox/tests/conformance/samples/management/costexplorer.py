"""Samples of AWS Cost Explorer."""

from __future__ import annotations

from conformance.sample import Aws, Kept, Sample


def _status(aws: Aws, it: Kept) -> str:
    (tag,) = aws("ce").list_cost_allocation_tags(TagKeys=[it.id])["CostAllocationTags"]
    return str(tag["Status"])


SAMPLES = [
    Sample(
        type="aws:costexplorer/costAllocationTag:CostAllocationTag",
        inputs={"tagKey": "plinth:team{n}", "status": "Active"},
        look=_status,
        seen="Active",
        change={"status": "Inactive"},
        seen_changed="Inactive",
        replace={"tagKey": "plinth:owner"},
        drift=lambda aws, it: aws("ce").update_cost_allocation_tags_status(
            CostAllocationTagsStatus=[{"TagKey": it.id, "Status": "Inactive"}]
        ),
        drifts="status",
    ),
]
