"""Cases for single words of rules: a resource whose compliance depends on one word of one list.

The words come from the reviewed lists, or from the settings of endpoints, and not from the code of the rules. Thus the
case of a word that was dropped from the code remains, and fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.evaluation.rule import Rule
from settings.derived.endpoint_services import (
    EndpointService,
    NetworkKind,
    endpoint_services,
    shared_endpoint_services,
)
from settings.types.kinds import ENVIRONMENTS
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Member, Situation, StackCase, document, stack_context
from tests.policies.cases.data import apis as of_apis
from tests.policies.cases.identity.grants import allowing, granting
from tests.policies.cases.identity.permissions import BUCKET, PASS_ANY
from tests.policies.cases.network import endpoints as at_endpoints
from tests.policies.cases.network.stack_networks import NETWORK, networks
from tests.policies.cases.network.stack_networks import endpoints as members_for
from tests.policies.cases.organization.rehearsals import production
from tests.policies.cases.sagemaker import registry as of_registries
from tests.policies.cases.storage import bucket_policies as of_buckets
from tests.policies.cases.storage import keys as of_keys
from tests.policies.cases.storage.bucket_policies import OTHER_ACCOUNT_ROLE, letting
from tests.policies.checking import findings, members_of, rehearsal_of, stack_findings
from tests.policies.word_lists import reviewed

IDENTITY, BUCKET_POLICY, KEY_POLICY = "aws:iam/policy:Policy", "aws:s3/bucketPolicy:BucketPolicy", "aws:kms/key:Key"
ENDPOINT, ROLE = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:iam/role:Role"


@dataclass(frozen=True)
class TokenCase:
    """A resource or a stack that a rule refuses, or accepts, because of one word."""

    words: str
    """The list that contains the word: family, module and name."""
    token: str
    rule: str
    refused: bool
    subject: tuple[str, Situation] | StackCase

    def is_as_expected(self, rule: Rule) -> bool:
        if isinstance(self.subject, StackCase):
            found: list[Any] = stack_findings(members_of(self.subject), [rule], rehearsal_of(self.subject))
        else:
            found = findings(*self.subject, [rule])
        return bool(found) is self.refused


def words(name: str) -> list[str]:
    """Returns the words of a reviewed list, such as ``identity/people._WRITING``."""
    family, _, rest = name.partition("/")
    module, _, constant = rest.partition(".")
    return reviewed(family)[module][constant]


def _each(name: str, rule: str, type_: str, refused: bool, **text: Any) -> Iterator[TokenCase]:
    """Yields a case for each word of a list: ``policy`` is a function of the word, other keywords are the context."""
    policy, (key, *_) = text.pop("policy"), (text.pop("key", "policy"),)
    for token in words(name):
        situation = Situation(inputs={key: policy(token)}, context=stack_context(**text))
        yield TokenCase(name, token, rule, refused, (type_, situation))


NAMES = {
    "account": OWN_ACCOUNT,
    "arn": f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/scores",
    "orgid": "o-acme123456",
    "orgpaths": "o-acme123456/r-acme/ou-acme-1/*",
    "aliases": "alias/plinth",
    "alias": "alias/plinth",
    "viaservice": "s3.eu-west-1.amazonaws.com",
    "serviceowner": "amazon",
    "servicename": "com.amazonaws.eu-west-1.kms",
}
"""Values that name something, by the last part of a condition key."""


def _named(key: str) -> dict[str, str]:
    """Returns a condition that names something by a key."""
    return {key: next(value for ending, value in NAMES.items() if key.endswith(ending))}


def _statement(principal: Any, action: Any, **conditions: Any) -> str:
    return document(
        {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", "Condition": conditions}
    )


def _about_identities() -> Iterator[TokenCase]:
    stack = f"arn:aws:s3:::{OTHER_ACCOUNT}-lake-curated/*"
    escalation = "inputs/escalation"
    yield from _each(f"{escalation}.ALONE", "IA-06", IDENTITY, True, policy=lambda word: granting(word, BUCKET))
    yield from _each(
        f"{escalation}.WITH_A_ROLE",
        "IA-06",
        IDENTITY,
        True,
        policy=lambda word: document(PASS_ANY, allowing(word, BUCKET)),
    )
    own = "identity/permissions"
    yield from _each(f"{own}._READING", "IA-02", IDENTITY, False, policy=lambda word: granting(f"ec2:{word}things"))
    yield from _each(f"{own}._SENSITIVE_READING", "IA-02", IDENTITY, True, policy=granting)
    yield from _each(f"{own}.WITHOUT_RESOURCE_LEVEL", "IA-02", IDENTITY, False, policy=granting)
    yield from _each(
        f"{own}.ALLOWED_MANAGED_POLICIES",
        "IA-03",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        False,
        key="policyArn",
        policy=lambda word: f"arn:aws:iam::aws:policy/{word}",
    )
    yield from _each(
        f"{own}.CLUSTER_MANAGED_POLICIES",
        "IA-03",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        False,
        key="policyArn",
        policy=lambda word: f"arn:aws:iam::aws:policy/{word}",
        kind="tooling-cluster",
    )
    people = "identity/people"
    yield from _each(f"{people}._REGISTERING", "IA-12", IDENTITY, True, policy=lambda word: granting(word, BUCKET))
    yield from _each(f"{people}._SHARING", "IA-13", IDENTITY, True, policy=granting, kind="development")
    yield from _each(
        f"{people}._WRITING", "IA-13", IDENTITY, True, policy=lambda word: granting(word, stack), kind="development"
    )
    yield from _each(
        "identity/roles._NEEDS_SOURCE_ARN",
        "IA-08",
        ROLE,
        True,
        key="assumeRolePolicy",
        policy=lambda word: _trusting(word, {"aws:SourceAccount": OWN_ACCOUNT}),
    )
    yield from _each(
        "identity/roles._SOURCES",
        "IA-08",
        ROLE,
        False,
        key="assumeRolePolicy",
        policy=lambda word: _trusting("sagemaker.amazonaws.com", _named(word)),
    )


def _trusting(service: str, condition: Mapping[str, str]) -> str:
    return _statement({"Service": service}, "sts:AssumeRole", StringEquals=condition)


def _about_stores() -> Iterator[TokenCase]:
    buckets, keys = "storage/bucket_policies", "storage/keys"
    yield from _each(
        f"{buckets}._TAKING_OVER",
        "S3-08",
        BUCKET_POLICY,
        True,
        policy=lambda word: document(letting(OTHER_ACCOUNT_ROLE, word)),
    )
    yield from _each(
        f"{buckets}._REMOVING",
        "S3-08",
        BUCKET_POLICY,
        True,
        policy=lambda word: document(letting(OTHER_ACCOUNT_ROLE, word)),
        kind="development",
    )
    for used, administered in (("_USE", "kms:putkeypolicy"), ("_ADMINISTRATION", "kms:decrypt")):
        yield from _each(
            f"{keys}.{used}",
            "KM-02",
            KEY_POLICY,
            True,
            policy=lambda word, other=administered: document(of_keys.allow(of_keys.USER, word, other)),
        )
    yield from _each(
        f"{keys}._CONFINING_KEYS",
        "KM-02",
        KEY_POLICY,
        False,
        policy=lambda word: _statement("*", "kms:Decrypt", StringEquals=_named(word)),
    )
    yield from _each(
        f"{keys}._BINDING_KEYS",
        "KM-02",
        KEY_POLICY,
        False,
        policy=lambda word: _statement(of_keys.REMOTE, "kms:Decrypt", StringEquals=_named(word)),
    )
    yield from _each(f"{keys}._DECRYPTION", "KM-03", IDENTITY, True, policy=_decrypting)
    yield from _each(
        f"{keys}._KEYS_BY_ATTRIBUTE",
        "KM-03",
        IDENTITY,
        False,
        policy=lambda word: of_keys.decrypting("*", StringEquals=_named(word)),
    )
    yield from _each(
        f"{buckets}._POINTS",
        "S3-09",
        BUCKET_POLICY,
        False,
        policy=lambda word: document(
            of_buckets.OUTSIDE,
            letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", of_buckets.LANDED, Condition={"StringEquals": _named(word)}),
        ),
        kind="data-lake",
    )
    yield from _each(
        "storage/stack_stores._CALLERS",
        "ST-07",
        KEY_POLICY,
        False,
        policy=lambda word: _statement("*", "kms:Decrypt", StringEquals=_named(word)),
    )
    yield from _each(
        "storage/stack_stores.ADMINISTRATION",
        "ST-07",
        KEY_POLICY,
        True,
        policy=lambda word: _statement(of_keys.REMOTE, word),
        kind="tooling",
    )


def _decrypting(action: str) -> str:
    return of_keys.decrypting("*", action)


def _about_endpoints() -> Iterator[TokenCase]:
    own, inside = "network/endpoints", at_endpoints.PRINCIPAL | at_endpoints.RESOURCE
    for keys, other in (("_PRINCIPAL_KEYS", at_endpoints.RESOURCE), ("_RESOURCE_KEYS", at_endpoints.PRINCIPAL)):
        yield from _each(
            f"{own}.{keys}",
            "NW-06",
            ENDPOINT,
            False,
            policy=lambda word, other=other: document(at_endpoints.allow(StringEquals=other | _named(word))),
        )
    yield from _each(
        f"{own}._SERVICE_KEYS",
        "NW-06",
        ENDPOINT,
        False,
        policy=lambda word: document(
            at_endpoints.allow(
                action=at_endpoints.MAKING,
                resource=at_endpoints.MADE,
                StringEquals=at_endpoints.PRINCIPAL | _named(word),
            )
        ),
    )
    yield from _each(
        f"{own}._PUBLIC_BUCKETS_OF_AWS",
        "NW-06",
        ENDPOINT,
        False,
        policy=lambda word: document(
            at_endpoints.allow(StringEquals=inside), at_endpoints.allow(resource=word, action="s3:GetObject")
        ),
    )
    yield from _missing_endpoints()


def _missing_endpoints() -> Iterator[TokenCase]:
    """Yields networks with every endpoint that the settings name for them, and networks that lack one of these."""
    kinds: tuple[NetworkKind, ...] = (*ENVIRONMENTS, "data-lake", "tooling", "governance")
    networks_of: list[tuple[dict[str, Any], set[str]]] = [
        *(({"kind": kind}, _names(endpoint_services(kind))) for kind in kinds),
        ({"kind": "development", "studio": True}, _names(endpoint_services("development", studio=True))),
        ({"kind": "development", "tracking": True}, _names(endpoint_services("development", tracking=True))),
        ({"kind": "development", "spark": True}, _names(endpoint_services("development", spark=True))),
        ({"kind": "development", "data_api": True}, _names(endpoint_services("development", api=True))),
        ({"kind": "tooling", "cluster": True}, _names(endpoint_services("tooling", cluster=True))),
        ({"kind": "network", "shared_endpoints": True}, _names(shared_endpoint_services())),
        ({"kind": "network", "shared_endpoints": True, "cluster": True}, _names(shared_endpoint_services())),
    ]
    for context, services in networks_of:
        required = services - NOT_REQUIRED.get(context["kind"], set())
        required |= _AUTO_MODE if context.get("cluster") else set()
        for missing in ("", *sorted(required)):
            members = {**NETWORK, **members_for(services - {missing})}
            case = networks("ST-01", f"a network without {missing}", members, "network", **context)
            yield TokenCase(f"network/stack_networks, {context}", missing, "ST-01", bool(missing), case)


_STEPS, _PEOPLE = {"lambda", "states"}, {"codecommit"}
_CLUSTER = {"autoscaling", "ec2", "eks", "eks-auth", "elasticloadbalancing"}
_AUTO_MODE = _CLUSTER - {"autoscaling"}
_STUDIO = {"elasticfilesystem", "notebook", "ssmmessages", "studio"}
NOT_REQUIRED: Mapping[str, set[str]] = {
    "data-lake": _STEPS,
    "tooling": _STEPS | _PEOPLE,
    "governance": _STEPS,
    "network": _PEOPLE | _CLUSTER | _STUDIO,
}
"""Endpoints that the settings name and ST-01 does not require, by kind: those of steps outside environments, those that
only people call, and among shared ones those of Studio and of governance, of which an organization may have neither."""


def _names(services: Iterable[EndpointService]) -> set[str]:
    return {service.service_name.partition("{region}.")[2] for service in services}


WRITTEN_GROUPS: Mapping[str, dict[str, Any]] = {
    "aws:apigateway/stage:Stage": {"accessLogSettings": {"destinationArn": "arn:group"}},
    "aws:apigatewayv2/stage:Stage": {"accessLogSettings": {"destinationArn": "arn:group"}},
    "aws:cloudtrail/trail:Trail": {"cloudWatchLogsGroupArn": "arn:group"},
    "aws:codebuild/project:Project": {"logsConfig": {"cloudwatchLogs": {"groupName": "group"}}},
    "aws:lambda/function:Function": {"loggingConfig": {"logGroup": "group"}},
    "aws:route53/queryLog:QueryLog": {"cloudwatchLogGroupArn": "arn:group"},
    "aws:sagemaker/endpoint:Endpoint": {"name": "scoring"},
    "aws:emrserverless/application:Application": {
        "monitoringConfiguration": {"cloudwatchLoggingConfiguration": {"logGroupName": "group"}}
    },
    "aws:sfn/stateMachine:StateMachine": {"loggingConfiguration": {"logDestination": "arn:group:*"}},
}
"""Properties with which a resource writes to a log group, by type."""


def _about_interfaces() -> Iterator[TokenCase]:
    """Yields operations of APIs without authentication, and reading of a registry by another account."""
    for verb in words("data/apis._OPERATIONS"):
        inputs = {
            "endpointConfiguration": {"types": "PRIVATE"},
            "body": json.dumps({"paths": {"/": {verb: {}}}}),
            "policy": of_apis.BOUND,
        }
        subject = ("aws:apigateway/restApi:RestApi", Situation(inputs=inputs))
        yield TokenCase("data/apis._OPERATIONS", verb, "AG-01", True, subject)
    yield from _each(
        "sagemaker/registry._READING",
        "SM-24",
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        False,
        key="resourcePolicy",
        policy=lambda word: document({**of_registries.READING, "Action": word}),
    )


def _about_stacks() -> Iterator[TokenCase]:
    for type_, inputs in WRITTEN_GROUPS.items():
        case = networks("ST-02", "a group of its service", {"writer": Member(type=type_, inputs=inputs)}, "writer")
        yield TokenCase("network/stack_networks.WRITERS", type_, "ST-02", True, case)
    thing = "aws:test/thing:Thing"
    name = "organization/rehearsals.SWITCH_PROPERTIES"
    for token in words(name):
        ours, theirs = ({"thing": Member(type=thing, inputs={token: value})} for value in ("this", "that"))
        yield TokenCase(name, token, "ST-14", True, production(token, ours, theirs, "thing"))
    for component in words("organization/rehearsals.ACCOUNT_LEVEL"):
        part = {"part": Member(type=ROLE, parents=(component,))}
        case = production(component, {"thing": Member(type=thing)} | part, {"thing": Member(type=thing)})
        yield TokenCase("organization/rehearsals.ACCOUNT_LEVEL", component, "ST-14", False, case)


def token_cases() -> list[TokenCase]:
    return [*_about_identities(), *_about_stores(), *_about_endpoints(), *_about_interfaces(), *_about_stacks()]
