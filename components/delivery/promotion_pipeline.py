"""The pipeline that promotes a model version through pre-production to production."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.delivery.promotion_project import COMMAND
from settings.data.promotion_layout import (
    BUSINESS,
    MODEL_PACKAGE,
    PREPARE,
    RELEASE,
    REVIEW,
    SOURCE,
    TARGET,
    approval_of,
    stage_of,
)
from settings.types.kinds import ReleasedTo

PRODUCTION: ReleasedTo = "production"
RUN_CODE = ("deploy", "test")
"""Commands that run code of the deployment repository."""
_EXECUTION = "#{codepipeline.PipelineExecutionId}"
_COMMIT = "#{Source.CommitId}"
_PLAN = "#{Prepare.PLAN}"
_SOURCE = "Deployment"


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionPipelineArgs:
    """Arguments of :class:`PromotionPipeline`."""

    pipeline_name: str
    """Name of the pipeline."""

    repository_name: pulumi.Input[str]
    """Name of the deployment repository in CodeCommit."""

    project_name: pulumi.Input[str]
    """Name of the project that performs the actions which run no code of the repository."""

    release_projects: Mapping[ReleasedTo, pulumi.Input[str]]
    """Name of the project that runs the program and the tests of the repository, by environment."""

    role_arn: pulumi.Input[str]
    """ARN of the role of the pipeline."""

    artifact_bucket: pulumi.Input[str]
    """Name of the bucket of the pipeline's artifacts."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of the artifacts."""

    topic_arn: pulumi.Input[str]
    """ARN of the topic that tells people of pending approvals."""

    business_approves: bool = False
    """Whether somebody approves for the business, too, before the release to production."""

    approval_days: int = 7
    """Days after which a pending approval fails (CodePipeline, manual approval: at most 60)."""


