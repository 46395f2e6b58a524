"""Permissions of releases: the pipeline of batch inference, and the rules that start it, and comparisons."""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, read_folder, use_key, write_folder
from settings.data.ml_layout import OUTPUTS
from settings.types.kinds import ReleasedTo

TESTED: ReleasedTo = "preproduction"
"""Environment in which the promotion predicts test inputs."""
START_FUNCTION = "start-batch"
"""Last part of the name of the function that starts runs."""


def release_pipelines(case: UseCase, environment: ReleasedTo, account_id: pulumi.Input[str]) -> Statement:
    """Allows changing the pipeline, whose definition names its role."""
    return Statement(
        sid="ChangePipelines",
        actions=[
            "sagemaker:AddTags",
            "sagemaker:CreatePipeline",
            "sagemaker:DeletePipeline",
            "sagemaker:DeleteTags",
            "sagemaker:DescribePipeline",
            "sagemaker:ListTags",
            "sagemaker:UpdatePipeline",
        ],
        resources=case.arns_in(environment, "sagemaker", account_id, "pipeline/"),
    )


def release_rules(case: UseCase, environment: ReleasedTo, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows changing the rules that start the pipeline and comparisons. They invoke functions of the use case only."""
    return [
        Statement(
            sid="ChangeRules",
            actions=[
                "events:DeleteRule",
                "events:DescribeRule",
                "events:ListTagsForResource",
                "events:ListTargetsByRule",
                "events:PutRule",
                "events:RemoveTargets",
                "events:TagResource",
                "events:UntagResource",
            ],
            resources=case.arns_in(environment, "events", account_id, "rule/"),
        ),
        Statement(
            sid="InvokeFunctionsByRules",
            actions=["events:PutTargets"],
            resources=case.arns_in(environment, "events", account_id, "rule/"),
            # A request has several targets. Without any, ForAllValues alone would be true.
            conditions={
                "ForAllValues:ArnLike": {
                    "events:TargetArn": case.arns_in(environment, "lambda", account_id, "function:")
                },
                "Null": {"events:TargetArn": "false"},
            },
        ),
    ]


def run_test_batches(
    case: UseCase, account_id: pulumi.Input[str], bucket_arn: pulumi.Input[str], key_arn: pulumi.Input[str]
) -> list[Statement]:
    """Allows the tests in pre-production: storing an input, starting its run, and reading what it produced."""
    function = f"function:{case.prefix_in(TESTED)}-{START_FUNCTION}"
    return [
        write_folder(bucket_arn, f"{case.ml_folder}/*/input", "TestInputs"),
        *read_folder(bucket_arn, f"{case.ml_folder}/*/{OUTPUTS}", "TestOutputs"),
        use_key(key_arn, "UseTheKeyInTests", write=True),
        Statement(
            sid="StartRuns",
            actions=["lambda:InvokeFunction"],
            resources=[case.arn("lambda", account_id, function)],
        ),
        Statement(
            sid="FollowRuns",
            actions=[
                "sagemaker:DescribePipelineExecution",
                "sagemaker:ListPipelineExecutionSteps",
                "sagemaker:ListPipelineExecutions",
            ],
            resources=case.arns_in(TESTED, "sagemaker", account_id, "pipeline/"),
        ),
    ]
