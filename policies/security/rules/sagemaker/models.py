"""Rules about models: isolated, inside the VPC, and, beyond development, created only from registered versions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource, StackContext
from policies.evaluation.rule import (
    CheckResult,
    Rule,
    StackCheck,
    Violation,
    first,
    for_each,
    off_except_in,
    violation,
)
from policies.evaluation.stack import Stack
from policies.security.inputs.pipelines import PIPELINE, definition
from policies.security.rules.sagemaker.images import MODEL, containers_of, is_of_its_own_account
from policies.security.rules.sagemaker.serving import CONFIGURATION, every_variant
from settings.data.promotion_layout import BUSINESS, RELEASE, REVIEW
from settings.team.use_case import USE_CASE_TAG
from settings.types.naming import ML_BUCKET_PREFIX

BEYOND_DEVELOPMENT = off_except_in("preproduction", "production")
"""Levels of rules that apply only after registration. In other kinds, models are tried before they are registered."""

_SUBNETS, _SECURITY_GROUPS = (2, 16), (1, 5)
"""Fewest and most subnets and security groups (SageMaker API, VpcConfig). Two subnets survive the loss of a zone."""

_PACKAGE = re.compile(
    r"arn:aws(?:-[a-z]+)*:sagemaker:[a-z0-9-]+:(?P<account>\d{12}):model-package/[A-Za-z0-9-]+/[1-9][0-9]*"
)
"""ARN of a version in a model package group. A package without a group has no version number and no approval."""
_SIGNED_BEFORE: Mapping[str, tuple[str, ...]] = {"preproduction": (REVIEW,), "production": (REVIEW, RELEASE)}
"""Stages of the promotion that people approve before it deploys to an environment."""
_SIGNING_PEOPLE = 2
"""Fewest people who sign off what production serves, the approval in the registry included."""
_MODEL_PARAMETER = "ModelName"
"""Member that names a model (SageMaker API, CreateTransformJob), and parameter of pipelines that predict with it."""
_BUCKET = re.compile(r"s3://(?P<purpose>[a-z0-9-]+-)(?P<account>\d{12})-[a-z0-9-]+-an(/.*)?")


def is_isolated(resource: Resource) -> Violation | None:
    """Requires network isolation, unless the use case declares that its models call AWS services."""
    properties, context = resource.properties, resource.context
    if properties.flag("enableNetworkIsolation") in (True, UNKNOWN):
        return None
    if properties.text("tags", USE_CASE_TAG) not in (*context.calling_use_cases, UNKNOWN):
        return violation(
            "is not isolated from the network",
            fix=f"set enableNetworkIsolation, or models_call_aws of the use case in its tag {USE_CASE_TAG}",
        )
    if context.internet_egress or is_missing(properties.value("vpcConfig")):
        return violation("can reach the internet", fix="isolate it, or give it subnets without internet egress")
    return None


def is_in_two_zones(resource: Resource) -> Violation | None:
    for part, (fewest, most) in (("subnets", _SUBNETS), ("securityGroupIds", _SECURITY_GROUPS)):
        named = resource.properties.items("vpcConfig", part)
        if not isinstance(named, Unknown) and not fewest <= len(named or []) <= most:
            return violation("is outside the VPC, or in one zone", fix=f"name {fewest} to {most} {part} in vpcConfig")
    return None


def is_approved_and_registered(resource: Resource) -> Violation | None:
    return first((_is_created_from_registered_versions(resource), _is_signed_off(resource)))


def _is_created_from_registered_versions(resource: Resource) -> Violation | None:
    properties = resource.properties
    containers = containers_of(properties)
    unknown = properties.may_have_more("primaryContainer") or properties.may_have_more("containers")
    if not (containers or unknown) or not all(_is_registered(container, resource) for container in containers):
        return violation(
            "is not created from a version in tooling's registry",
            fix="set modelPackageName to the ARN of the approved version, which includes image and data",
        )
    if not all(
        _is_in_a_known_bucket(uri, container, resource) for container in containers for uri in _data_of(container)
    ):
        return violation(
            "loads data from an unknown bucket",
            fix="include the data in the version, or store it in the registry's bucket or the environment's ML bucket",
        )
    return None


def _is_registered(container: Properties, resource: Resource) -> bool:
    named = container.text("modelPackageName")
    package = _PACKAGE.fullmatch(str(named))
    return named is UNKNOWN or (package is not None and not is_of_its_own_account(package["account"], resource))


def _data_of(container: Properties) -> Iterator[str]:
    """Yields the known URIs of data that a container loads in addition to its model package."""
    data_sources = [*container.blocks("modelDataSource"), *container.blocks("additionalModelDataSources")]
    sources = [source for holder in data_sources for source in holder.blocks("s3DataSources")]
    for uri in (container.text("modelDataUrl"), *(source.text("s3Uri") for source in sources)):
        if isinstance(uri, str):
            yield uri


def _is_in_a_known_bucket(uri: str, container: Properties, resource: Resource) -> bool:
    """Whether data is in the bucket of the version's registry, or in an ML bucket of the own account."""
    bucket, package = _BUCKET.fullmatch(uri), _PACKAGE.fullmatch(str(container.text("modelPackageName")))
    if bucket is None:
        return False
    if bucket["purpose"] == resource.context.artifacts:
        return package is None or package["account"] == bucket["account"]
    own = resource.account_ids
    return bucket["purpose"].startswith(ML_BUCKET_PREFIX) and (isinstance(own, Unknown) or bucket["account"] in own)


