"""CloudWatch Observability Access Manager."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update

SINK = Resource(
    type="aws:oam/sink:Sink",
    create=Call("create_sink", gives={"id": "Arn"}),
    address={"Identifier": "{id}"},
    read=Call("get_sink", {"IncludeTags": True}, gives={"arn": "Arn", "sinkId": "Id"}),
    delete="delete_sink",
    tags=Tagging(read=None, address={"ResourceArn": "{id}"}),
)

SINK_POLICY = Resource(
    type="aws:oam/sinkPolicy:SinkPolicy",
    put="put_sink_policy",
    identifier="{sinkIdentifier}",
    read=Call("get_sink_policy", {"SinkIdentifier": "{id}"}, gives={"arn": "SinkArn", "sinkId": "SinkId"}),
    replaces=["sinkIdentifier"],
    name=None,
)

LINK = Resource(
    type="aws:oam/link:Link",
    create=Call("create_link", gives={"id": "Arn"}),
    address={"Identifier": "{id}"},
    read=Call(
        "get_link",
        {"IncludeTags": True},
        gives={"arn": "Arn", "linkId": "Id", "sinkIdentifier": "SinkArn", "label": "Label"},
    ),
    update=[Update(Call("update_link", carries=["resourceTypes", "linkConfiguration"]))],
    delete="delete_link",
    replaces=["labelTemplate", "sinkIdentifier"],
    name=None,
    tags=Tagging(read=None, address={"ResourceArn": "{id}"}),
)

RESOURCES = [SINK, SINK_POLICY, LINK]
