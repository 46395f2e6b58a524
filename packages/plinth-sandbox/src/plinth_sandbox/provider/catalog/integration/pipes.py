"""Amazon EventBridge Pipes."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging

PIPE = Resource(
    type="aws:pipes/pipe:Pipe",
    create=Call("create_pipe", gives={"id": "Name", "arn": "Arn"}),
    address={"Name": "{id}"},
    read=Call("describe_pipe", gives={"arn": "Arn"}),
    update=["update_pipe"],
    delete="delete_pipe",
    defaults={"desiredState": "RUNNING"},
    computed=["sourceParameters", "targetParameters"],
    replaces=["source"],
    name=Name(longest=64),
    tags=Tagging(),
)

RESOURCES = [PIPE]
