"""Cases of policies/security/rules/sagemaker/models.py."""

from __future__ import annotations

import json
from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import (
    ABSENT,
    OTHER_ACCOUNT,
    OWN_ACCOUNT,
    Case,
    Change,
    Member,
    Situation,
    StackCase,
    but,
    stack_context,
)
from tests.policies.cases.sagemaker.images import KNOWN

TAG = "plinth:use-case"
SUBNETS, GROUPS = ["subnet-1", "subnet-2"], ["sg-1"]
NETWORK = {"subnets": SUBNETS, "securityGroupIds": GROUPS}
THIRD_ACCOUNT = "333333333333"


def model(
    rule: str,
    compliant: dict[str, Any],
    *optional: str,
    refused: dict[str, Change],
    accepted: dict[str, Change],
    **declared: Any,
) -> Case:
    return Case(
        rule=rule,
        type="aws:sagemaker/model:Model",
        compliant=Situation(inputs=compliant, context=stack_context(**declared)),
        optional=frozenset(optional),
        refused=refused,
        accepted=accepted,
    )


def calling(case: object = "scoring", **more: object) -> dict[str, Any]:
    """Returns a model of a use case without network isolation."""
    return {"enableNetworkIsolation": ABSENT, "tags": {TAG: case}, "vpcConfig": NETWORK, **more}


ISOLATION = model(
    "SM-09",
    {"enableNetworkIsolation": True},
    refused={
        "declares that it is not isolated": but({"enableNetworkIsolation": False}),
        "is not isolated, without a use case": but(calling() | {"tags": {}}, calling_use_cases=("scoring",)),
        "talks, and is of another use case": but(calling("limits"), calling_use_cases=("scoring",)),
        "talks outside our network": but(
            {"enableNetworkIsolation": ABSENT, "tags": {TAG: "scoring"}}, calling_use_cases=("scoring",)
        ),
        "talks where the internet is": but(calling(), calling_use_cases=("scoring",), internet_egress=True),
    },
    accepted={
        "talks, as its use case declares": but(calling(), calling_use_cases=("limits", "scoring")),
        "talks in a network that the deployment creates": but(
            calling(vpcConfig=UNKNOWN), calling_use_cases=("scoring",)
        ),
        "is not isolated, with an unknown use case": but(calling(UNKNOWN), calling_use_cases=("scoring",)),
    },
)
NETWORKS = model(
    "SM-10",
    {"vpcConfig": NETWORK},
    refused={
        "is in one zone": but({"vpcConfig.subnets": SUBNETS[:1]}),
        "names more subnets than it may": but({"vpcConfig.subnets": [f"subnet-{n}" for n in range(17)]}),
        "has no group": but({"vpcConfig.securityGroupIds": []}),
        "has more groups than it may": but({"vpcConfig.securityGroupIds": [f"sg-{n}" for n in range(6)]}),
    },
    accepted={
        "has all the subnets that it may": but({"vpcConfig.subnets": [f"subnet-{n}" for n in range(16)]}),
        "has all the groups that it may": but({"vpcConfig.securityGroupIds": [f"sg-{n}" for n in range(5)]}),
    },
)

PACKAGE = f"arn:aws:sagemaker:eu-west-1:{OTHER_ACCOUNT}:model-package/fraud--scoring-main/7"
REGISTRY = f"s3://acme-artifacts-{OTHER_ACCOUNT}-eu-west-1-an/fraud/scoring"
ML_BUCKET = f"s3://ml-prod-fraud-{OWN_ACCOUNT}-eu-west-1-an/scoring"
ADDITIONAL = "primaryContainer.additionalModelDataSources"
SOURCE = "primaryContainer.modelDataSource"
UNREGISTERED = {
    "is of its own account": PACKAGE.replace(OTHER_ACCOUNT, OWN_ACCOUNT),
    "has no number": PACKAGE.removesuffix("/7"),
    "is named without its account": "fraud--scoring-main/7",
    "is a group": PACKAGE.replace("model-package/", "model-package-group/"),
}
ELSEWHERE = {
    "in a bucket of any account": "s3://weights/model.tar.gz",
    "in another organization's bucket": REGISTRY.replace("acme", "evil"),
    "in a bucket named after the registry's": REGISTRY.replace("acme-", "not-acme-"),
    "in another account's artifacts": REGISTRY.replace(OTHER_ACCOUNT, THIRD_ACCOUNT),
    "in another environment's ML bucket": ML_BUCKET.replace(OWN_ACCOUNT, THIRD_ACCOUNT),
    "in another bucket of the account": ML_BUCKET.replace("ml-prod-fraud", "fraud-prod-scripts"),
    "behind an address": "https://weights.example/model.tar.gz",
}


