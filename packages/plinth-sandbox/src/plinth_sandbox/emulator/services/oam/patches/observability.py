"""CloudWatch Observability Access Manager (OAM), which moto lacks: sinks of monitoring accounts, and their links.

Sources: OAM API reference, and CloudWatch User Guide, "CloudWatch cross-account observability" (read 2026-11-28). An
account has one sink in a Region. A policy of the sink says which accounts may link to it, and what they may share. A
source account links to up to five sinks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moto.core.model import StructureShape
from moto.moto_api._internal import mock_random

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.evaluation import decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Principal, Request, Resource
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches
from plinth_sandbox.emulator.services.events.executor.permissions import account_of
from plinth_sandbox.emulator.services.oam.patches.metric_filters import (
    EVERYTHING,
    InvalidFilterError,
    NamespaceFilter,
)
from plinth_sandbox.emulator.store.projection import project, tags_from
from plinth_sandbox.emulator.store.record import Place, Record

METRICS = "AWS::CloudWatch::Metric"
"""Type of metrics among those that a link shares."""
_SINK, _LINK, _POLICY = "Sink", "Link", "Policy"
_MOST_LINKS = 5
_EVERYTHING = Policy.parse(
    "caller", '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)
_LABELS = ("$AccountName", "$AccountEmail", "$AccountEmailNoDomain")
"""Variables of which a label consists, or part of it."""


def shared_namespaces(memory: Memory, account: str, region: str) -> dict[str, NamespaceFilter]:
    """Returns which namespaces of metrics an account sees: all of its own, and those that linked accounts share with
    it, by account."""
    shared = {account: NamespaceFilter()}
    for sink in memory.store.records(Place(account, region, "oam"), _SINK):
        for link in _links_to(memory, sink):
            if METRICS in link.values["ResourceTypes"]:
                shared[link.place.account] = _filter(link.values)
    return shared


def _links_to(memory: Memory, sink: Record) -> Iterator[Record]:
    links = (record for record in memory.store.everywhere() if (record.place.service, record.noun) == ("oam", _LINK))
    yield from (link for link in links if link.values["SinkArn"] == sink.arn)


def _filter(values: Mapping[str, Any]) -> NamespaceFilter:
    """Returns the filter for metrics of a link, or of a request for one. Raises InvalidFilterError."""
    configuration = values.get("LinkConfiguration", {})
    return NamespaceFilter.parse(configuration.get("MetricConfiguration", {}).get("Filter", EVERYTHING))


def _create(exchange: Exchange, noun: str, **values: Any) -> Answer:
    """Stores a sink or link with an id, by which the store finds it as well as by its ARN."""
    place, identifier = exchange.place, str(mock_random.uuid4())
    arn = f"arn:aws:oam:{place.region}:{place.account}:{noun.lower()}/{identifier}"
    tags = tags_from(exchange.call.parameters.get("Tags"))
    record = Record(place, noun, {**values, "Id": identifier, "Identifier": identifier}, arn, tags)
    exchange.memory.store.add(record)
    return _described(exchange, record)


def _described(exchange: Exchange, record: Record) -> Answer:
    shape = exchange.call.operation and exchange.call.operation.output_shape
    assert isinstance(shape, StructureShape)
    return exchange.call.reply(project(shape, record))


def _get(exchange: Exchange) -> Answer:
    """Leaves tags out, unless the request asks for them."""
    included = exchange.call.parameters.get("IncludeTags")
    return exchange.below() if included else exchange.amend(lambda result: result.pop("Tags", None))


def _found(exchange: Exchange, noun: str, member: str) -> Record:
    """Returns a sink or link of the account by its ARN or its id."""
    record = exchange.kept(noun, {"Identifier": exchange.call.parameters[member]})
    if record is None:
        raise AwsError("ResourceNotFoundException", f"The {noun.lower()} does not exist", 404)
    return record


def _create_sink(exchange: Exchange) -> Answer:
    if exchange.memory.store.records(exchange.place, _SINK):
        raise AwsError("ConflictException", "A sink already exists in this account and Region")
    return _create(exchange, _SINK, Name=exchange.call.parameters["Name"])


def _delete_sink(exchange: Exchange) -> Answer:
    if any(_links_to(exchange.memory, _found(exchange, _SINK, "Identifier"))):
        raise AwsError("ConflictException", "You can't delete a sink that has links")
    return exchange.below()


def _put_policy(exchange: Exchange) -> Answer:
    sink, text = _found(exchange, _SINK, "SinkIdentifier"), exchange.call.parameters["Policy"]
    try:
        json.loads(text)
    except ValueError as error:
        raise AwsError("InvalidParameterException", f"The policy is not valid: {error}") from error
    sink.values[_POLICY] = text
    return _policy_of(exchange, sink)


def _get_policy(exchange: Exchange) -> Answer:
    sink = _found(exchange, _SINK, "SinkIdentifier")
    if _POLICY not in sink.values:
        raise AwsError("ResourceNotFoundException", "The sink has no policy", 404)
    return _policy_of(exchange, sink)


def _policy_of(exchange: Exchange, sink: Record) -> Answer:
    return exchange.call.reply({"SinkArn": sink.arn, "SinkId": sink.values["Id"], "Policy": sink.values[_POLICY]})


def _create_link(exchange: Exchange) -> Answer:
    given, links = exchange.call.parameters, exchange.memory.store.records(exchange.place, _LINK)
    if any(link.values["SinkArn"] == given["SinkIdentifier"] for link in links):
        raise AwsError("ConflictException", "A link to this sink already exists")
    if len(links) >= _MOST_LINKS:
        raise AwsError("ServiceQuotaExceededException", f"An account has at most {_MOST_LINKS} links", 429)
    _require_sink(exchange, given["SinkIdentifier"], given["ResourceTypes"], "oam:CreateLink")
    template = given["LabelTemplate"]
    return _create(
        exchange,
        _LINK,
        **_shared(given),
        LabelTemplate=template,
        Label=_label(template, exchange.call.account),
        SinkArn=given["SinkIdentifier"],
    )


def _update_link(exchange: Exchange) -> Answer:
    link, given = _found(exchange, _LINK, "Identifier"), exchange.call.parameters
    _require_sink(exchange, link.values["SinkArn"], given["ResourceTypes"], "oam:UpdateLink")
    link.values |= _shared(given)
    return _described(exchange, link)


def _shared(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a request shares by a link. Raises AwsError for a filter that OAM refuses, or that the sandbox
    cannot apply."""
    members = {name: given[name] for name in ("ResourceTypes", "LinkConfiguration") if given.get(name)}
    if "LogGroupConfiguration" in members.get("LinkConfiguration", {}):
        raise NotEmulatedError("A link with a filter for log groups")
    try:
        _filter(members)
    except InvalidFilterError as error:
        raise AwsError("InvalidParameterException", f"The filter is not valid: {error}") from error
    return members


