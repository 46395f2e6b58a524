"""Settings of a use case's delivery: its builds, images and branches, in the tooling account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from settings.data.promotion_layout import BUSINESS, RELEASE, REVIEW
from settings.organization.minimum_gate import MinimumGates
from settings.organization.source import RepositoryId, SourceSettings
from settings.team.retraining import RetrainingSettings
from settings.types.aws.limits import BUILD_MINUTES
from settings.types.model import Settings
from settings.types.values import EmailAddress, ImageName, List, UserName, within

Repository = Literal["build", "deployment"]
"""The two repositories of a use case (REPO-01)."""
MAX_IMAGES = 9
"""Maximum image repositories of a use case, so that its stack stays far below 150 resources."""


class DeliverySettings(Settings):
    """Delivery of a use case: two repositories, builds, image repositories and model package groups.

    Every field has a default.
    """

    images: List[ImageName] = Field(
        default=(),
        description="Names of the container images that builds push, at most 10. Each has an ECR repository "
        "`<team>/<use case>/<image>`. Default: none; jobs run images that AWS publishes.",
        examples=[["training"]],
    )
    feature_branches: bool = Field(
        default=False,
        description="Whether a push to a feature branch deploys a pipeline and a model package group of its own. "
        "Without it, pushes to such branches are only checked. Pushes to `develop` and `main` always deploy.",
    )
    feature_branch_days: Annotated[int, within(1, 365, "days")] = Field(
        default=30,
        description="Days after its last build after which a feature branch that is not merged loses its pipeline, "
        "model package group and data (1 to 365). A merged branch loses them at once.",
    )
    minimum_gates: MinimumGates = Field(
        default_factory=dict,
        description="Limits of metrics that the gates of the project may not undercut, in addition to those of the "
        "organization. The stricter limit applies.",
    )
    contributors: List[UserName] = Field(
        default=(),
        description="User names of the people who push code of the use case, from Studio or signed in to the tooling "
        "account. Default: all data scientists and ML engineers of the team.",
        examples=[["ana", "dora"]],
    )
    approvers: List[UserName] = Field(
        default=(),
        description="User names of the people who may approve promotions. With approvers, from the phase `reliable` "
        "on, the use case has a promotion pipeline. Nobody may approve what they wrote or asked for, so name two or "
        "more. Default: none; models are not promoted.",
        examples=[["chloe", "dan"]],
    )
    release_approvers: List[UserName] = Field(
        default=(),
        description="User names of the people who may approve the release to production, if they are others than "
        "those who approve the deployment to pre-production. Name two or more. Default: `approvers`.",
        examples=[["erin", "frank"]],
    )
    business_approvers: List[UserName] = Field(
        default=(),
        description="User names of the product owners and business analysts who may approve for the business. With "
        "them, a promotion that passed the tests of pre-production also waits for one of them. Default: none; there is "
        "no such approval.",
        examples=[["gina"]],
    )
    notified: List[EmailAddress] = Field(
        default=(),
        description="E-mail addresses of the people who are told that a promotion waits for approval or has failed. "
        "Default: the owner of the team.",
        examples=[["scoring-approvers@acme.example"]],
    )
    retraining: RetrainingSettings | None = Field(
        default=None, description="When the served model is trained again without a push. Default: never."
    )
    build_minutes: Annotated[int, within(*BUILD_MINUTES, "minutes")] = Field(
        default=60, description="Minutes after which CodeBuild stops a build (CodeBuild, 5 to 2,160)."
    )
    source: SourceSettings | None = Field(
        default=None, description="Where the repositories of the use case are. Default: the source of the organization."
    )
    repositories: Mapping[Repository, RepositoryId] = Field(
        default_factory=dict,
        description="Repositories at the source provider, as `<owner>/<name>`. Default: "
        "`<namespace>/<team>-<use case>-build` and `-deployment`. They must exist.",
        examples=[{"build": "acme/fraud-scoring"}],
    )

    @property
    def people(self) -> tuple[str, ...]:
        """All people whom these settings name, by their user names."""
        named = (self.contributors, self.approvers, self.release_approvers, self.business_approvers)
        return tuple(sorted({name for names in named for name in names}))

    @property
    def approvers_by_stage(self) -> Mapping[str, Sequence[str]]:
        """The people who may approve, by stage of the promotion with a manual approval, in the order of the stages."""
        if not self.approvers:
            return {}
        business = {BUSINESS: self.business_approvers} if self.business_approvers else {}
        return {REVIEW: self.approvers, **business, RELEASE: self.release_approvers or self.approvers}
