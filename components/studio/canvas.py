"""SageMaker Canvas, which builds models without code: its settings, and the permissions to open it.

All values are set explicitly, even AWS's defaults, because defaults may change. Canvas is limited to exploration: it
registers and deploys no models and calls no other service (EXP-10, SM-04).
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
    """Returns the Canvas settings of a domain or a profile, for which the SDK has different types.

    Generative AI is disabled because no role is set for it; there is no explicit setting.
    """
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
    """Returns the location of a user's Canvas data. It is under the user's prefix, so that other users cannot read
    it."""
    bucket = pulumi.Output.from_input(bucket_arn).apply(lambda arn: arn.removeprefix("arn:aws:s3:::"))
    return pulumi.Output.concat("s3://", bucket, f"/{home(user)}canvas")


def open_canvas(scope: WorkloadScope, domain_id: pulumi.Input[str], user: str) -> list[Statement]:
    """Allows opening Canvas under the user's name, and the AutoML jobs that it starts, inside the network. Users of
    Canvas experiment, so they may tag and stop jobs of any type.

    Source: SageMaker Developer Guide, "Configure Amazon SageMaker Canvas in a VPC without internet access". The
    services that Canvas calls are reached through the endpoints for Studio and jobs.
    """
    # SageMaker writes app types in lower case in ARNs. The spelling of the API is allowed as well.
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
    ]
