"""The CodeBuild project that performs the actions of a promotion."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.delivery.project_parts import PrivateProjectArgs, create_project, environment
from settings.types.kinds import ReleasedTo

OUTPUT_VARIABLES = ("PLAN", "REVIEW", "SUMMARY", "VERSION")
"""Variables of the action ``prepare`` that later actions refer to."""
COMMAND = "COMMAND"
"""Variable of an action that names the command of the promotion."""
COMPUTE = "BUILD_GENERAL1_MEDIUM"
TIMEOUT_MINUTES = 480
"""The longest build that CodePipeline waits for. A linear shift of traffic with long bakes takes hours (CodeBuild,
480 minutes by default quota)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionProjectArgs(PrivateProjectArgs):
    """Arguments of :class:`PromotionProject`."""

    label: str
    """Team and use case, for the description."""

    image: pulumi.Input[str]
    """URI of an image that contains the distribution `plinth`, the Pulumi engine and the AWS provider plugin."""

    released_to: ReleasedTo | None = None
    """Environment whose actions run the program and the tests of the deployment repository. None for the project of
    all actions that run no code of the repository."""


class PromotionProject(pulumi.ComponentResource):
    """A CodeBuild project whose build specification is fixed: it runs one command of the promotion.

    The deployment repository is the source of the pipeline and cannot change what the project runs, so no push makes a
    build with the promotion role skip an approval. Actions that run the program or the tests of the repository have a
    project and a role for each environment.

    Creates: the project and its encrypted log group.

    Outputs: ``name``.

    Cost: 0.01 USD per minute of an action.

    Example::

        PromotionProject("promotion", PromotionProjectArgs(
            project_name="fraud--scoring-promotion", label="fraud/scoring", image=image, role_arn=promotion.arn,
            key_arn=key.arn, vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            security_group_id=builds.security_group_id, variables={}, log_retention_days=3653,
        ))
    """

    name: pulumi.Output[str]
    """Name of the project, for the actions of the pipeline."""

    def __init__(self, name: str, args: PromotionProjectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:PromotionProject", name, None, opts)
        project = create_project(
            self,
            name,
            args,
            description=_description(args),
            timeout_minutes=TIMEOUT_MINUTES,
            artifacts="CODEPIPELINE",
            source=aws.codebuild.ProjectSourceArgs(type="CODEPIPELINE", buildspec=_build_specification()),
            environment=environment(COMPUTE, args.variables, image=args.image),
            network=args.network,
        )
        self.name = project.name
        self.register_outputs({"name": self.name})


def _description(args: PromotionProjectArgs) -> str:
    if args.released_to is None:
        return f"Prepares, verifies, confirms and accepts promotions of {args.label}"
    return f"Deploys and tests promotions of {args.label} in {args.released_to}"


def _build_specification() -> str:
    """Returns the commands of every action. Option ``-P`` keeps Python from importing modules of the repository."""
    command = f'FILE="$(mktemp)" && python -P -m runtime.promotion "${COMMAND}" --variables "$FILE" && . "$FILE"'
    return json.dumps(
        {
            "version": "0.2",
            "env": {"exported-variables": list(OUTPUT_VARIABLES)},
            "phases": {"build": {"commands": [command]}},
        },
        indent=2,
    )
