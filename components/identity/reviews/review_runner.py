"""The role of reviews of pull requests in the governance account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.principals import GITHUB, GITHUB_AUDIENCE, github_trust, service_trust
from components.identity.iam.role_names import PLATFORM_REVIEWER, REVIEW_RUNNER
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs

PROJECT = "plinth-review"
"""Name of the build project of reviews with CodeBuild."""
FORGE_TOKENS = "plinth/review/*"
"""Secrets of the governance account with the token that posts comments to the forge."""
STATES = ".pulumi/*"
"""Objects of the Pulumi engine in the bucket of a backend, which stores them below this prefix."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewRunnerArgs:
    """Arguments of :class:`ReviewRunner`."""

    account_id: pulumi.Input[str]
    """Id of the governance account."""

    organization_id: pulumi.Input[str]
    """Id of the organization. The role can be used only for accounts of the organization."""

    region: str
    """Region of the build project."""

    state_bucket: str | None = None
    """Bucket with the states of stacks. Without one, the role reads no objects."""

    state_keys: Sequence[str] = ()
    """ARNs of the KMS keys of the bucket and of secrets in states."""

    github_subjects: Sequence[str] = ()
    """Subjects of tokens of GitHub Actions that get the role. Without any, GitHub is not trusted."""


class ReviewRunner(pulumi.ComponentResource):
    """A role that assumes the reviewer roles of the organization's accounts and reads states, without further
    permissions (T-15).

    Builds of the project ``plinth-review`` in the governance account and the named workflows of GitHub get it.
    Whatever a change makes the preview do, these credentials cannot write to AWS or to a state.

    Creates: the role; its permissions boundary; for GitHub, the account's OpenID Connect provider.

    Outputs: ``arn``.

    Cost: none.

    Example::

        ReviewRunner("review-runner", ReviewRunnerArgs(
            account_id=account_id, organization_id="o-acme", region="eu-west-1", state_bucket="acme-states",
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for build projects; known once it may assume reviewer roles."""

    def __init__(self, name: str, args: ReviewRunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:ReviewRunner", name, None, opts)
        permissions = _permissions(args)
        boundary = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{REVIEW_RUNNER}-boundary", description="Ceiling of reviews", statements=permissions
            ),
            pulumi.ResourceOptions(parent=self),
        )
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=REVIEW_RUNNER,
                description="Reviews of pull requests",
                trust=[_builds(args), *self._workflows(name, args)],
                permissions=permissions,
                boundary_arn=boundary.arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})

    def _workflows(self, name: str, args: ReviewRunnerArgs) -> list[Statement]:
        """Creates the provider of GitHub's tokens and returns the trust in them, if there are subjects."""
        if not args.github_subjects:
            return []
        provider = aws.iam.OpenIdConnectProvider(
            f"{name}-github",
            # AWS verifies GitHub's certificate with its own authorities, so it needs no thumbprint (IAM User Guide).
            url=f"https://{GITHUB}",
            client_id_lists=[GITHUB_AUDIENCE],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return [github_trust(provider_arn=provider.arn, subjects=args.github_subjects)]


def _builds(args: ReviewRunnerArgs) -> Statement:
    project = arn_of("codebuild", args.region, args.account_id, f"project/{PROJECT}")
    return service_trust("codebuild", account_id=args.account_id, source_arns=[project])


def _permissions(args: ReviewRunnerArgs) -> list[Statement]:
    """Builds all permissions of the role. Its boundary has the same."""
    log = arn_of("logs", args.region, args.account_id, f"log-group:/aws/codebuild/{PROJECT}:*")
    statements = [
        Statement(
            sid="EnterAsReviewer",
            actions=["sts:AssumeRole"],
            resources=[PLATFORM_REVIEWER],
            conditions={"StringEquals": {"aws:ResourceOrgID": args.organization_id}},
        ),
        Statement(
            sid="WriteTheOwnLog",
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[log],
        ),
    ]
    tokens = arn_of("secretsmanager", args.region, args.account_id, f"secret:{FORGE_TOKENS}")
    statements.append(Statement(sid="ReadTheForgeToken", actions=["secretsmanager:GetSecretValue"], resources=[tokens]))
    if args.state_bucket is not None:
        bucket = f"arn:aws:s3:::{args.state_bucket}"
        statements += [
            Statement(sid="ListStates", actions=["s3:ListBucket"], resources=[bucket]),
            Statement(sid="ReadStates", actions=["s3:GetObject"], resources=[f"{bucket}/{STATES}"]),
        ]
    if args.state_keys:
        statements.append(Statement(sid="DecryptStates", actions=["kms:Decrypt"], resources=list(args.state_keys)))
    return statements
