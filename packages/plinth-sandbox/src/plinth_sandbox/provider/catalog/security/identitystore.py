"""Groups of the IAM Identity Center directory."""

from __future__ import annotations

from plinth_sandbox.provider.functions.security.identitystore import find_group, update_group
from plinth_sandbox.provider.vocabulary import Call, DataSource, Resource, Update

GROUP = Resource(
    type="aws:identitystore/group:Group",
    create=Call("create_group", gives={"groupId": "GroupId"}),
    identifier="{identityStoreId}/{groupId}",
    read="describe_group",
    update=[Update(update_group, carries=["description", "displayName"])],
    delete="delete_group",
    name=None,
)

THE_GROUP = DataSource(
    type="aws:identitystore/getGroup:getGroup",
    read=[find_group, Call("describe_group")],
    identifier="{groupId}",
)

DATA_SOURCES = [THE_GROUP]

RESOURCES = [GROUP]
