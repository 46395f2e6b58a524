"""The copy of a provider's repository in CodeCommit, which builds in the private network can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.delivery.project_parts import QUEUED_MINUTES, ProjectArgs, create_project, environment
from settings.types.aws.limits import BUILD_MINUTES

COMPUTE = "BUILD_GENERAL1_SMALL"
BUILD_SPECIFICATION = """\
version: 0.2
env:
  shell: bash
phases:
  build:
    commands:
      - |
        set -eu
        commit=$CODEBUILD_RESOLVED_SOURCE_VERSION
        reference=$CODEBUILD_WEBHOOK_HEAD_REF
        branch=${reference#refs/heads/}
        mirror() {
          git -c credential.helper='!aws codecommit credential-helper $@' -c credential.UseHttpPath=true "$@"
        }
        known=$(mirror ls-remote "$MIRROR_URL" "$reference" | cut -f1)
        # Builds of two pushes can overtake each other. A later push contains the earlier commit.
        if [ -n "$known" ] && [ "$known" != "$CODEBUILD_WEBHOOK_PREV_COMMIT" ]; then
          mirror fetch --quiet "$MIRROR_URL" "$reference"
          if git merge-base --is-ancestor "$commit" FETCH_HEAD; then
            echo "The mirror already contains $commit."
            commit=$known
          fi
        fi
        mirror push --quiet "$MIRROR_URL" "+$commit:$reference"
        [ -n "$BUILD_PROJECT" ] || exit 0
        found="builds[?sourceVersion=='$commit' && contains(environment.environmentVariables[].value, '$branch')]"
        attempt=0
        while true; do
          attempt=$((attempt + 1))
          ids=$(aws codebuild list-builds-for-project --project-name "$BUILD_PROJECT" --query 'ids[:25]' --output text)
          status=None
          if [ -n "$ids" ] && [ "$ids" != None ]; then
            status=$(aws codebuild batch-get-builds --ids $ids --query "$found | [0].buildStatus" --output text)
          fi
          case $status in
            SUCCEEDED) exit 0 ;;
            IN_PROGRESS) ;;
            None) [ "$attempt" -lt 60 ] || { echo "No build of $commit has started."; exit 1; } ;;
            *) echo "The build of $commit has the status $status."; exit 1 ;;
          esac
          sleep "$POLL_SECONDS"
        done
"""
"""Copies the pushed commit, and ends with the result of the build that the copy starts, so that the provider shows it.

It runs no code of the repository. The rule CB-01 of the security pack admits exactly this text outside the VPC."""
POLL_SECONDS = 5
PUSHES = (("EVENT", "PUSH"), ("HEAD_REF", "^refs/heads/"))
"""Filters of the webhook. Branches of forks are in other repositories, so a pull request from a fork starts nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryMirrorArgs(ProjectArgs):
    """Arguments of :class:`RepositoryMirror`."""

    label: str
    """Team and use case, for the description."""

    source_type: Literal["BITBUCKET", "GITHUB", "GITLAB"]
    """Type of the provider."""

    source_url: str
    """HTTPS URL of the repository at the provider."""

    connection_arn: pulumi.Input[str]
    """ARN of the connection, which must be available."""

    mirror_url: pulumi.Input[str]
    """HTTPS URL of the CodeCommit repository."""

    build_project: str = ""
    """Project that a push to the mirror starts, whose result the provider shows. Empty if none starts."""

    timeout_minutes: int = 60
    """Minutes after which a build of that project is stopped."""


class RepositoryMirror(pulumi.ComponentResource):
    """A CodeBuild project that copies each push at a source provider to CodeCommit, and shows the result of the build
    there as status of the commit (CI-08).

    It runs outside the VPC, because the private network cannot reach the provider. It has a fixed build specification
    and runs no code of the repository.

    Creates: the project, its webhook at the provider, and its encrypted log group.

    Outputs: none.

    Raises: nothing itself; the deployment fails if the connection is not available.

    Cost: 0.005 USD per minute, as long as the build takes.

    Example::

        RepositoryMirror("mirror-build", RepositoryMirrorArgs(
            project_name="fraud--scoring-build-mirror", label="fraud/scoring", source_type="GITHUB",
            source_url="https://github.com/acme/fraud-scoring-build.git", connection_arn=connection.arn,
            mirror_url=code.clone_urls["build"], role_arn=mirror.arn, key_arn=key.arn,
            log_retention_days=365,
        ))
    """

    def __init__(self, name: str, args: RepositoryMirrorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:RepositoryMirror", name, None, opts)
        variables = {
            "MIRROR_URL": args.mirror_url,
            "BUILD_PROJECT": args.build_project,
            "POLL_SECONDS": str(POLL_SECONDS),
        }
        project = create_project(
            self,
            name,
            args,
            description=f"Copies pushes at the source provider to the repository of {args.label}",
            timeout_minutes=min(args.timeout_minutes + QUEUED_MINUTES, BUILD_MINUTES[1]),
            source=aws.codebuild.ProjectSourceArgs(
                type=args.source_type,
                location=args.source_url,
                buildspec=BUILD_SPECIFICATION,
                git_clone_depth=0,
                report_build_status=True,
                auth=aws.codebuild.ProjectSourceAuthArgs(type="CODECONNECTIONS", resource=args.connection_arn),
            ),
            environment=environment(COMPUTE, variables),
        )
        webhook = aws.codebuild.Webhook(
            f"{name}-webhook",
            project_name=project.name,
            build_type="BUILD",
            filter_groups=[
                aws.codebuild.WebhookFilterGroupArgs(
                    filters=[
                        aws.codebuild.WebhookFilterGroupFilterArgs(type=kind, pattern=pattern)
                        for kind, pattern in PUSHES
                    ]
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"webhook": webhook.url})
