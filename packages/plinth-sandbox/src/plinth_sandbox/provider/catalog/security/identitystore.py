"""Groups and users of the IAM Identity Center directory."""

from __future__ import annotations

from plinth_sandbox.provider.functions.security.identitystore import update_group
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

BY_ATTRIBUTE = {
    "AlternateIdentifier": {
        "UniqueAttribute": {
            "AttributePath": "{alternateIdentifier.uniqueAttribute.attributePath}",
            "AttributeValue": "{alternateIdentifier.uniqueAttribute.attributeValue}",
        }
    }
}
"""Finds a group or a user by a unique attribute, usually its name."""

THE_GROUP = DataSource(
    type="aws:identitystore/getGroup:getGroup",
    read=[Call("get_group_id", BY_ATTRIBUTE, gives={"groupId": "GroupId"}), Call("describe_group")],
    identifier="{groupId}",
)

THE_USER = DataSource(
    type="aws:identitystore/getUser:getUser",
    read=[Call("get_user_id", BY_ATTRIBUTE, gives={"userId": "UserId"}), Call("describe_user")],
    identifier="{userId}",
)

DATA_SOURCES = [THE_GROUP, THE_USER]

RESOURCES = [GROUP]