def of(package: object = PACKAGE, **more: object) -> dict[str, Any]:
    return {"modelPackageName": package, **more}


ORIGINS = model(
    "SM-12",
    {
        "primaryContainer": of(
            modelDataUrl=f"{REGISTRY}/weights/",
            modelDataSource={"s3DataSources": [{"s3Uri": f"{REGISTRY}/weights/"}]},
            additionalModelDataSources=[{"s3DataSources": [{"s3Uri": f"{ML_BUCKET}/input/labels.json"}]}],
        )
    },
    "primaryContainer.modelDataUrl",
    *(f"{SOURCE}{part}" for part in ("", ".s3DataSources", ".s3DataSources.0", ".s3DataSources.0.s3Uri")),
    *(
        f"{ADDITIONAL}{part}"
        for part in ("", ".0", ".0.s3DataSources", ".0.s3DataSources.0", ".0.s3DataSources.0.s3Uri")
    ),
    refused={
        **{f"has a version that {what}": but({"primaryContainer": of(arn)}) for what, arn in UNREGISTERED.items()},
        "has an image instead": but({"primaryContainer": {"image": KNOWN}}),
        "has no container": but({"primaryContainer": ABSENT, "containers": []}),
        "has a second container with an image": but(
            {"primaryContainer": ABSENT, "containers": [of(), {"image": KNOWN}]}
        ),
        **{f"has its data {what}": but({"primaryContainer.modelDataUrl": uri}) for what, uri in ELSEWHERE.items()},
        **{f"has its source {what}": but({f"{SOURCE}.s3DataSources.0.s3Uri": uri}) for what, uri in ELSEWHERE.items()},
        **{
            f"has additional data {what}": but({f"{ADDITIONAL}.0.s3DataSources.0.s3Uri": uri})
            for what, uri in ELSEWHERE.items()
        },
        "has data in a bucket that only looks like the registry's, while the organization is unknown": but(
            artifacts=""
        ),
    },
    accepted={
        "chains two versions": but({"primaryContainer": ABSENT, "containers": [of(), of(f"{PACKAGE}1")]}),
        "has containers that the deployment knows": but({"primaryContainer": ABSENT, "containers": UNKNOWN}),
        "shares its account with tooling": but(
            {"primaryContainer": of(UNREGISTERED["is of its own account"])}, account_of_its_own=False
        ),
        "is made where the deployment knows": but(
            {"primaryContainer": of(UNREGISTERED["is of its own account"])}, provider={"allowedAccountIds": UNKNOWN}
        ),
        "has data of whatever account that is": but(
            {"primaryContainer": of(modelDataUrl=ELSEWHERE["in another environment's ML bucket"])},
            provider={"allowedAccountIds": UNKNOWN},
        ),
        "goes through no provider that is known": but({"primaryContainer": of()}, provider_name=None),
        **{
            f"is still made in {kind}": but({"primaryContainer": {"image": KNOWN}}, kind=kind)
            for kind in ("experimentation", "development", "tooling")
        },
    },
    artifacts="acme-artifacts-",
)

BEFORE = f"{PACKAGE.removesuffix('7')}6"
SIGNED = {"registry": "grace", "Review": "ben", "Release": "chloe"}
RELEASE = {"release": "fraud--scoring", "promoted_versions": (PACKAGE, BEFORE), "sign_offs": SIGNED}


def signed(**people: str) -> Change:
    return but(sign_offs=people)


