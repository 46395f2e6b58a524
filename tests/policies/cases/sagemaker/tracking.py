"""Cases of policies/security/rules/sagemaker/tracking.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Situation, but

HERE = f"s3://fraud-exp-studio-{OWN_ACCOUNT}-eu-west-1-an/tracking/"
ELSEWHERE = {
    "of another account": f"s3://fraud-exp-studio-{OTHER_ACCOUNT}-eu-west-1-an/tracking/",
    "of any account": "s3://tracking/artifacts",
    "on no S3": "file:///artifacts",
}


def kept(where: tuple[str, ...], registration: str, value: object) -> Case:
    return Case(
        rule="SM-25",
        type=where[0],
        compliant=Situation(inputs={"artifactStoreUri": HERE}),
        refused={
            **{f"keeps artifacts in a bucket {what}": but({"artifactStoreUri": to}) for what, to in ELSEWHERE.items()},
            "registers models automatically": but({registration: value}),
        },
        accepted={
            "keeps artifacts in the bucket's root": but({"artifactStoreUri": HERE.removesuffix("/tracking/")}),
            "keeps artifacts where the deployment knows": but({"artifactStoreUri": UNKNOWN}),
        },
    )


PEOPLE = f"arn:aws:sagemaker:eu-west-1:{OWN_ACCOUNT}:workteam/private-crowd/reviewers"
CASES = [
    kept(("aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",), "automaticModelRegistration", True),
    kept(("aws:sagemaker/mlflowApp:MlflowApp",), "modelRegistrationMode", "AutoModelRegistrationEnabled"),
    Case(
        rule="SM-25",
        type="aws:sagemaker/flowDefinition:FlowDefinition",
        compliant=Situation(
            inputs={
                "humanLoopConfig": {"workteamArn": PEOPLE},
                "outputConfig": {"kmsKeyId": "key", "s3OutputPath": HERE},
            }
        ),
        optional=frozenset({"humanLoopConfig", "humanLoopConfig.workteamArn"}),
        refused={
            "asks the crowd": but({"humanLoopConfig.workteamArn": PEOPLE.replace("private", "public")}),
            "stores output in another account": but({"outputConfig.s3OutputPath": ELSEWHERE["of another account"]}),
        },
        accepted={"is of a team that the deployment creates": but({"humanLoopConfig.workteamArn": UNKNOWN})},
    ),
    Case(
        rule="SM-25",
        type="aws:sagemaker/workforce:Workforce",
        compliant=Situation(inputs={"sourceIpConfig": {"cidrs": ["203.0.113.0/24"]}}),
        refused={
            "admits every network in addition": but({"sourceIpConfig.cidrs": ["203.0.113.0/24", "0.0.0.0/0"]}),
            "admits every network of IPv6": but({"sourceIpConfig.cidrs": ["203.0.113.0/24", "::/0"]}),
            "lists no network": but({"sourceIpConfig.cidrs": []}),
        },
        accepted={"lists what the deployment knows": but({"sourceIpConfig.cidrs": UNKNOWN})},
    ),
]
