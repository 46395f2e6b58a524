"""Settings of SageMaker Studio in an environment: domain options, users, images and limits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from settings.types.aws.limits import STUDIO_IDLE_MINUTES, STUDIO_VOLUME_GIB
from settings.types.kinds import INTERACTIVE_ENVIRONMENTS, Environment
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import (
    HttpsUrl,
    ImageDigest,
    InstanceType,
    List,
    StudioImageName,
    StudioRepository,
    UserName,
    within,
)

StudioPersona = Literal["data-scientist", "lead-data-scientist", "ml-engineer"]
LEAD: StudioPersona = "lead-data-scientist"
"""The persona that merges and approves what the others push (PER-03, PER-04)."""
StudioApp = Literal["jupyterlab", "code-editor"]

USERS_PER_STACK = 12
"""Maximum users of one Studio stack. A user has up to nine resources, and the first stack also holds the shared ones;
tests check that no stack exceeds 150 resources.
"""
IMAGES = 5
"""Maximum images. Each has four resources in the first stack."""
STACKS = 9
"""Maximum Studio stacks of an environment, which gives 108 users."""

STUDIO_ENVIRONMENTS: Mapping[StudioPersona, tuple[Environment, ...]] = MappingProxyType(
    {
        "data-scientist": INTERACTIVE_ENVIRONMENTS,
        "lead-data-scientist": INTERACTIVE_ENVIRONMENTS,
        "ml-engineer": ("development",),
    }
)
"""Environments in which a persona may open Studio (PER-02, PER-04, PER-05)."""

CODE_CONTRIBUTORS: frozenset[StudioPersona] = frozenset({"data-scientist", "ml-engineer"})
"""Personas that push code from Studio. A lead data scientist reviews what others push (T-02)."""


class StudioLimits(Settings):
    """Instance types and volume sizes of a persona's spaces."""

    instance_types: List[InstanceType] = Field(
        description="Instance types that apps may run on. The first is the default of a new space.",
        examples=[["ml.t3.medium", "ml.g5.xlarge"]],
    )
    volume_gib: Annotated[int, within(*STUDIO_VOLUME_GIB, "GiB")] = Field(
        default=20, description="Initial GiB of a space's volume (SageMaker, 5-16,384)."
    )
    max_volume_gib: Annotated[int, within(*STUDIO_VOLUME_GIB, "GiB")] = Field(
        default=100, description="Maximum GiB to which a person may grow the volume. A volume never shrinks."
    )


_SMALL = ("ml.t3.medium", "ml.t3.large", "ml.t3.xlarge")
_LARGE = (*_SMALL, "ml.m5.xlarge", "ml.m5.2xlarge", "ml.g4dn.xlarge")

DEFAULT_LIMITS: Mapping[StudioPersona, StudioLimits] = MappingProxyType(
    {
        "data-scientist": StudioLimits(instance_types=_LARGE),
        "lead-data-scientist": StudioLimits(instance_types=_LARGE),
        "ml-engineer": StudioLimits(instance_types=_SMALL),
    }
)
"""Notebooks run on small instances. Heavier work runs as a job, which costs only while it runs (EXP-12)."""


class StudioUser(Settings):
    """One Studio user."""

    # Required, so that adding or removing a user is not taken for a change of an immutable field.
    persona: StudioPersona = Field(description="The persona whose permissions and limits the user has.")
    apps: List[StudioApp] = Field(
        default=("jupyterlab",),
        description="Apps of the user. Each has a private space with its own volume, which remains when the app stops.",
    )
    stack: Annotated[int, within(1, STACKS, "stacks")] = Field(
        default=1,
        description=f"Number of the Studio stack that contains the user. A stack holds {USERS_PER_STACK} users.",
        json_schema_extra=IMMUTABLE,
    )


class StudioImage(Settings):
    """A custom image, given by its digest because a tag can move to another image."""

    repository: StudioRepository = Field(
        description="ECR repository in the tooling account.", examples=["studio/torch"]
    )
    digest: ImageDigest = Field(description="Digest of the image: `sha256:` and 64 hexadecimal digits.")
    app: StudioApp = Field(default="jupyterlab", description="The app that runs the image.")


class CanvasSettings(Settings):
    """Settings of Canvas, which builds models without code. These models cannot be registered or served (EXP-10)."""

    personas: List[StudioPersona] = Field(
        description="Personas that may open Canvas. Each user has their own workspace.",
        examples=[["lead-data-scientist"]],
    )


class StudioSettings(Settings):
    """Settings of the Studio domain, which always runs in VPC-only mode."""

    enabled: bool | None = Field(
        default=None,
        description="Whether the environment has a Studio domain. Default: only experimentation and development have "
        "one.",
    )
    idle_timeout_minutes: Annotated[int, within(*STUDIO_IDLE_MINUTES, "minutes")] = Field(
        default=120,
        description="Minutes without activity after which an app stops and costs nothing (SageMaker, 60-525,600).",
    )
    users: Mapping[UserName, StudioUser] = Field(
        default_factory=dict,
        description="Studio users by user name: with IAM Identity Center, as in its directory, which may be an e-mail "
        "address. Each has a user profile, a role and private spaces. SageMaker and IAM allow fewer characters, so "
        "their names are derived from a user name with others.",
    )
    package_index: HttpsUrl | None = Field(
        default=None,
        description="URL of a Python package index that apps install from. Default: pypi.org, which needs internet "
        "access.",
        examples=["https://packages.acme.example/simple"],
    )
    docker: bool = Field(
        default=False,
        description="Allow Docker in apps, with images from the tooling account and the environment's account only.",
    )
    canvas: CanvasSettings | None = Field(
        default=None,
        description="Canvas, in experimentation only. Default: hidden and not permitted.",
    )
    tracking: bool = Field(
        default=False,
        description="A managed MLflow app that records the runs of users and jobs of the environment (EXP-11).",
    )
    homes_at_deletion: Literal["delete", "keep"] = Field(
        default="delete",
        description="Whether to delete or keep the home file system when the domain is deleted. A kept file system "
        "still costs.",
    )
    images: Mapping[StudioImageName, StudioImage] = Field(
        default_factory=dict,
        description=f"Images from the registry in the tooling account that apps may use, at most {IMAGES}.",
    )
    limits: Mapping[StudioPersona, StudioLimits] = Field(
        default_factory=dict, description="Instance types and volumes by persona, where they differ from the defaults."
    )

    def limits_of(self, persona: StudioPersona) -> StudioLimits:
        return self.limits.get(persona, DEFAULT_LIMITS[persona])

    def users_in(self, stack: int) -> Mapping[str, StudioUser]:
        """Returns the users in one of the environment's Studio stacks, by name."""
        return {name: user for name, user in sorted(self.users.items()) if user.stack == stack}

    @property
    def stacks(self) -> tuple[int, ...]:
        """The numbers of the Studio stacks. The first always exists, because it contains the domain."""
        return tuple(sorted({1, *(user.stack for user in self.users.values())}))
