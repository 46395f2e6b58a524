"""Judges a situation the way the engine has it judged: through the SDK's own wire format and proxies."""

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

from policies.security.dispatch import Dispatcher, Finding
from policies.security.inputs.arguments import related_subject, subject
from policies.security.inputs.readers import UNKNOWN, Properties
from policies.security.inputs.subject import PROVIDER_TYPE, Subject
from policies.security.rule import Rule
from tests.policies.case import Member, RelationCase, Situation


def options(*, protected: bool = False) -> PolicyResourceOptions:
    return PolicyResourceOptions(protected, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], None)


def findings(type_: str, situation: Situation, rules: Iterable[Rule]) -> list[Finding]:
    return list(Dispatcher(rules).findings(resource_of(type_, situation)))


def findings_together(
    members: Sequence[Subject], rules: Iterable[Rule], rehearsal: Sequence[Subject] | None = None
) -> list[Finding]:
    return list(Dispatcher(rules).findings_together(members, rehearsal))


def resource_of(type_: str, situation: Situation) -> Subject:
    """The resource as a rule sees it."""
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
    return replace(subject(arguments), surroundings=situation.surroundings)


def provider_named(name: str, inputs: Mapping[str, Any]) -> PolicyProviderResource:
    urn = f"urn:pulumi:stack::plinth::{PROVIDER_TYPE}::{name}"
    return PolicyProviderResource(PROVIDER_TYPE, over_the_wire(inputs), urn, name)


def rehearsal_of(case: RelationCase) -> list[Subject] | None:
    """The resources of the stack that the case's has to equal."""
    return None if case.rehearsal is None else members_of(replace(case, members=case.rehearsal))


def members_of(case: RelationCase) -> list[Subject]:
    """The resources of a stack as a rule sees them."""

    def resource(name: str, member: Member) -> PolicyResource:
        type_ = member.type or case.type
        urn = f"urn:pulumi:fraud::plinth::{'$'.join([*member.parents, type_])}::{name}"
        confined = {} if member.account is None else {"allowedAccountIds": accounts_of(member.account)}
        through = provider_named(member.provider or "some", confined) if member.provider or confined else None
        return PolicyResource(type_, over_the_wire(member.inputs), urn, name, options(), through, None, [], {})

    planted = {name: resource(name, member) for name, member in case.members.items()}
    for name, member in case.members.items():
        for key, source in member.sources.items():
            outsider = resource(source, Member(type="aws:test/source:Source"))
            planted[name].property_dependencies[key] = [planted.get(source, outsider)]
    return [
        replace(related_subject(planted[name]), surroundings=case.surroundings, asked=asked_of(member))
        for name, member in case.members.items()
    ]


def accounts_of(account: object) -> object:
    """As a provider says which accounts it may build in."""
    return account if account is UNKNOWN else json.dumps([account])


def asked_of(member: Member) -> Properties | None:
    return None if member.asked is None else Properties(member.asked)


def over_the_wire(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the SDK makes of properties that arrive from the engine: numbers are floats, unknowns raise when read."""
    message = struct_pb2.Struct()
    message.update(json.loads(json.dumps(inputs, default=_unknown)))
    return unknown_checking_proxy(deserialize_properties(json_format.MessageToDict(message)))


def _unknown(value: Any) -> str:
    if value is not UNKNOWN:
        raise TypeError(f"{value!r} cannot cross the wire")
    return UNKNOWN_STRING_VALUE
