"""AWS CodeConnections. A connection is PENDING until a person completes it in the console."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging

CONNECTION = Resource(
    type="aws:codeconnections/connection:Connection",
    create=Call("create_connection", gives={"id": "ConnectionArn"}),
    address={"ConnectionArn": "{id}"},
    read=Call("get_connection", within="Connection"),
    delete="delete_connection",
    renames={"name": "ConnectionName", "arn": "ConnectionArn"},
    volatile=["connectionStatus"],
    exactly_one=[["providerType", "hostArn"]],
    name=Name(longest=32),
    tags=Tagging(),
)

RESOURCES = [CONNECTION]