RELEASES = model(
    "SM-12",
    {"primaryContainer": of()},
    refused={
        "serves a version that was not promoted": but({"primaryContainer": of(f"{PACKAGE}1")}),
        "has a second container that was not promoted": but(
            {"primaryContainer": ABSENT, "containers": [of(), of(f"{PACKAGE}1")]}
        ),
        "is of a promotion that nobody can read": but(promoted_versions=(), sign_offs={}),
        "was not approved before pre-production": signed(registry="grace", Release="chloe"),
        "was not approved before pre-production, where it is released": but(kind="preproduction", sign_offs={}),
        "was not approved before production": signed(registry="grace", Review="ben"),
        "was not approved by the business, which has to": but(business_approves=True),
        "was signed off by one person": signed(Review="ben", Release="ben"),
        "was signed off by one person under several names": signed(
            registry="Ben@acme.example", Review="ben", Release="BEN"
        ),
    },
    accepted={
        "serves the version before": but({"primaryContainer": of(BEFORE)}),
        "compares two versions": but({"primaryContainer": ABSENT, "containers": [of(), of(BEFORE)]}),
        "has containers that the update knows": but({"primaryContainer": ABSENT, "containers": UNKNOWN}),
        "was approved in both stages by one person, and by another in the registry": signed(
            registry="grace", Review="ben", Release="ben"
        ),
        "was approved in both stages, and the registry does not say by whom": signed(Review="ben", Release="chloe"),
        "was approved by the business too": but(business_approves=True, sign_offs={**SIGNED, "Business": "gina"}),
        "waits for the business": but(kind="preproduction", business_approves=True),
        "waits for the second approval": but(kind="preproduction", sign_offs={"Review": "ben"}),
        "is of no release": but({"primaryContainer": of(f"{PACKAGE}1")}, release="", sign_offs={}),
    },
    artifacts="acme-artifacts-",
    **RELEASE,
)


def served(what: str, *refused: str, release: str = "fraud--scoring", **members: Member) -> StackCase:
    return StackCase(
        rule="SM-12",
        type="aws:sagemaker/model:Model",
        what=what,
        members={"model": Member(inputs={"name": "scoring-1"}), **members},
        refused=frozenset(refused),
        context=stack_context(**{**RELEASE, "release": release}),
    )


def configuration(*names: object, shadows: tuple[object, ...] = ()) -> Member:
    inputs = {"productionVariants": [{"modelName": name} for name in names]}
    if shadows:
        inputs["shadowProductionVariants"] = [{"modelName": name} for name in shadows]
    return Member(type="aws:sagemaker/endpointConfiguration:EndpointConfiguration", inputs=inputs)


def pipeline(*, default: object = "scoring-1", named: object = None) -> Member:
    """Returns a pipeline that predicts with a parameter, or with a model that it names in a step."""
    step = {"Type": "Transform", "Arguments": {"ModelName": named or {"Get": "Parameters.ModelName"}}}
    parameters = [{"Name": "Image", "DefaultValue": "other"}, {"Name": "ModelName", "DefaultValue": default}]
    definition = json.dumps({"Parameters": parameters, "Steps": [{"Type": "Condition", "IfSteps": [step]}]})
    return Member(type="aws:sagemaker/pipeline:Pipeline", inputs={"pipelineDefinition": definition})


OTHERS = configuration("other"), pipeline(default="other")
STACK_CASES = [
    served(
        "what serves the release's own model", it=configuration("scoring-1", shadows=("scoring-1",)), run=pipeline()
    ),
    served("a configuration of another model", "it", it=configuration("scoring-1", "other")),
    served("a shadow of another model", "it", it=configuration("scoring-1", shadows=("other",))),
    served("a model whose name the update knows", it=configuration(UNKNOWN)),
    served("a pipeline with another default", "run", run=pipeline(default="other")),
    served("a step with another model", "run", run=pipeline(named="other")),
    served(
        "a pipeline that the update knows",
        run=Member(type="aws:sagemaker/pipeline:Pipeline", inputs={"pipelineDefinition": UNKNOWN}),
    ),
    served("another model outside a release", release="", it=OTHERS[0], run=OTHERS[1]),
]

CASES = [ISOLATION, NETWORKS, ORIGINS, RELEASES]
