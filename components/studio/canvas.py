"""Canvas, which makes models without code: what it may do wherever it is open, and what opening it takes.

Every value is written, also where it is AWS's default: a default may change. What Canvas makes is for looking at: it
registers nothing, serves nothing and calls no other service (EXP-10, SM-04).
"""

from __future__ import annotations

from typing import Any

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.workload_permissions import WorkloadScope
from components.studio.home import home

CANVAS = "Canvas"
_OFF = {"status": "DISABLED"}


def canvas_settings(workspace_uri: pulumi.Input[str] | None, key_arn: pulumi.Input[str]) -> dict[str, Any]:
    """As a domain and a profile say it; the SDK has types of its own for each. Generative AI is off by naming no role
    for it, which has no other spelling."""
    workspace = None if workspace_uri is None else {"s3_artifact_path": workspace_uri, "s3_kms_key_id": key_arn}
    return {
        "direct_deploy_settings": _OFF,
        "emr_serverless_settings": _OFF,
        "kendra_settings": _OFF,
        "model_register_settings": _OFF,
        "time_series_forecasting_settings": _OFF,
        **({} if workspace is None else {"workspace_settings": workspace}),
    }


def workspace_of(user: str, bucket_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """A folder of the person's own prefix, so that nobody else sees what Canvas keeps for them."""
    bucket = pulumi.Output.from_input(bucket_arn).apply(lambda arn: arn.removeprefix("arn:aws:s3:::"))
    return pulumi.Output.concat("s3://", bucket, f"/{home(user)}canvas")


def open_canvas(scope: WorkloadScope, domain_id: pulumi.Input[str], user: str) -> list[Statement]:
    """The one app, in the person's name, and models that it looks for, in the network.

    Source: SageMaker Developer Guide, "Configure Amazon SageMaker Canvas in a VPC without internet access": what it
    calls passes the endpoints that Studio and jobs have.
    """
    # SageMaker writes the kind of an app in lower case in ARNs; the API's own spelling does no harm.
    apps = [
        pulumi.Output.concat(scope.arn("sagemaker", "app/"), domain_id, f"/{user}/{kind}/*")
        for kind in (CANVAS.lower(), CANVAS)
    ]
    jobs = scope.arn("sagemaker", "automl-job/*")
    return [
        Statement(sid="OpenCanvas", actions=["sagemaker:CreateApp", "sagemaker:DeleteApp"], resources=apps),
        Statement(
            sid="LookForModels",
            actions=["sagemaker:CreateAutoMLJobV2"],
            resources=[jobs],
            conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
        ),
        Statement(
            sid="EndLookingForModels", actions=["sagemaker:AddTags", "sagemaker:StopAutoMLJob"], resources=[jobs]
        ),
    ]
