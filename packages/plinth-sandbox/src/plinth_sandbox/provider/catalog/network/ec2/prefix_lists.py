"""Data sources about prefix lists, the address ranges that AWS publishes."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, DataSource

PREFIX_LIST = DataSource(
    type="aws:ec2/getPrefixList:getPrefixList",
    read=[
        Call(
            "describe_prefix_lists",
            {
                "PrefixListIds": ["{prefixListId}"],
                "Filters": [{"Name": "prefix-list-name", "Values": ["{name}"]}],
            },
            within="PrefixLists[0]",
            gives={
                "cidrBlocks": "PrefixLists[0].Cidrs",
                "name": "PrefixLists[0].PrefixListName",
                "id": "PrefixLists[0].PrefixListId",
            },
        )
    ],
)

MANAGED_PREFIX_LIST = DataSource(
    type="aws:ec2/getManagedPrefixList:getManagedPrefixList",
    read=[
        Call(
            "describe_managed_prefix_lists",
            {
                "PrefixListIds": ["{id}"],
                "Filters": [{"Name": "prefix-list-name", "Values": ["{name}"]}],
            },
            within="PrefixLists[0]",
            gives={
                "arn": "PrefixLists[0].PrefixListArn",
                "name": "PrefixLists[0].PrefixListName",
                "id": "PrefixLists[0].PrefixListId",
            },
        ),
        Call("get_managed_prefix_list_entries", {"PrefixListId": "{id}"}),
    ],
)