def _require_sink(exchange: Exchange, sink_arn: str, types: Sequence[str], action: str) -> None:
    """Raises AwsError unless the sink exists in the same Region and its policy admits the account with these types."""
    call = exchange.call
    parts = sink_arn.split(":")
    owner = parts[4] if len(parts) == 6 else ""
    sink = exchange.memory.store.find(Place(owner, call.region, call.service), _SINK, {"Identifier": sink_arn})
    if owner == call.account:
        raise AwsError("InvalidParameterException", "A source account cannot link to a sink of its own")
    denied = "The sink does not exist, or its policy does not admit the account and the types"
    if sink is None or _POLICY not in sink.values:
        raise AwsError("InvalidParameterException", denied)
    account = account_of(call.account)
    # Permissions of the caller are judged with the call itself. This is about the policy of the sink alone.
    caller = f"arn:aws:iam::{call.account}:role/caller"
    principal = Principal(name="caller", account=account, role_arn=caller, session="sandbox", identity=(_EVERYTHING,))
    resource = Resource(
        arn=sink_arn,
        account=account_of(owner),
        policy=Policy.parse("sink policy", sink.values[_POLICY]),
        needs_policy=True,
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


def _list_attached(exchange: Exchange) -> Answer:
    sink = _found(exchange, _SINK, "SinkIdentifier")
    items = [
        {"LinkArn": link.arn, "Label": link.values["Label"], "ResourceTypes": link.values["ResourceTypes"]}
        for link in _links_to(exchange.memory, sink)
    ]
    return exchange.call.reply({"Items": items})


def _label(template: str, account: str) -> str:
    """Returns the label of a link. AWS puts name or address of the account in the place of its variables."""
    for variable in _LABELS:
        template = template.replace(variable, account)
    return template


PATCHES: Patches = {
    "CreateLink": _create_link,
    "CreateSink": _create_sink,
    "DeleteSink": _delete_sink,
    "GetLink": _get,
    "GetSink": _get,
    "GetSinkPolicy": _get_policy,
    "ListAttachedLinks": _list_attached,
    "PutSinkPolicy": _put_policy,
    "UpdateLink": _update_link,
}
"""The fallback store lists and deletes sinks and links, and tags them."""
