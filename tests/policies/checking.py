"""Checks test resources as the engine does: through the SDK's wire format and proxies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi_policy import PolicyProviderResource, PolicyResource, ResourceValidationArgs
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.policy import PolicyCustomTimeouts, PolicyResourceOptions
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.evaluation.arguments import resource, resource_in_stack
from policies.evaluation.dispatch import Dispatcher, Finding
from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import PROVIDER_TYPE, Resource
from policies.evaluation.rule import Rule
from tests.policies.case import Member, Situation, StackCase


def options(*, protected: bool = False) -> PolicyResourceOptions:
    return PolicyResourceOptions(protected, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], None)


def findings(type_: str, situation: Situation, rules: Iterable[Rule]) -> list[Finding]:
    return list(Dispatcher(rules).findings(resource_of(type_, situation)))


def stack_findings(
    members: Sequence[Resource], rules: Iterable[Rule], rehearsal: Sequence[Resource] | None = None
) -> list[Finding]:
    return list(Dispatcher(rules).stack_findings(members, rehearsal))


def resource_of(type_: str, situation: Situation) -> Resource:
    """Returns the resource that rules receive for a situation."""
    provider = None
    if situation.provider_name is not None:
        provider = provider_named(situation.provider_name, situation.provider)
    arguments = ResourceValidationArgs(
        resource_type=type_,
        props=over_the_wire(situation.inputs),
        urn=f"urn:pulumi:stack::plinth::{'$'.join([*situation.parents, type_])}::{situation.name}",
        name=situation.name,
        opts=options(protected=situation.protected),
        provider=provider,
        config=None,
    )
    return replace(resource(arguments), context=situation.context)


def provider_named(name: str, inputs: Mapping[str, Any]) -> PolicyProviderResource:
    urn = f"urn:pulumi:stack::plinth::{PROVIDER_TYPE}::{name}"
    return PolicyProviderResource(PROVIDER_TYPE, over_the_wire(inputs), urn, name)


def rehearsal_of(case: StackCase) -> list[Resource] | None:
    """Returns the resources of the stack that the case's stack must match."""
    return None if case.rehearsal is None else members_of(replace(case, members=case.rehearsal))


def members_of(case: StackCase) -> list[Resource]:
    """Returns the resources that stack checks receive for a case."""

    def registered(name: str, member: Member) -> PolicyResource:
        type_ = member.type or case.type
        urn = f"urn:pulumi:fraud::plinth::{'$'.join([*member.parents, type_])}::{name}"
        allowed = {} if member.account is None else {"allowedAccountIds": accounts_of(member.account)}
        provider = provider_named(member.provider or "some", allowed) if member.provider or allowed else None
        return PolicyResource(type_, over_the_wire(member.inputs), urn, name, options(), provider, None, [], {})

    planted = {name: registered(name, member) for name, member in case.members.items()}
    for name, member in case.members.items():
        for key, source in member.sources.items():
            outsider = registered(source, Member(type="aws:test/source:Source"))
            planted[name].property_dependencies[key] = [planted.get(source, outsider)]
    return [
        replace(resource_in_stack(planted[name]), context=case.context, requested=requested_by(member))
        for name, member in case.members.items()
    ]


def accounts_of(account: object) -> object:
    """Returns a provider's property ``allowedAccountIds`` for an account."""
    return account if account is UNKNOWN else json.dumps([account])


def requested_by(member: Member) -> Properties | None:
    return None if member.requested is None else Properties(member.requested)


def over_the_wire(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Returns properties as the SDK delivers them: numbers are floats, and reading an unknown raises an exception."""
    message = struct_pb2.Struct()
    message.update(json.loads(json.dumps(inputs, default=_unknown)))
    return unknown_checking_proxy(deserialize_properties(json_format.MessageToDict(message)))


def _unknown(value: Any) -> str:
    if value is not UNKNOWN:
        raise TypeError(f"{value!r} cannot cross the wire")
    return UNKNOWN_STRING_VALUE
