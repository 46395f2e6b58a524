"""Cases of policies/security/rules/sagemaker/jobs.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from policies.evaluation.readers import UNKNOWN
from policies.security.rules.sagemaker import jobs
from tests.policies.case import (
    ABSENT,
    OTHER_ACCOUNT,
    OWN_ACCOUNT,
    PROVIDER,
    Case,
    Change,
    Member,
    Situation,
    StackCase,
    but,
    put,
)

NETWORK = {
    "vpcConfig": {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
    "enableNetworkIsolation": True,
    "enableInterContainerTrafficEncryption": True,
}
CLUSTER = {"instanceCount": 2, "volumeKmsKeyId": "key"}
LIMIT = {"stoppingCondition": {"maxRuntimeInSeconds": 3600}}
TRAINING = {
    **NETWORK,
    **LIMIT,
    "resourceConfig": CLUSTER,
    "outputDataConfig": {"kmsKeyId": "key", "s3OutputPath": "s3://somewhere"},
}
TUNING = {**{key: TRAINING[key] for key in TRAINING if key != "resourceConfig"}, jobs._TUNING_RESOURCES: CLUSTER}
PROCESSING = {
    **LIMIT,
    "networkConfig": NETWORK,
    "processingResources": {"clusterConfig": CLUSTER},
    "processingOutputConfig": {"kmsKeyId": "key", "outputs": "found"},
}
TRANSFORM = {
    "transformResources": {"instanceCount": 2, "volumeKmsKeyId": "key"},
    "transformOutput": {"kmsKeyId": "key", "s3OutputPath": "s3://somewhere"},
}
OPEN = "enableInterContainerTrafficEncryption"


def faults(network: str, cluster: str, output: str) -> Mapping[str, Mapping[str, Any]]:
    """Violating values, by what is wrong."""
    return {
        "is in no subnet": {f"{network}vpcConfig.subnets": []},
        "sends unencrypted data between containers": {f"{network}{OPEN}": False},
        "sends unencrypted data between two instance groups": {
            f"{network}{OPEN}": False,
            f"{cluster}.instanceCount": ABSENT,
            f"{cluster}.instanceGroups": [{"instanceCount": 1}, {"instanceCount": 1}],
        },
        "works under the key of AWS": {f"{cluster}.volumeKmsKeyId": "alias/aws/ebs"},
        "works without a key on some machines that take one": {
            f"{cluster}.volumeKmsKeyId": ABSENT,
            f"{cluster}.instanceGroups": [{"instanceType": "ml.g5.xlarge"}, {"instanceType": "ml.m5.xlarge"}],
        },
        "reports under no key": {f"{output}.kmsKeyId": ""},
        "does not end": {"stoppingCondition": {"maxWaitTimeInSeconds": 3600}},
    }


def habits(network: str, cluster: str) -> Mapping[str, Mapping[str, Any]]:
    """Accepted values, by what is unusual."""
    return {
        "has one instance, without traffic between containers": {
            f"{network}{OPEN}": False,
            f"{cluster}.instanceCount": 1,
        },
        "has disks of its own": {f"{cluster}.volumeKmsKeyId": ABSENT, f"{cluster}.instanceType": "ml.p4d.24xlarge"},
    }


def unsettled(network: str, cluster: str) -> Mapping[str, Mapping[str, Any]]:
    """Values that are unknown in a preview, by description. In a pipeline, they are parameters."""
    return {
        "has an unknown number of instances": {
            f"{network}{OPEN}": False,
            f"{cluster}.instanceCount": UNKNOWN,
        },
        "is of groups that the deployment knows": {f"{network}{OPEN}": False, f"{cluster}.instanceGroups": UNKNOWN},
        "is of machines that the deployment knows": {
            f"{cluster}.volumeKmsKeyId": ABSENT,
            f"{cluster}.instanceType": UNKNOWN,
        },
    }


def changes(values: Mapping[str, Mapping[str, Any]], at: str = "") -> dict[str, Change]:
    return {what: but({f"{at}{path}": value for path, value in given.items()}) for what, given in values.items()}


WORDS = ("", "resourceConfig", "outputDataConfig")
OF_PROCESSING = ("networkConfig.", "processingResources.clusterConfig", "processingOutputConfig")
OF_TUNING = ("", jobs._TUNING_RESOURCES, "outputDataConfig")
OF_TRAINING = {
    "can be looked into": {"remoteDebugConfig": {"enableRemoteDebug": True}},
    "is not isolated": {"enableNetworkIsolation": False},
}


def resource(
    type_: str, said: Mapping[str, Any], words: tuple[str, str, str], at: str = "", **more: Mapping[str, Any]
) -> Case:
    network, cluster, output = words
    inputs: dict[str, Any] = dict(said)
    if at:
        inputs = {}
        put(inputs, at.removesuffix("."), dict(said))
    kept = "outputs" if network else "s3OutputPath"
    optional = {f"{at}{cluster}.instanceCount", f"{at}{output}", f"{at}{output}.{kept}", at.removesuffix(".")}
    if network:
        optional.add(f"{network}enableNetworkIsolation")
    return Case(
        rule="SM-21",
        type=type_,
        compliant=Situation(inputs=inputs),
        optional=frozenset(optional),
        refused=changes({**faults(*words), **more.get("refused", {})}, at),
        accepted=changes({**habits(network, cluster), **unsettled(network, cluster)}, at) | more.get("accepted", {}),
    )


def spelled(node: Any) -> Any:
    """Returns the values with members in the spelling of the SageMaker API."""
    if isinstance(node, dict):
        return {key[:1].upper() + key[1:] if key.isidentifier() else key: spelled(inner) for key, inner in node.items()}
    return [spelled(item) for item in node] if isinstance(node, list) else node


PARAMETER = {"Get": "Parameters.Given"}
JOINED = {"Std:Join": {"On": "/", "Values": ["s3:/", PARAMETER]}}
WORK = {
    "Training": (TRAINING, WORDS),
    "Tuning": (TUNING, OF_TUNING),
    "Processing": (PROCESSING, OF_PROCESSING),
    "QualityCheck": (PROCESSING, OF_PROCESSING),
    "ClarifyCheck": (PROCESSING, OF_PROCESSING),
}


def step(type_: str, said: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    arguments: dict[str, Any] = json.loads(json.dumps(said))
    for path, value in (values or {}).items():
        put(arguments, path, value)
    return {
        "Name": "step",
        "Type": type_,
        "Arguments": {"TrainingJobDefinition": arguments} if type_ == "Tuning" else arguments,
    }


def defined(*steps: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2020-12-01", "Steps": spelled([*steps])})


def doing(*steps: Mapping[str, Any]) -> Change:
    return but({"pipelineDefinition": defined(*steps)})


def starting(type_: str, values: Mapping[str, Any]) -> Change:
    said, _ = WORK[type_]
    return doing(step(type_, said, values))


ALL = [step(type_, said) for type_, (said, _) in WORK.items()] + [step("Transform", TRANSFORM)]
BRANCHES = {
    "IfSteps": [{"Type": "Fail", "Arguments": {"ErrorMessage": "bad"}}],
    "ElseSteps": [step("Training", {**TRAINING, "vpcConfig": {}})],
}
ROLE = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/fraud--card-scores-dev-pipeline"
SHARED = {"artifacts": "acme-artifacts-", "lake": "acme-lake-"}
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
BUCKET = f"-{OTHER_ACCOUNT}-eu-west-1-an"


def said(text: object, **situation: Any) -> Change:
    return but({"pipelineDefinition": json.dumps({"Steps": [{"Arguments": [text]}]})}, **situation)


STRAYS = {
    "has a role of another account": f"arn:aws:iam::{OTHER_ACCOUNT}:role/plinth/fraud--card-scores-dev-pipeline",
    "calls a function of another account": f"arn:aws:lambda:eu-west-1:{OTHER_ACCOUNT}:function:theirs",
    "runs an algorithm of another account": f"arn:aws:sagemaker:eu-west-1:{OTHER_ACCOUNT}:algorithm/theirs",
    "asks a queue of another account": f"https://sqs.eu-west-1.amazonaws.com/{OTHER_ACCOUNT}/theirs",
    "writes to a bucket of another account": f"s3://ml-dev-fraud{BUCKET}/found",
    "writes to a bucket that names another account": f"s3://sagemaker-eu-west-1-{OTHER_ACCOUNT}/found",
    "names a bucket of another account alone": f"ml-dev-fraud{BUCKET}",
    "names a bucket of another account by ARN": f"arn:aws:s3:::theirs-{OTHER_ACCOUNT}/*",
}
CUSTOM = {
    "runs an image of tooling": f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:{'0' * 64}",
    "names a repository of tooling": f"arn:aws:ecr:eu-west-1:{OTHER_ACCOUNT}:repository/fraud",
    "registers a model": f"arn:aws:sagemaker:eu-west-1:{OTHER_ACCOUNT}:model-package-group/fraud--card-scores-main",
    "uses a model": f"arn:aws:sagemaker:eu-west-1:{OTHER_ACCOUNT}:model-package/fraud--card-scores-main/1",
    "reads features": f"arn:aws:sagemaker:eu-west-1:{OTHER_ACCOUNT}:feature-group/cards",
    "encrypts with the key of the registry": f"arn:aws:kms:eu-west-1:{OTHER_ACCOUNT}:key/1",
    "reads a table of the lake": f"arn:aws:glue:eu-west-1:{OTHER_ACCOUNT}:catalog",
    "reads a folder of the lake": f"arn:aws:s3:eu-west-1:{OTHER_ACCOUNT}:accesspoint/fraud--scans",
    "writes to the registry": f"s3://acme-artifacts{BUCKET}/fraud/card-scores/models",
    "writes to its own bucket": f"s3://ml-dev-fraud-{OWN_ACCOUNT}-eu-west-1-an/found",
    "reads a folder of objects": f"s3://acme-lake-scans{BUCKET}/scans",
    "has a maximum runtime": "s3://somewhere/20220621T101500-1a2b3c4/202206211015",
    "looks like a key by chance": "an/cards/develop/20220621T101500/Aa1234567",
}


def named(name: str, *depends_on: str, type_: str = "Lambda", **arguments: Any) -> dict[str, Any]:
    return {"Name": name, "Type": type_, "DependsOn": [*depends_on], "Arguments": arguments}


def variables(number: int) -> dict[str, Any]:
    return {"environment": {f"V{each}": "" for each in range(number)}}


def wide(type_: str, number: int) -> dict[str, Any]:
    said, _ = WORK.get(type_, (TRANSFORM, ()))
    return step(type_, said, variables(number))


USES_LAST = {"Get": "Steps.last.OutputParameters['uri']"}
CYCLES = {
    "has a step that depends on itself": [named("only", "only")],
    "has steps that depend on each other": [named("a", "c"), named("b", "a"), named("c", "b")],
    "has a step that uses what a later one returns": [named("first", uri=[USES_LAST]), named("last", "first")],
    "has a condition that waits for a step in it": [
        named(
            "gate", type_="Condition", conditions=[{"Type": "Equals", "LeftValue": USES_LAST}], ifSteps=[named("last")]
        )
    ],
    "has a cycle in a branch of a condition": [
        named("gate", type_="Condition", elseSteps=[named("a", "b"), {"Name": "b", "Type": "Fail", "DependsOn": ["a"]}])
    ],
}
ACYCLIC = {
    "has steps that wait for earlier ones": [named("last"), named("next", "last", uri=USES_LAST), named("a", "next")],
    "has a condition with steps that use what it compares": [
        named("last"),
        named("gate", type_="Condition", conditions=[USES_LAST], ifSteps=[named("a", "last", uri=USES_LAST)]),
    ],
    "has a dependency that is no list": [{**named("a"), "DependsOn": "a"}],
    "has a reference to a parameter with the name of the step": [named("a", uri={"Get": "Parameters.Steps.a"})],
    "has a step without a name": [{"Type": "Lambda", "DependsOn": ["a"], "Arguments": {"uri": USES_LAST}}],
}
MOST = {"Training": 100, "Processing": 100, "Tuning": 48, "Transform": 16}

CASES = [
    resource("aws:sagemaker/trainingJob:TrainingJob", TRAINING, WORDS, refused=OF_TRAINING),
    resource(
        "aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob",
        TUNING,
        OF_TUNING,
        "trainingJobDefinition.",
        refused={
            **OF_TRAINING,
            "trains on machines of another sort without a key": {
                jobs._TUNING_RESOURCES: ABSENT,
                "resourceConfig": {"instanceCount": 1},
            },
        },
        accepted={
            "has several definitions": but({"trainingJobDefinition": ABSENT, "trainingJobDefinitions": [TUNING]}),
            "trains with another member for instances": but(
                {
                    f"trainingJobDefinition.{jobs._TUNING_RESOURCES}": ABSENT,
                    "trainingJobDefinition.resourceConfig": CLUSTER,
                }
            ),
        },
    ),
    resource("aws-native:sagemaker:ProcessingJob", PROCESSING, OF_PROCESSING),
    Case(
        rule="SM-21",
        type="aws:sagemaker/pipeline:Pipeline",
        compliant=Situation(inputs={"pipelineDefinition": defined(*ALL)}),
        optional=frozenset({"pipelineDefinition"}),
        refused={
            **{
                f"{type_} {what}": starting(type_, values)
                for type_, (_, words) in WORK.items()
                for what, values in {**faults(*words), **(OF_TRAINING if words[0] == "" else {})}.items()
            },
            **{
                f"{type_} is of as many instances as who starts it says, in the open": starting(
                    type_, {f"{network}{OPEN}": False, f"{cluster}.instanceCount": PARAMETER}
                )
                for type_, (_, (network, cluster, _)) in WORK.items()
            },
            "has instance types from a parameter, without a key": starting(
                "Training", {"resourceConfig.volumeKmsKeyId": ABSENT, "resourceConfig.instanceType": PARAMETER}
            ),
            "has several definitions, one with unencrypted traffic": doing(
                {"Type": "Tuning", "Arguments": {"TrainingJobDefinitions": [TUNING, {**TUNING, "vpcConfig": {}}]}}
            ),
            "transforms on volumes without a key": doing(
                step("Transform", TRANSFORM, {"transformResources": {"instanceCount": 1}})
            ),
            "has unencrypted traffic in a conditional step": doing(
                ALL[0], {"Type": "Condition", "Arguments": BRANCHES}
            ),
        },
        accepted={
            **{
                f"{type_} {what}": starting(type_, values)
                for type_, (_, (network, cluster, _)) in WORK.items()
                for what, values in habits(network, cluster).items()
            },
            "takes all from parameters": starting(
                "Training",
                {
                    "vpcConfig": PARAMETER,
                    "enableNetworkIsolation": PARAMETER,
                    OPEN: PARAMETER,
                    "resourceConfig": PARAMETER,
                    "outputDataConfig": {"s3OutputPath": JOINED, "kmsKeyId": JOINED},
                    "stoppingCondition": PARAMETER,
                },
            ),
            "does what no job does": doing({"Type": "Lambda", "Arguments": {"a": 1}}),
            "has a step from a parameter": doing({"Type": "Training", "Arguments": PARAMETER}),
            "has a step without arguments": doing({"Type": "Training"}),
            "has several definitions": doing({"Type": "Tuning", "Arguments": {"TrainingJobDefinitions": [TUNING]}}),
            "is no definition": but({"pipelineDefinition": "{"}),
        },
    ),
    Case(
        rule="SM-22",
        type="aws:sagemaker/pipeline:Pipeline",
        compliant=Situation(inputs={"pipelineDefinition": defined(*ALL), "roleArn": ROLE}),
        refused={
            "is no JSON": but({"pipelineDefinition": "{"}),
            "is a list": but({"pipelineDefinition": "[]"}),
            "is too long": but({"pipelineDefinition": " " * (jobs.MOST_CHARACTERS - 1) + "{}"}),
            "is in a bucket": but({"pipelineDefinition": ABSENT, "pipelineDefinitionS3Location": {"bucket": "b"}}),
            "runs in the role of a person": but({"roleArn": f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/people-fraud-a"}),
            "runs in a role past the platform": but({"roleArn": ROLE.replace("/plinth", "")}),
            "runs in a role of another account": but({"roleArn": STRAYS["has a role of another account"]}),
            "carries a key": said(f"export AWS_ACCESS_KEY_ID={KEY_ID}"),
            **{what: said(text, **SHARED) for what, text in STRAYS.items()},
            "names a bucket without an account": said(CUSTOM["writes to the registry"]),
            **{what: doing(*steps) for what, steps in CYCLES.items()},
            **{f"has too many variables in {type_}": doing(wide(type_, most + 1)) for type_, most in MOST.items()},
            "has too many variables in one of several definitions": doing(
                {"Type": "Tuning", "Arguments": {"TrainingJobDefinitions": [TUNING, {**TUNING, **variables(49)}]}}
            ),
        },
        accepted={
            **{what: said(text, **SHARED) for what, text in CUSTOM.items()},
            "is as long as can be": but({"pipelineDefinition": " " * (jobs.MOST_CHARACTERS - 2) + "{}"}),
            "runs in production": but({"roleArn": ROLE.replace("-dev-", "-prod-")}),
            **{what: doing(*steps) for what, steps in ACYCLIC.items()},
            **{f"has as many variables as {type_} may": doing(wide(type_, most)) for type_, most in MOST.items()},
            "has variables from a parameter": doing(step("Training", TRAINING, {"environment": PARAMETER})),
            "calls a function of a partner": said(
                STRAYS["calls a function of another account"], partner_accounts=(OTHER_ACCOUNT,)
            ),
            "is in an account that the deployment knows": said(
                STRAYS["calls a function of another account"], provider={**PROVIDER, "allowedAccountIds": UNKNOWN}
            ),
        },
    ),
]

OPENED = {"networkConfig.enableNetworkIsolation": False}
SHUT, ASKING = (step("Processing", PROCESSING, values) for values in ({}, OPENED))
TRAINS = step("Training", TRAINING, {"enableNetworkIsolation": False})

STACK_CASES = [
    StackCase(
        rule="SM-21",
        type="aws-native:sagemaker:ProcessingJob",
        what="processing may be isolated",
        members={
            "shut": Member(inputs=PROCESSING),
            "asking": Member(inputs={"networkConfig": {"enableNetworkIsolation": False}}),
            "starts a confined job": Member(
                type="aws:sagemaker/pipeline:Pipeline", inputs={"pipelineDefinition": defined(SHUT, TRAINS)}
            ),
            "starts what asks": Member(
                type="aws:sagemaker/pipeline:Pipeline", inputs={"pipelineDefinition": defined(SHUT, ASKING)}
            ),
        },
        refused=frozenset({"asking", "starts what asks"}),
    ),
]
