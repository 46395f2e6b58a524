"""Names of a use case's resources in all accounts. Roles may access nothing outside these names."""

from __future__ import annotations

from dataclasses import dataclass

from settings.data.ml_layout import DEVELOP, FEATURE
from settings.team.delivery import Repository
from settings.types.kinds import ReleasedTo
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS, named

REPOSITORIES: tuple[Repository, ...] = ("build", "deployment")
"""The two repositories of a use case (REPO-01)."""
MAIN = "main"
"""The branch whose models can be promoted, and the last part of the name of its model package group."""
GROUP_BRANCHES = (MAIN, DEVELOP)
"""Branches whose model package groups the stack creates. Builds create the groups of feature branches."""

PROMOTION_TOPIC_SUFFIX = "-promotions"
"""Suffix of the topics of promotions, which the key policy of the tooling account matches on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseNames:
    """Names of the resources of one ML product of a team."""

    team: str
    use_case: str

    @property
    def prefix(self) -> str:
        """The prefix of all its resource names. It is unambiguous because team names contain no double hyphen."""
        return f"{self.team}--{self.use_case}"

    @property
    def folder(self) -> str:
        """Its path in a registry or bucket that all teams share."""
        return f"{self.team}/{self.use_case}"

    def repository(self, repository: Repository) -> str:
        """Returns the name of a CodeCommit repository."""
        return named("CodeCommit repository", self.prefix, repository)

    def mirror_project(self, repository: Repository) -> str:
        """Returns the CodeBuild project that copies pushes at the source provider to a CodeCommit repository."""
        return named("CodeBuild project", self.prefix, repository, "mirror")

    @property
    def build_project(self) -> str:
        """The CodeBuild project that runs the build repository's build specification."""
        return named("CodeBuild project", self.prefix, "build")

    @property
    def image_project(self) -> str:
        """The CodeBuild project that builds and pushes images, and runs no code of the repositories beside Docker."""
        return named("CodeBuild project", self.prefix, "images")

    @property
    def promotion_project(self) -> str:
        """The CodeBuild project of the promotion, which runs no code of the repositories."""
        return named("CodeBuild project", self.prefix, "promotion")

    def release_project(self, environment: ReleasedTo) -> str:
        """Returns the CodeBuild project that runs the deployment repository's program and tests for an environment."""
        return named("CodeBuild project", self.prefix, "promotion", ENVIRONMENT_ABBREVIATIONS[environment])

    @property
    def promotion_pipeline(self) -> str:
        """The pipeline of CodePipeline that promotes versions of ``main``."""
        return named("CodePipeline pipeline", self.prefix, "promotion")

    @property
    def promotion_topic(self) -> str:
        """The SNS topic that tells people of promotions."""
        return f"{self.prefix}{PROMOTION_TOPIC_SUFFIX}"

    @property
    def event_source(self) -> str:
        """The source of all events of the use case."""
        return f"{self.team}.{self.use_case}"

    @property
    def monitoring_bus(self) -> str:
        """The event bus in the tooling account that receives the events of monitoring."""
        return named("event bus", self.prefix, "monitoring")

    @property
    def data_bus(self) -> str:
        """The event bus in the tooling account that receives the events of new data in the lake."""
        return named("event bus", self.prefix, "data")

    def report_group(self, report: str) -> str:
        """Returns the name of a report group of the build project.

        CodeBuild composes it from the project and the name in the build specification (CodeBuild User Guide, "Report
        group naming").
        """
        return named("CodeBuild report group", self.build_project, report)

    def image_repository(self, image: str) -> str:
        """Returns the name of the ECR repository of an image."""
        return named("ECR repository", self.folder, image, separator="/")

    def model_group(self, branch: str) -> str:
        """Returns the model package group of a branch folder (``main``, ``develop`` or ``feature-…``)."""
        return named("SageMaker resource", self.prefix, branch)

    @property
    def feature_groups(self) -> str:
        """Name pattern of the model package groups of feature branches."""
        return f"{self.prefix}-{FEATURE}*"
