"""The role with which the deployment repository's program is released to one environment, in the tooling account."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.statements import Statement
from components.identity.releases.promotion_builds import (
    PromotionBuildArgs,
    read_what_is_promoted,
    run_builds,
)
from components.identity.use_cases.use_case import create_role, within_organization
from settings.data.artifact_layout import DEPLOYMENTS, PROMOTIONS, release_stack, state_objects
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseProgramRoleArgs(PromotionBuildArgs):
    """Arguments of :class:`ReleaseProgramRole`."""

    environment: ReleasedTo
    """Environment to which the program is released."""

    release_account_id: pulumi.Input[str]
    """Id of the environment's account."""


class ReleaseProgramRole:
    """The role with which a build runs the program and the tests of the deployment repository for one environment.

    Code of the repository finds the credentials of the build in which it runs, whatever its variables are. The role
    therefore enters its own environment only. It writes the state of that environment's stack, and may add the record
    of a failed action. It replaces no record, marks no version, and reads what the promotion recorded.

    Creates: the role ``<team>--<use-case>-promotion-preprod`` or ``-promotion-prod``.

    Args: see :class:`ReleaseProgramRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        ReleaseProgramRole("promotion-production", ReleaseProgramRoleArgs(
            use_case=use_case, account_id=tooling_id, environment="production", release_account_id=production_id,
            organization_id="o-acme", bucket_arn=artifacts.arn, key_arn=key.arn, boundary_arn=boundary.arn,
            source_bucket_arn=sources.arn, image_repository_arn=images.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the project of the environment."""

    def __init__(self, name: str, args: ReleaseProgramRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        project = case.names.release_project(args.environment)
        self.arn = create_role(
            without_component(name, "plinth:identity:ReleaseProgramRole", opts),
            name,
            case,
            role_name=case.role_name(case.release_program(args.environment)),
            description=f"Program and tests of releases of {case.prefix} to {args.environment}",
            trust=case.trust_builds(args.account_id, project),
            permissions=_permissions(args, project),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: ReleaseProgramRoleArgs, project: str) -> list[Statement]:
    release = Statement(
        sid="Release",
        actions=["sts:AssumeRole"],
        resources=[args.use_case.role_arn("release", args.release_account_id, args.environment)],
    )
    return [
        *read_what_is_promoted(args),
        *_state(args),
        *run_builds(args, project),
        within_organization(release, args.organization_id),
    ]


def _state(args: ReleaseProgramRoleArgs) -> list[Statement]:
    """Allows writing the state of the environment's stack, and adding records of failures of its stage."""
    case, stack = args.use_case, release_stack(args.use_case.team, args.environment)
    state = [
        pulumi.Output.concat(args.bucket_arn, f"/{case.folder}/{DEPLOYMENTS}/{path}")
        for path in state_objects(case.prefix, stack)
    ]
    failures = f"/{case.folder}/{PROMOTIONS}/executions/*/failure-{args.environment}*.json"
    return [
        Statement(
            sid="StateWrite",
            actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"],
            resources=state,
        ),
        Statement(
            sid="AddFailures",
            actions=["s3:PutObject"],
            resources=[pulumi.Output.concat(args.bucket_arn, failures)],
            # A conditional write replaces nothing (S3 User Guide, "Enforce conditional writes").
            conditions={"Null": {"s3:if-none-match": "false"}},
        ),
    ]
