"""CloudWatch Logs: class and key of log groups, the ARN for tagging, metric filters, and events by stream."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from moto.logs.models import logs_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _create(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        parameters = exchange.call.parameters
        _classes(exchange)[parameters["logGroupName"]] = parameters.get("logGroupClass", "STANDARD")
    return answer


def _describe(exchange: Exchange) -> Answer:
    def complete(result: dict[str, Any]) -> None:
        for group in result["logGroups"]:
            group["logGroupClass"] = _classes(exchange).get(group["logGroupName"], "STANDARD")
            group["logGroupArn"] = group["arn"].removesuffix(":*")

    return exchange.amend(complete)


def _associate_key(exchange: Exchange) -> Answer:
    """Sets or removes the key of a log group. moto accepts a key only on creation. Without one, AWS encrypts with its
    own key."""
    call = exchange.call
    name = call.parameters.get("logGroupName") or call.parameters["resourceIdentifier"].partition(":log-group:")[2]
    group = logs_backends[call.account][call.region].groups.get(name.removesuffix(":*"))
    if group is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    group.kms_key_id = call.parameters.get("kmsKeyId")
    return call.reply({})


def _put_metric_filter(exchange: Exchange) -> Answer:
    """Replaces an existing filter. moto keeps both."""
    call = exchange.call
    group, name = call.parameters["logGroupName"], call.parameters["filterName"]
    filters = logs_backends[call.account][call.region].filters
    answer = exchange.below()
    if answer.succeeded:
        named = [
            matching_filter
            for matching_filter in filters.get_matching_filters(name, group)
            if matching_filter["filterName"] == name
        ]
        for replaced in named[:-1]:
            filters.metric_filters.remove(replaced)
    return answer


def _filter_events(exchange: Exchange) -> Answer:
    """Searches the streams whose names begin with a prefix. moto searches all of them."""
    call, given = exchange.call, exchange.call.parameters
    if "logStreamNamePrefix" not in given:
        return exchange.below()
    if "logStreamNames" in given:
        message = "LogStreamNames and LogStreamNamePrefix parameters are mutually exclusive."
        raise AwsError("InvalidParameterException", message)
    name = given.get("logGroupName") or given["logGroupIdentifier"].rpartition(":log-group:")[2]
    group = logs_backends[call.account][call.region].groups.get(name)
    if group is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    streams = [stream for stream in group.streams if stream.startswith(given["logStreamNamePrefix"])]
    if not streams:
        return call.reply({"events": [], "searchedLogStreams": []})
    changed = {key: value for key, value in given.items() if key != "logStreamNamePrefix"}
    body = json.dumps({**changed, "logStreamNames": streams}).encode()
    return exchange.below_with(replace(call, request=replace(call.request, body=body)))


def _classes(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("logs", exchange.call.account, exchange.call.region)


def _subscribe(exchange: Exchange) -> Answer:
    """Refuses a filter that leads to a function, which moto would run itself for each event."""
    if ":lambda:" in str(exchange.call.parameters["destinationArn"]):
        raise NotEmulatedError("a filter that leads to a function")
    return exchange.below()


PATCHES: Patches = {
    "AssociateKmsKey": _associate_key,
    "CreateLogGroup": _create,
    "DescribeLogGroups": _describe,
    "DisassociateKmsKey": _associate_key,
    "FilterLogEvents": _filter_events,
    "PutMetricFilter": _put_metric_filter,
    "PutSubscriptionFilter": _subscribe,
}
