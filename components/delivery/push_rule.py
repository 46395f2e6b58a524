"""The rule that starts a build when somebody pushes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import pulumi
import pulumi_aws as aws

from components.integration.dead_letter_queue import kept_if_undelivered
from settings.types.aws.use_case_builds import BRANCH

PUSHED_COMMIT, _PUSHED_BRANCH = "<commit>", "<branch>"
"""Placeholders for the commit and the branch of a push, in the input of a build."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PushRuleArgs:
    """Arguments of :class:`PushRule`."""

    rule_name: str
    """Name of the rule, up to 64 characters (an EventBridge limit)."""

    label: str
    """Team and use case, or ``the platform``, for the description."""

    repository_arn: pulumi.Input[str]
    """ARN of the CodeCommit repository."""

    project_arn: pulumi.Input[str]
    """ARN of the CodeBuild project to start."""

    role_arn: pulumi.Input[str]
    """ARN of the role with which EventBridge starts the project."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the queue for events that could not be delivered."""

    branch: str | None = None
    """The only branch whose pushes start builds. None: all branches do."""

    variables: Mapping[str, str] = field(default_factory=lambda: {BRANCH: _PUSHED_BRANCH})
    """Variables of each build. Their values may be :data:`PUSHED_COMMIT`."""


class PushRule(pulumi.ComponentResource):
    """A rule that starts a build of the pushed commit for every new or moved branch, or for one branch (CI-01).

    Creates: the rule and its target.

    Outputs: ``arn``.

    Cost: none; events of AWS services are free.

    Example::

        PushRule("push", PushRuleArgs(
            rule_name="fraud--scoring-push", label="fraud/scoring", repository_arn=code.arns["build"],
            project_arn=build.arn, role_arn=starter.arn, dead_letter_queue_arn=queue.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the rule."""

    def __init__(self, name: str, args: PushRuleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:PushRule", name, None, opts)
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=args.rule_name,
            description=f"Somebody pushed to the build repository of {args.label}",
            event_pattern=pulumi.Output.from_input(args.repository_arn).apply(partial(_pattern, args.branch)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id="build",
            arn=args.project_arn,
            role_arn=args.role_arn,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths={"branch": "$.detail.referenceName", "commit": "$.detail.commitId"},
                input_template=build_input(PUSHED_COMMIT, args.variables),
            ),
            **kept_if_undelivered(args.dead_letter_queue_arn),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = rule.arn
        self.register_outputs({"arn": self.arn})


def build_input(source_version: str, variables: Mapping[str, str]) -> str:
    """Returns the input of a target that is a CodeBuild project: the commit or branch, and variables of the build."""
    overridden = [{"name": name, "type": "PLAINTEXT", "value": value} for name, value in variables.items()]
    return json.dumps({"sourceVersion": source_version, "environmentVariablesOverride": overridden})


def _pattern(branch: str | None, repository_arn: str) -> str:
    """Returns the pattern of pushes to one branch or to all (CodeCommit User Guide, "Monitoring CodeCommit events")."""
    branch_filter = {"referenceName": [branch]} if branch else {}
    return json.dumps(
        {
            "source": ["aws.codecommit"],
            "detail-type": ["CodeCommit Repository State Change"],
            "resources": [repository_arn],
            "detail": {"event": ["referenceCreated", "referenceUpdated"], "referenceType": ["branch"], **branch_filter},
        }
    )