def _is_signed_off(resource: Resource) -> Violation | None:
    """In a release, requires the versions that its promotion names, and the approvals of people."""
    context = resource.context
    if not context.release:
        return None
    versions = [container.text("modelPackageName") for container in containers_of(resource.properties)]
    if any(version is not UNKNOWN and version not in context.promoted_versions for version in versions):
        return violation("serves a version that its promotion does not name", fix="promote this version")
    if missing := _missing_sign_off(context):
        return violation(f"is released without {missing}", fix="let the promotion pipeline release it")
    return None


def _missing_sign_off(context: StackContext) -> str:
    stages = _SIGNED_BEFORE[context.kind]
    if context.business_approves and context.kind == "production":
        stages = (*stages, BUSINESS)
    if missing := [stage for stage in stages if stage not in context.sign_offs]:
        return f"an approval of the stage {missing[0]}"
    people = {person.casefold().partition("@")[0] for person in context.sign_offs.values()}
    return "a second person" if context.kind == "production" and len(people) < _SIGNING_PEOPLE else ""


def releases_serve_their_own_models(stack: Stack) -> Iterator[CheckResult]:
    """Checks that what a release serves is a model of its own stack, which the rule has judged."""
    if not stack.context.release:
        return
    own = {model.properties.text("name") for model in stack.of(MODEL)}
    for served in stack.of((*CONFIGURATION, *PIPELINE)):
        if any(name not in own for name in _models_served_by(served)):
            yield served, violation("serves a model of another stack", fix="create the model in the release")


def _models_served_by(resource: Resource) -> Iterator[str]:
    """Yields the known names of models of an endpoint configuration, or of a pipeline."""
    names = [variant.text("modelName") for variant in every_variant(resource.properties)]
    yield from (name for name in (*names, *_model_names(definition(resource))) if isinstance(name, str))


def _model_names(node: object) -> Iterator[object]:
    """Yields the models that a pipeline definition names, and the defaults of parameters that name one."""
    if isinstance(node, Mapping):
        yield node.get(_MODEL_PARAMETER)
        if node.get("Name") == _MODEL_PARAMETER:
            yield node.get("DefaultValue")
        node = [*node.values()]
    if isinstance(node, list):
        for inner in node:
            yield from _model_names(inner)


RULES = (
    Rule(
        id="SM-09",
        title="Models are isolated from the network",
        severity="high",
        sources=("FSBP SageMaker.5", "CKV_AWS_370", "condition key sagemaker:NetworkIsolation", "SCP-09"),
        remedy="Set enableNetworkIsolation. If models have to call AWS services, set models_call_aws of their use case "
        "in the team's file, tag them with the use case, and give them subnets without internet egress.",
        checks=for_each(MODEL, is_isolated),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="SM-10",
        title="Models run in the VPC in two zones",
        severity="high",
        sources=("prowler sagemaker_models_vpc_settings_configured", "condition key sagemaker:VpcSubnets", "SCP-08"),
        remedy="Set vpcConfig to private subnets in at least two zones, and security groups.",
        checks=for_each(MODEL, is_in_two_zones),
    ),
    Rule(
        id="SM-12",
        title="Beyond development, models are created from registered and approved versions",
        severity="critical",
        sources=("prowler sagemaker_models_registry_in_use", "EXP-10", "TOOL-02", "PROM-07", "PROM-09"),
        remedy="Set modelPackageName of every container to a version in tooling's registry. Store data that is not "
        "part of the version in the registry's bucket or in the environment's ML bucket. Release by the promotion "
        "pipeline: it names the version, and the people who approved it in the registry and in the stages of the "
        "promotion. Serve only models that the release creates.",
        checks=for_each(MODEL, is_approved_and_registered),
        stack_checks=(StackCheck((*MODEL, *CONFIGURATION, *PIPELINE), releases_serve_their_own_models),),
        exceptions=BEYOND_DEVELOPMENT,
    ),
)
