"""Rules about models: isolated, in the network, and beyond development made of nothing but what is registered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, off_but_in, refuse
from policies.security.rules.sagemaker.images import MODEL, containers_of, is_of_its_own_account
from settings.team.use_case import USE_CASE_TAG
from settings.types.naming import ML_BUCKET_PREFIX

WHERE_MODELS_ARRIVE = off_but_in("preproduction", "production")
"""Elsewhere models are made and tried before they are registered."""

_SUBNETS, _SECURITY_GROUPS = (2, 16), (1, 5)
"""SageMaker API, VpcConfig: at most 16 subnets and 5 groups. In one subnet a model goes with its zone."""

_PACKAGE = re.compile(
    r"arn:aws(?:-[a-z]+)*:sagemaker:[a-z0-9-]+:(?P<account>\d{12}):model-package/[A-Za-z0-9-]+/[1-9][0-9]*"
)
"""A version of a group: a package without a group has no number, and nobody approves it."""
_BUCKET = re.compile(r"s3://(?P<purpose>[a-z0-9-]+-)(?P<account>\d{12})-[a-z0-9-]+-an(/.*)?")


def is_isolated(subject: Subject) -> Verdict:
    """An isolated container reaches no service, so a use case may declare that its models have to."""
    properties, around = subject.properties, subject.surroundings
    if properties.flag("enableNetworkIsolation") in (True, UNKNOWN):
        return None
    if properties.text("tags", USE_CASE_TAG) not in (*around.calling_use_cases, UNKNOWN):
        return refuse(
            "may talk to others while it answers",
            fix=f"set enableNetworkIsolation, or models_call_aws of the use case that {USE_CASE_TAG} names",
        )
    if around.internet_egress or lacks(properties.value("vpcConfig")):
        return refuse("may talk to the internet while it answers", fix="isolate it, or give it subnets with no way out")
    return None


def stands_in_two_zones(subject: Subject) -> Verdict:
    for part, (fewest, most) in (("subnets", _SUBNETS), ("securityGroupIds", _SECURITY_GROUPS)):
        named = subject.properties.items("vpcConfig", part)
        if not isinstance(named, Unknown) and not fewest <= len(named or []) <= most:
            return refuse(
                "stands outside the network, or in one zone", fix=f"name {fewest} to {most} {part} in vpcConfig"
            )
    return None


def is_made_of_what_is_registered(subject: Subject) -> Verdict:
    properties = subject.properties
    containers = containers_of(properties)
    unknown = properties.may_hold_more("primaryContainer") or properties.may_hold_more("containers")
    if not (containers or unknown) or not all(_is_registered(container, subject) for container in containers):
        return refuse(
            "is not made of a version in tooling's registry",
            fix="name the ARN of the approved version in modelPackageName; its image and data come with it",
        )
    if not all(_lies_with_us(uri, container, subject) for container in containers for uri in _data_of(container)):
        return refuse(
            "takes data from elsewhere",
            fix="leave data to the version, or lay it into the registry's bucket or the environment's ML bucket",
        )
    return None


def _is_registered(container: Properties, subject: Subject) -> bool:
    named = container.text("modelPackageName")
    package = _PACKAGE.fullmatch(str(named))
    return named is UNKNOWN or (package is not None and not is_of_its_own_account(package["account"], subject))


def _data_of(container: Properties) -> Iterator[str]:
    """What its containers load beside what the version brings, as far as it is known."""
    holders = [*container.blocks("modelDataSource"), *container.blocks("additionalModelDataSources")]
    sources = [source for holder in holders for source in holder.blocks("s3DataSources")]
    for uri in (container.text("modelDataUrl"), *(source.text("s3Uri") for source in sources)):
        if isinstance(uri, str):
            yield uri


def _lies_with_us(uri: str, container: Properties, subject: Subject) -> bool:
    """In the bucket of the registry that the version is in, or in an ML bucket of the own account."""
    bucket, package = _BUCKET.fullmatch(uri), _PACKAGE.fullmatch(str(container.text("modelPackageName")))
    if bucket is None:
        return False
    if bucket["purpose"] == subject.surroundings.artifacts:
        return package is None or package["account"] == bucket["account"]
    own = subject.account_ids
    return bucket["purpose"].startswith(ML_BUCKET_PREFIX) and (isinstance(own, Unknown) or bucket["account"] in own)


RULES = (
    Rule(
        id="SM-09",
        title="Models talk to nobody while they answer",
        severity="high",
        sources=("FSBP SageMaker.5", "CKV_AWS_370", "condition key sagemaker:NetworkIsolation", "SCP-09"),
        remedy="Set enableNetworkIsolation. Where models have to call AWS services, say so by models_call_aws of their "
        "use case in the team's file, tag them with the use case, and give them subnets with no way to the internet.",
        judges=for_each(MODEL, is_isolated),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="SM-10",
        title="Models stand in our network, in two zones",
        severity="high",
        sources=("prowler sagemaker_models_vpc_settings_configured", "condition key sagemaker:VpcSubnets", "SCP-08"),
        remedy="Give vpcConfig a private subnet in each of at least two zones, and security groups.",
        judges=for_each(MODEL, stands_in_two_zones),
    ),
    Rule(
        id="SM-12",
        title="Only registered models leave development",
        severity="critical",
        sources=("prowler sagemaker_models_registry_in_use", "EXP-10", "TOOL-02"),
        remedy="Make every container of the ARN of a version in tooling's registry. Data that does not come with the "
        "version lies in the registry's bucket, or in the environment's ML bucket.",
        judges=for_each(MODEL, is_made_of_what_is_registered),
        exceptions=WHERE_MODELS_ARRIVE,
    ),
)