class PromotionPipeline(pulumi.ComponentResource):
    """A pipeline of CodePipeline (V2) with two approvals: one before pre-production, one before production (PROM-01 to
    PROM-08). A third one, of the business, may come before that of the release. Its action has another name, because
    product owners and business analysts may answer no other.

    Each approval is followed by an action that records it and refuses it if the approver is not listed or took part in
    what is approved. After each deployment, an action compares what is served with the plan, and marks versions; after
    the tests of pre-production, another one records the robust state. Neither has a role that code of the repository
    gets. Executions are queued, so each deploys exactly what it names. If a stage that deploys fails,
    CodePipeline rolls it back to the last execution that succeeded in it (RB-01).

    Creates: the pipeline.

    Outputs: ``arn``.

    Cost: 0.002 USD per minute of an action (CodePipeline, V2), without the wait for approvals.

    Example::

        PromotionPipeline("promotion", PromotionPipelineArgs(
            pipeline_name="fraud--scoring-promotion", repository_name="fraud--scoring-deployment",
            project_name=project.name,
            release_projects={"preproduction": first.name, "production": second.name}, role_arn=role.arn,
            artifact_bucket="acme-artifacts", key_arn=key.arn, topic_arn=topic.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the pipeline, for rules that start it."""

    def __init__(self, name: str, args: PromotionPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:PromotionPipeline", name, None, opts)
        pipeline = aws.codepipeline.Pipeline(
            name,
            name=args.pipeline_name,
            role_arn=args.role_arn,
            pipeline_type="V2",
            execution_mode="QUEUED",
            artifact_stores=[
                aws.codepipeline.PipelineArtifactStoreArgs(
                    location=args.artifact_bucket,
                    type="S3",
                    encryption_key=aws.codepipeline.PipelineArtifactStoreEncryptionKeyArgs(id=args.key_arn, type="KMS"),
                )
            ],
            variables=[
                # Without a default, so that creating the pipeline starts no execution.
                aws.codepipeline.PipelineVariableArgs(
                    name=MODEL_PACKAGE,
                    description="ARN or number of an approved version of main, or newest",
                ),
                aws.codepipeline.PipelineVariableArgs(
                    name=TARGET, default_value=PRODUCTION, description="Last environment: preproduction or production"
                ),
            ],
            stages=_stages(args),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = pipeline.arn
        self.register_outputs({"arn": self.arn})


def _stages(args: PromotionPipelineArgs) -> list[aws.codepipeline.PipelineStageArgs]:
    source = aws.codepipeline.PipelineStageActionArgs(
        name=SOURCE,
        category="Source",
        owner="AWS",
        provider="CodeCommit",
        version="1",
        namespace="Source",
        output_artifacts=[_SOURCE],
        configuration=_known(RepositoryName=args.repository_name, BranchName="main", PollForSourceChanges="false"),
    )
    passed = "Tests passed in pre-production. #{Prepare.SUMMARY}"
    prepare = _command(args, PREPARE, "prepare", COMMIT=_COMMIT, MODEL_PACKAGE=f"#{{variables.{MODEL_PACKAGE}}}")
    return [
        aws.codepipeline.PipelineStageArgs(name=SOURCE, actions=[source]),
        aws.codepipeline.PipelineStageArgs(name=PREPARE, actions=[prepare]),
        _approval(args, REVIEW, "#{Prepare.SUMMARY}"),
        _deployment(args, "preproduction", "deploy", "confirm", "test", "accept"),
        *([_approval(args, BUSINESS, passed, only_to_production=True)] if args.business_approves else []),
        _approval(args, RELEASE, passed, only_to_production=True),
        _deployment(args, PRODUCTION, "deploy", "confirm", only_to_production=True),
    ]


def _approval(
    args: PromotionPipelineArgs, stage: str, text: str, *, only_to_production: bool = False
) -> aws.codepipeline.PipelineStageArgs:
    approve = aws.codepipeline.PipelineStageActionArgs(
        name=approval_of(stage),
        category="Approval",
        owner="AWS",
        provider="Manual",
        version="1",
        run_order=1,
        timeout_in_minutes=args.approval_days * 24 * 60,
        configuration=_known(CustomData=text, NotificationArn=args.topic_arn),
    )
    verify = _command(args, "Verify", "verify", run_order=2, PLAN=_PLAN, STAGE=stage)
    return aws.codepipeline.PipelineStageArgs(
        name=stage, actions=[approve, verify], before_entry=_only_to_production() if only_to_production else None
    )


def _deployment(
    args: PromotionPipelineArgs, environment: ReleasedTo, *commands: str, only_to_production: bool = False
) -> aws.codepipeline.PipelineStageArgs:
    variables = {"PLAN": _PLAN, "ENVIRONMENT": environment}
    return aws.codepipeline.PipelineStageArgs(
        name=stage_of(environment),
        actions=[
            _command(
                args,
                command.capitalize(),
                command,
                project_name=args.release_projects[environment] if command in RUN_CODE else None,
                run_order=order,
                **variables,
            )
            for order, command in enumerate(commands, 1)
        ],
        on_failure=aws.codepipeline.PipelineStageOnFailureArgs(result="ROLLBACK"),
        before_entry=_only_to_production() if only_to_production else None,
    )


def _only_to_production() -> aws.codepipeline.PipelineStageBeforeEntryArgs:
    """Returns the condition that skips a stage if the execution ends before production (PROM-12)."""
    rule = aws.codepipeline.PipelineStageBeforeEntryConditionRuleArgs(
        name="ToProduction",
        rule_type_id=aws.codepipeline.PipelineStageBeforeEntryConditionRuleRuleTypeIdArgs(
            category="Rule", owner="AWS", provider="VariableCheck", version="1"
        ),
        configuration={"Variable": f"#{{variables.{TARGET}}}", "Value": PRODUCTION, "Operator": "EQ"},
    )
    return aws.codepipeline.PipelineStageBeforeEntryArgs(
        condition=aws.codepipeline.PipelineStageBeforeEntryConditionArgs(result="SKIP", rules=[rule])
    )


def _command(
    args: PromotionPipelineArgs,
    name: str,
    command: str,
    *,
    project_name: pulumi.Input[str] | None = None,
    run_order: int = 1,
    **variables: str,
) -> aws.codepipeline.PipelineStageActionArgs:
    """Returns an action that runs one command of the promotion, by default in the project that runs no code of the
    repository."""
    values = {COMMAND: command, "EXECUTION_ID": _EXECUTION, **variables}
    listed = [{"name": key, "value": value, "type": "PLAINTEXT"} for key, value in values.items()]
    return aws.codepipeline.PipelineStageActionArgs(
        name=name,
        category="Test" if command == "test" else "Build",
        owner="AWS",
        provider="CodeBuild",
        version="1",
        run_order=run_order,
        namespace="Prepare" if command == "prepare" else None,
        input_artifacts=[_SOURCE],
        configuration=_known(ProjectName=project_name or args.project_name, EnvironmentVariables=json.dumps(listed)),
    )


def _known(**values: pulumi.Input[str]) -> Mapping[str, pulumi.Input[str]]:
    return values


def pipeline_variables(values: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    """Returns variables as StartPipelineExecution takes them."""
    return [{"name": name, "value": value} for name, value in values.items()]
