"""CloudWatch Observability Access Manager (OAM), which moto lacks: sinks of monitoring accounts, and their links.

Sources: OAM API reference, and CloudWatch User Guide, "CloudWatch cross-account observability" (read 2026-11-28). An
account has one sink in a Region. A policy of the sink says which accounts may link to it, and what they may share. A
source account links to up to five sinks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.moto_api._internal import mock_random

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.evaluation import decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Principal, Request, Resource
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.events.permissions import account_of
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.organizations.metric_filters import (
    EVERYTHING,
    InvalidFilterError,
    NamespaceFilter,
)
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches

METRICS = "AWS::CloudWatch::Metric"
"""Type of metrics among those that a link shares."""
_MOST_LINKS = 5
_EVERYTHING = Policy.parse(
    "caller", '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)
_LABELS = ("$AccountName", "$AccountEmail", "$AccountEmailNoDomain")
"""Variables of which a label consists, or part of it."""


@dataclass(slots=True)
class Sink:
    """The place of a monitoring account to which source accounts link."""

    arn: str
    name: str
    tags: dict[str, str]
    policy: str = ""


@dataclass(slots=True)
class Link:
    """What a source account shares with a monitoring account."""

    arn: str
    label_template: str
    resource_types: list[str]
    sink_arn: str
    tags: dict[str, str] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)

    def namespaces(self) -> NamespaceFilter:
        """Returns the filter for metrics."""
        return NamespaceFilter.parse(self.configuration.get("MetricConfiguration", {}).get("Filter", EVERYTHING))


def shared_namespaces(memory: Memory, account: str, region: str) -> dict[str, NamespaceFilter]:
    """Returns which namespaces of metrics an account sees: all of its own, and those that linked accounts share with
    it, by account."""
    shared = {account: NamespaceFilter()}
    for sink in _sinks(memory, account, region):
        for link in _links_to(memory, sink):
            if METRICS in link.resource_types:
                shared[link.arn.split(":")[4]] = link.namespaces()
    return shared


def _sinks(memory: Memory, account: str, region: str) -> dict[str, Sink]:
    return memory.notes("oam", "sinks", account, region)


def _links(memory: Memory, account: str, region: str) -> dict[str, Link]:
    return memory.notes("oam", "links", account, region)


def _links_to(memory: Memory, sink_arn: str) -> Iterator[Link]:
    for links in memory.notes("oam", "sources").values():
        yield from (link for link in links.values() if link.sink_arn == sink_arn)


def _create_sink(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    sinks = _sinks(exchange.memory, call.account, call.region)
    if sinks:
        raise AwsError("ConflictException", "A sink already exists in this account and Region")
    arn = f"arn:aws:oam:{call.region}:{call.account}:sink/{mock_random.uuid4()}"
    sinks[arn] = Sink(arn, given["Name"], dict(given.get("Tags", {})))
    return call.reply(_sink_members(sinks[arn], tags=True))


def _sink(exchange: Exchange, identifier: str) -> Sink:
    """Returns a sink of the account by its ARN or its id."""
    for arn, sink in _sinks(exchange.memory, exchange.call.account, exchange.call.region).items():
        if identifier in (arn, _id(arn)):
            return sink
    raise AwsError("ResourceNotFoundException", "The sink does not exist", 404)


def _get_sink(exchange: Exchange) -> Answer:
    sink = _sink(exchange, exchange.call.parameters["Identifier"])
    return exchange.call.reply(_sink_members(sink, tags=bool(exchange.call.parameters.get("IncludeTags"))))


def _list_sinks(exchange: Exchange) -> Answer:
    sinks = _sinks(exchange.memory, exchange.call.account, exchange.call.region)
    return exchange.call.reply({"Items": [_sink_members(sink, tags=False) for sink in sinks.values()]})


def _delete_sink(exchange: Exchange) -> Answer:
    sink = _sink(exchange, exchange.call.parameters["Identifier"])
    if any(_links_to(exchange.memory, sink.arn)):
        raise AwsError("ConflictException", "You can't delete a sink that has links")
    del _sinks(exchange.memory, exchange.call.account, exchange.call.region)[sink.arn]
    return exchange.call.reply({})


def _put_policy(exchange: Exchange) -> Answer:
    sink, text = _sink(exchange, exchange.call.parameters["SinkIdentifier"]), exchange.call.parameters["Policy"]
    try:
        json.loads(text)
    except ValueError as error:
        raise AwsError("InvalidParameterException", f"The policy is not valid: {error}") from error
    sink.policy = text
    return exchange.call.reply(_policy_members(sink))


def _get_policy(exchange: Exchange) -> Answer:
    sink = _sink(exchange, exchange.call.parameters["SinkIdentifier"])
    if not sink.policy:
        raise AwsError("ResourceNotFoundException", "The sink has no policy", 404)
    return exchange.call.reply(_policy_members(sink))


def _create_link(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    links, sink_arn = _links(exchange.memory, call.account, call.region), given["SinkIdentifier"]
    if any(link.sink_arn == sink_arn for link in links.values()):
        raise AwsError("ConflictException", "A link to this sink already exists")
    if len(links) >= _MOST_LINKS:
        raise AwsError("ServiceQuotaExceededException", f"An account has at most {_MOST_LINKS} links", 429)
    types = list(given["ResourceTypes"])
    _require_sink(exchange, sink_arn, types, "oam:CreateLink")
    _check_filter(given)
    arn = f"arn:aws:oam:{call.region}:{call.account}:link/{mock_random.uuid4()}"
    links[arn] = Link(
        arn=arn,
        label_template=given["LabelTemplate"],
        resource_types=types,
        sink_arn=sink_arn,
        tags=dict(given.get("Tags", {})),
        configuration=dict(given.get("LinkConfiguration", {})),
    )
    exchange.memory.notes("oam", "sources")[f"{call.account}/{call.region}"] = links
    return call.reply(_link_members(links[arn], tags=True))


def _check_filter(given: Mapping[str, Any]) -> None:
    """Raises AwsError for a filter that OAM refuses, or that the sandbox cannot apply."""
    configuration = given.get("LinkConfiguration", {})
    if "LogGroupConfiguration" in configuration:
        raise NotEmulatedError("A link with a filter for log groups")
    try:
        NamespaceFilter.parse(configuration.get("MetricConfiguration", {}).get("Filter", EVERYTHING))
    except InvalidFilterError as error:
        raise AwsError("InvalidParameterException", f"The filter is not valid: {error}") from error


def _require_sink(exchange: Exchange, sink_arn: str, types: Sequence[str], action: str) -> None:
    """Raises AwsError unless the sink exists in the same Region and its policy admits the account with these types."""
    call = exchange.call
    parts = sink_arn.split(":")
    owner = parts[4] if len(parts) == 6 else ""
    sink = _sinks(exchange.memory, owner, call.region).get(sink_arn)
    if owner == call.account:
        raise AwsError("InvalidParameterException", "A source account cannot link to a sink of its own")
    denied = "The sink does not exist, or its policy does not admit the account and the types"
    if sink is None or not sink.policy:
        raise AwsError("InvalidParameterException", denied)
    account = account_of(call.account)
    # Permissions of the caller are judged with the call itself. This is about the policy of the sink alone.
    caller = f"arn:aws:iam::{call.account}:role/caller"
    principal = Principal(name="caller", account=account, role_arn=caller, session="sandbox", identity=(_EVERYTHING,))
    resource = Resource(
        arn=sink_arn, account=account_of(owner), policy=Policy.parse("sink policy", sink.policy), needs_policy=True
    )
    request = Request(
        principal=principal,
        action=action,
        resource=resource,
        region=call.region,
        extra={"oam:ResourceTypes": tuple(types)},
    )
    try:
        allowed = decide(request).allowed
    except UnsupportedError as error:
        raise NotEmulatedError(f"Evaluation of the sink's policy: {error}") from error
    if not allowed:
        raise AwsError("InvalidParameterException", denied)


def _link(exchange: Exchange) -> Link:
    """Returns a link of the account by its ARN or its id."""
    identifier = exchange.call.parameters["Identifier"]
    for arn, link in _links(exchange.memory, exchange.call.account, exchange.call.region).items():
        if identifier in (arn, _id(arn)):
            return link
    raise AwsError("ResourceNotFoundException", "The link does not exist", 404)


def _get_link(exchange: Exchange) -> Answer:
    include = bool(exchange.call.parameters.get("IncludeTags"))
    return exchange.call.reply(_link_members(_link(exchange), tags=include))


def _update_link(exchange: Exchange) -> Answer:
    link, given = _link(exchange), exchange.call.parameters
    _require_sink(exchange, link.sink_arn, given["ResourceTypes"], "oam:UpdateLink")
    _check_filter(given)
    link.resource_types = list(given["ResourceTypes"])
    link.configuration = dict(given.get("LinkConfiguration", link.configuration))
    return exchange.call.reply(_link_members(link, tags=True))


def _delete_link(exchange: Exchange) -> Answer:
    link = _link(exchange)
    del _links(exchange.memory, exchange.call.account, exchange.call.region)[link.arn]
    return exchange.call.reply({})


def _list_links(exchange: Exchange) -> Answer:
    links = _links(exchange.memory, exchange.call.account, exchange.call.region)
    return exchange.call.reply({"Items": [_link_members(link, tags=False) for link in links.values()]})


def _list_attached(exchange: Exchange) -> Answer:
    sink = _sink(exchange, exchange.call.parameters["SinkIdentifier"])
    items = [
        {"LinkArn": link.arn, "Label": _label(link), "ResourceTypes": link.resource_types}
        for link in _links_to(exchange.memory, sink.arn)
    ]
    return exchange.call.reply({"Items": items})


def _tagged(exchange: Exchange) -> dict[str, str]:
    """Returns the tags of the resource that a call about tags names."""
    arn, place = exchange.call.parameters["ResourceArn"], (exchange.call.account, exchange.call.region)
    held = _sinks(exchange.memory, *place).get(arn) or _links(exchange.memory, *place).get(arn)
    if held is None:
        raise AwsError("ResourceNotFoundException", "The resource does not exist", 404)
    return held.tags


def _tag(exchange: Exchange) -> Answer:
    _tagged(exchange).update(exchange.call.parameters["Tags"])
    return exchange.call.reply({})


def _untag(exchange: Exchange) -> Answer:
    tags = _tagged(exchange)
    for key in exchange.call.parameters["TagKeys"]:
        tags.pop(key, None)
    return exchange.call.reply({})


def _list_tags(exchange: Exchange) -> Answer:
    return exchange.call.reply({"Tags": _tagged(exchange)})


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _label(link: Link) -> str:
    """Returns the label of a link. AWS puts name or address of the account in the place of its variables."""
    label, account = link.label_template, link.arn.split(":")[4]
    for variable in _LABELS:
        label = label.replace(variable, account)
    return label


def _sink_members(sink: Sink, *, tags: bool) -> dict[str, Any]:
    own = {"Tags": sink.tags} if tags else {}
    return {"Arn": sink.arn, "Id": _id(sink.arn), "Name": sink.name, **own}


def _policy_members(sink: Sink) -> dict[str, Any]:
    return {"SinkArn": sink.arn, "SinkId": _id(sink.arn), "Policy": sink.policy}


def _link_members(link: Link, *, tags: bool) -> dict[str, Any]:
    own: dict[str, Any] = {"Tags": link.tags} if tags else {}
    if link.configuration:
        own["LinkConfiguration"] = link.configuration
    return {
        "Arn": link.arn,
        "Id": _id(link.arn),
        "Label": _label(link),
        "LabelTemplate": link.label_template,
        "ResourceTypes": link.resource_types,
        "SinkArn": link.sink_arn,
        **own,
    }


PATCHES: Patches = {
    "CreateLink": _create_link,
    "CreateSink": _create_sink,
    "DeleteLink": _delete_link,
    "DeleteSink": _delete_sink,
    "GetLink": _get_link,
    "GetSink": _get_sink,
    "GetSinkPolicy": _get_policy,
    "ListAttachedLinks": _list_attached,
    "ListLinks": _list_links,
    "ListSinks": _list_sinks,
    "ListTagsForResource": _list_tags,
    "PutSinkPolicy": _put_policy,
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdateLink": _update_link,
}
