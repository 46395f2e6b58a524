"""Cases of policies/security/rules/sagemaker/monitoring.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Change, Member, Situation, StackCase, but

DEFINITION = {
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": "dataQualityJobOutputConfig",
    "aws-native:sagemaker:ModelBiasJobDefinition": "modelBiasJobOutputConfig",
    "aws-native:sagemaker:ModelExplainabilityJobDefinition": "modelExplainabilityJobOutputConfig",
    "aws-native:sagemaker:ModelQualityJobDefinition": "modelQualityJobOutputConfig",
}


QUALITY, *NATIVE = DEFINITION
SCHEDULE = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"
INLINE = "monitoringScheduleConfig.monitoringJobDefinition"
SHUT_IN = {"enableNetworkIsolation": True, "enableInterContainerTrafficEncryption": True}
INSIDE = {"vpcConfig": {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}}
CLUSTER = {"clusterConfig": {"volumeKmsKeyId": "key"}}
LIMIT = {"maxRuntimeInSeconds": 3600}
FOUND = {"kmsKeyId": "key", "monitoringOutputs": "found"}

SAID = {"jobResources": CLUSTER, "networkConfig": INSIDE, "stoppingCondition": LIMIT}
SAID_INLINE = {
    "monitoringResources": CLUSTER,
    "monitoringOutputConfig": FOUND,
    "networkConfig": INSIDE,
    "stoppingConditions": [LIMIT],
}
NAMED = {
    "names a definition": but({"monitoringScheduleConfig": {"monitoringJobDefinitionName": "quality"}}),
    "names what the deployment knows": but({"monitoringScheduleConfig": {"monitoringJobDefinitionName": UNKNOWN}}),
}


def shut_in(type_: str, inputs: Mapping[str, Any], network: str, accepted: Mapping[str, Change]) -> Case:
    return Case(
        rule="SM-19",
        type=type_,
        compliant=Situation(inputs=inputs),
        refused={
            "is not isolated": but({f"{network}.enableNetworkIsolation": False}),
            "sends unencrypted data between containers": but(
                {f"{network}.enableInterContainerTrafficEncryption": False}
            ),
        },
        accepted=accepted,
    )


def confined(type_: str, inputs: Mapping[str, Any], at: str, words: tuple[str, str, str], **more: Any) -> Case:
    output, resources, end = words
    cluster = f"{at}{resources}.clusterConfig"
    return Case(
        rule="SM-20",
        type=type_,
        compliant=Situation(inputs=inputs),
        optional=frozenset({f"{at}{output}", f"{at}{output}.monitoringOutputs"}),
        refused={
            "is in no subnet": but({f"{at}networkConfig.vpcConfig.subnets": []}),
            "has no group": but({f"{at}networkConfig.vpcConfig.securityGroupIds": []}),
            "works under the key of AWS": but({f"{cluster}.volumeKmsKeyId": "alias/aws/ebs"}),
            "reports under the key of AWS": but({f"{at}{output}.kmsKeyId": "alias/aws/s3"}),
            "has no maximum runtime": but({f"{at}{end}": more.get("endless", {})}),
        },
        accepted={
            "has disks of its own, which take no key": but(
                {f"{cluster}.volumeKmsKeyId": ABSENT, f"{cluster}.instanceType": "ml.g5.xlarge"}
            ),
            "is of machines that the deployment knows": but(
                {f"{cluster}.volumeKmsKeyId": ABSENT, f"{cluster}.instanceType": UNKNOWN}
            ),
            **more.get("accepted", {}),
        },
    )


def defined(type_: str, output: str) -> list[Case]:
    keyed = {**SAID, output: FOUND}
    return [
        shut_in(type_, {"networkConfig": SHUT_IN}, "networkConfig", {}),
        confined(type_, keyed, "", (output, "jobResources", "stoppingCondition")),
    ]


def scheduled(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"monitoringScheduleConfig": {"monitoringJobDefinition": said}}


CASES = [
    *[case for type_, output in DEFINITION.items() for case in defined(type_, output)],
    shut_in(SCHEDULE, scheduled({"networkConfig": SHUT_IN}), f"{INLINE}.networkConfig", NAMED),
    confined(
        SCHEDULE,
        scheduled(SAID_INLINE),
        f"{INLINE}.",
        ("monitoringOutputConfig", "monitoringResources", "stoppingConditions"),
        endless=[{}],
        accepted={**NAMED, "has an unknown maximum runtime": but({f"{INLINE}.stoppingConditions": [UNKNOWN]})},
    ),
]


def run(name: object) -> Member:
    return Member(inputs={"monitoringScheduleConfig": {"monitoringJobDefinitionName": name}})


STACK_CASES = [
    StackCase(
        rule="SM-19",
        type=SCHEDULE,
        what="runs a definition of its stack, with an inline definition too",
        members={
            "quality": Member(type=QUALITY, inputs={"name": "quality"}),
            "bias": Member(type=NATIVE[0], inputs={"jobDefinitionName": "bias"}),
            "monitors quality": run("quality"),
            "monitors bias": run("bias"),
            "has an unknown definition": run(UNKNOWN),
            "has an inline definition": Member(inputs=scheduled({})),
        },
    ),
    StackCase(
        rule="SM-19",
        type=SCHEDULE,
        what="runs a definition of another stack",
        members={"quality": Member(type=QUALITY, inputs={"name": "quality"}), "strays": run("drift")},
        refused=frozenset({"strays"}),
    ),
]
