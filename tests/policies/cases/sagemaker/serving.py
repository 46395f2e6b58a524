"""Cases of policies/security/rules/sagemaker/serving.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, OTHER_ACCOUNT, OWN_ACCOUNT, Case, Change, Situation, but

KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
KEY_OF_AWS = "alias/aws/s3"
BUCKET = f"s3://ml-prod-fraud-{OWN_ACCOUNT}-eu-west-1-an"
CAPTURES = f"{BUCKET}/scoring/monitoring/capture"


def configuration(
    rule: str,
    compliant: dict[str, Any],
    *optional: str,
    refused: dict[str, Change],
    accepted: dict[str, Change],
) -> Case:
    return Case(
        rule=rule,
        type="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        compliant=Situation(inputs=compliant),
        optional=frozenset(optional),
        refused=refused,
        accepted=accepted,
    )


def variant(machine: object = "ml.m5.large", **properties: object) -> dict[str, object]:
    return {"instanceType": machine, **properties}


SERVERLESS = {"serverlessConfig": {"memorySizeInMb": 2048, "maxConcurrency": 5}}
WITHOUT_KEY = {"kmsKeyArn": ABSENT}
KEYS = configuration(
    "SM-13",
    {"kmsKeyArn": KEY, "productionVariants": [variant()]},
    "productionVariants",
    "productionVariants.0",
    "productionVariants.0.instanceType",
    refused={
        "has a key of AWS": but({"kmsKeyArn": KEY_OF_AWS}),
        "has no key, and serves without instances": but({**WITHOUT_KEY, "productionVariants": [SERVERLESS]}),
        "has an AWS managed key and unknown instances": but(
            {"kmsKeyArn": KEY_OF_AWS, "productionVariants": [variant(UNKNOWN)]}
        ),
        "has a key beside disks of its own": but({"productionVariants": [variant("ml.m5d.large")]}),
        "has a key beside accelerators with disks": but({"productionVariants": [variant("ml.g5.xlarge")]}),
        "has a key where one of several has disks": but(
            {"productionVariants": [variant(), variant("ml.g4dn.xlarge"), variant(UNKNOWN)]}
        ),
        "has a key where a shadow has disks": but({"shadowProductionVariants": [variant("ml.p4d.24xlarge")]}),
        "will have a key beside disks of its own": but(
            {"kmsKeyArn": UNKNOWN, "productionVariants": [variant("ml.c6gd.large")]}
        ),
    },
    accepted={
        "has disks of its own": but({**WITHOUT_KEY, "productionVariants": [variant("ml.g6e.xlarge")]}),
        "has disks of its own in a shadow": but({**WITHOUT_KEY, "shadowProductionVariants": [variant("ml.r5d.large")]}),
        "has disks of its own in one of several": but(
            {**WITHOUT_KEY, "productionVariants": [variant(), variant("ml.trn1.2xlarge")]}
        ),
        "has unknown instances": but({**WITHOUT_KEY, "productionVariants": [variant(UNKNOWN)]}),
        "has unknown variants": but({**WITHOUT_KEY, "productionVariants": UNKNOWN}),
        "has another, unknown variant": but({**WITHOUT_KEY, "productionVariants": [variant(), UNKNOWN]}),
        "has unknown shadow variants": but({**WITHOUT_KEY, "shadowProductionVariants": UNKNOWN}),
        "serves without instances": but({"productionVariants": [SERVERLESS]}),
    },
)
COUNTS = configuration(
    "SM-14",
    {"productionVariants": [variant(initialInstanceCount=2)]},
    "productionVariants",
    "productionVariants.0",
    "productionVariants.0.instanceType",
    refused={
        "has one instance": but({"productionVariants.0.initialInstanceCount": 1}),
        "has one instance of the second variant": but(
            {"productionVariants": [variant(initialInstanceCount=2), variant(initialInstanceCount=1)]}
        ),
        "says nothing, for models that share instances": but(
            {"productionVariants": [variant(managedInstanceScaling={"status": "ENABLED", "minInstanceCount": 2})]}
        ),
    },
    accepted={
        "is served without instances": but({"productionVariants": [SERVERLESS]}),
        "is served without instances that are known": but({"productionVariants": [{"serverlessConfig": UNKNOWN}]}),
        "is shadowed by one instance": but({"shadowProductionVariants": [variant(initialInstanceCount=1)]}),
        "has one instance where an endpoint is tried": but(
            {"productionVariants.0.initialInstanceCount": 1}, kind="development"
        ),
    },
)
OPENED = {"enableSsmAccess": True}
DUMPED = {"coreDumpConfig": {"destinationS3Uri": f"{BUCKET}/dumps"}}
LOOKS = configuration(
    "SM-15",
    {
        "productionVariants": [
            variant(enableSsmAccess=False, coreDumpConfig={"destinationS3Uri": f"{BUCKET}/dumps", "kmsKeyId": KEY})
        ]
    },
    "productionVariants",
    "productionVariants.0",
    "productionVariants.0.instanceType",
    "productionVariants.0.enableSsmAccess",
    "productionVariants.0.coreDumpConfig",
    "productionVariants.0.coreDumpConfig.destinationS3Uri",
    refused={
        "is opened": but({"productionVariants.0.enableSsmAccess": True}),
        "is opened in its second variant": but({"productionVariants": [variant(), variant(**OPENED)]}),
        "is opened in a shadow": but({"shadowProductionVariants": [variant(**OPENED)]}),
        "dumps in a shadow without a key": but({"shadowProductionVariants": [variant(**DUMPED)]}),
        "dumps with a key of AWS": but({"productionVariants.0.coreDumpConfig.kmsKeyId": KEY_OF_AWS}),
    },
    accepted={"shadows what it serves": but({"shadowProductionVariants": [variant()]})},
)


def modes(*captured: object) -> Change:
    return but({"dataCaptureConfig.captureOptions": [{"captureMode": mode} for mode in captured]})


CAPTURED = configuration(
    "SM-16",
    {
        "dataCaptureConfig": {
            "enableCapture": True,
            "initialSamplingPercentage": 20,
            "captureOptions": [{"captureMode": "InputAndOutput"}],
            "kmsKeyId": KEY,
            "destinationS3Uri": CAPTURES,
        }
    },
    refused={
        "captures nothing": but({"dataCaptureConfig.enableCapture": False}),
        "captures none of its traffic": but({"dataCaptureConfig.initialSamplingPercentage": 0}),
        "captures no answers": modes("Input"),
        "captures no questions": modes("Output"),
        "captures with a key of AWS": but({"dataCaptureConfig.kmsKeyId": KEY_OF_AWS}),
        "captures into another account": but(
            {"dataCaptureConfig.destinationS3Uri": CAPTURES.replace(OWN_ACCOUNT, OTHER_ACCOUNT)}
        ),
        "captures into another bucket": but({"dataCaptureConfig.destinationS3Uri": CAPTURES.replace("ml-", "")}),
        "captures outside the layout": but({"dataCaptureConfig.destinationS3Uri": f"{BUCKET}/capture"}),
        "captures into the results of monitoring": but(
            {"dataCaptureConfig.destinationS3Uri": CAPTURES.replace("capture", "results")}
        ),
        "captures into a folder that only begins so": but({"dataCaptureConfig.destinationS3Uri": f"{CAPTURES}d"}),
        "captures nothing in a stack of an unknown kind": but({"dataCaptureConfig": ABSENT}, kind="strange"),
    },
    accepted={
        "captures one thing and the other": modes("Input", "Output"),
        "captures further, unknown data": modes("Input", UNKNOWN),
        "captures in unknown modes": but({"dataCaptureConfig.captureOptions": [UNKNOWN]}),
        "captures into a folder of its own": but({"dataCaptureConfig.destinationS3Uri": f"{CAPTURES}/fraud/"}),
        "captures nothing where an endpoint is tried": but({"dataCaptureConfig": ABSENT}, kind="experimentation"),
    },
)
ANSWERS = {"outputConfig": {"s3OutputPath": f"{BUCKET}/scoring/asynchronous/answers/", "kmsKeyId": KEY}}
ANSWERED = configuration(
    "SM-16",
    {"asyncInferenceConfig": ANSWERS},
    refused={
        "writes responses with a key of AWS": but({"asyncInferenceConfig.outputConfig.kmsKeyId": KEY_OF_AWS}),
        "writes responses into another account": but(
            {"asyncInferenceConfig.outputConfig.s3OutputPath": f"{BUCKET}/answers".replace(OWN_ACCOUNT, OTHER_ACCOUNT)}
        ),
    },
    accepted={
        "writes responses to a place that is unknown yet": but(
            {"asyncInferenceConfig.outputConfig.s3OutputPath": UNKNOWN}
        ),
    },
)
SHIFT = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"
CHANGES = Case(
    rule="SM-17",
    type="aws:sagemaker/endpoint:Endpoint",
    compliant=Situation(
        inputs={
            "deploymentConfig": {
                "blueGreenUpdatePolicy": {
                    "trafficRoutingConfiguration": {"type": "CANARY", "waitIntervalInSeconds": 300}
                },
                "autoRollbackConfiguration": {"alarms": [{"alarmName": "errors"}]},
            }
        }
    ),
    optional=frozenset({"deploymentConfig.autoRollbackConfiguration.alarms.0.alarmName"}),
    refused={
        "changes at once": but({f"{SHIFT}.type": "ALL_AT_ONCE"}),
        "does not wait": but({f"{SHIFT}.waitIntervalInSeconds": 0}),
        "names no alarm": but({"deploymentConfig.autoRollbackConfiguration.alarms": []}),
        "rolls": but(
            {
                "deploymentConfig": {
                    "rollingUpdatePolicy": {"waitIntervalInSeconds": 300},
                    "autoRollbackConfiguration": {"alarms": [{"alarmName": "errors"}]},
                }
            }
        ),
    },
    accepted={
        "changes in even steps": but({f"{SHIFT}.type": "LINEAR"}),
        "changes at once where an endpoint is tried": but({"deploymentConfig": ABSENT}, kind="development"),
    },
)

CASES = [KEYS, COUNTS, LOOKS, CAPTURED, ANSWERED, CHANGES]
