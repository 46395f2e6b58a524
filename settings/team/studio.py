"""SageMaker Studio in an environment: what everybody has there, and who works in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from settings.types.kinds import Environment
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
StudioApp = Literal["jupyterlab", "code-editor"]

USERS_PER_STACK = 12
"""Each has up to seven resources, and the first stack holds what they share; none passes 150 (measured in tests)."""
IMAGES = 5
"""Each is four resources of the first stack."""
STACKS = 9
"""Studio stacks that an environment may have, so 108 users."""

WORKPLACES_OF: Mapping[StudioPersona, tuple[Environment, ...]] = MappingProxyType(
    {
        "data-scientist": ("experimentation", "development"),
        "lead-data-scientist": ("experimentation", "development"),
        "ml-engineer": ("development",),
    }
)
"""Where a persona may open Studio (PER-02, PER-04, PER-05)."""


class StudioLimits(Settings):
    """What a persona's machines may be. The first instance type is what a space starts with."""

    instance_types: List[InstanceType] = Field(
        description="Instance types that apps may run on; the first is the one that a space begins with.",
        examples=[["ml.t3.medium", "ml.g5.xlarge"]],
    )
    volume_gib: Annotated[int, within(5, 16_384, "GiB")] = Field(
        default=20, description="GiB of a space's volume when it is made (SageMaker, 5-16,384)."
    )
    max_volume_gib: Annotated[int, within(5, 16_384, "GiB")] = Field(
        default=100, description="GiB that a person may let the volume grow to; it never shrinks."
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
"""Notebooks are for thinking; what needs more is a job, which is paid while it runs (EXP-12)."""


class StudioUser(Settings):
    """One person's place in Studio."""

    # Required, so that somebody who comes or goes is not taken for somebody who changed.
    persona: StudioPersona = Field(description="Whose rights and limits the person has.")
    apps: List[StudioApp] = Field(
        default=("jupyterlab",), description="A private space each, with a volume of its own that stays while it stops."
    )
    stack: Annotated[int, within(1, STACKS, "stacks")] = Field(
        default=1,
        description=f"Which Studio stack of the environment holds the person; each holds {USERS_PER_STACK}.",
        json_schema_extra=IMMUTABLE,
    )


class StudioImage(Settings):
    """An image of the company's own, by its digest: a tag could point elsewhere tomorrow."""

    repository: StudioRepository = Field(description="Repository in tooling's registry.", examples=["studio/torch"])
    digest: ImageDigest = Field(description="Which image of it, `sha256:` and 64 digits.")
    app: StudioApp = Field(default="jupyterlab", description="What it is started as.")


class CanvasSettings(Settings):
    """Canvas, which makes models without code. They are for looking at: none is registered or served (EXP-10)."""

    personas: List[StudioPersona] = Field(
        description="Who sees it and opens it, each with a workspace of their own.",
        examples=[["lead-data-scientist"]],
    )


class StudioSettings(Settings):
    """Where people work. Always in VPC-only mode."""

    enabled: bool | None = Field(
        default=None, description="Whether there is a Studio domain. Default: in experimentation and development only."
    )
    idle_timeout_minutes: Annotated[int, within(60, 525_600, "minutes")] = Field(
        default=120,
        description="Minutes without work after which an app stops and costs nothing (SageMaker, 60-525,600).",
    )
    users: Mapping[UserName, StudioUser] = Field(
        default_factory=dict,
        description="Who has a profile, a role and spaces of their own; with Identity Center, the user names there.",
    )
    package_index: HttpsUrl | None = Field(
        default=None,
        description="Mirror of Python's libraries that apps install from. Default: the public one, if reached.",
        examples=["https://packages.acme.example/simple"],
    )
    docker: bool = Field(
        default=False,
        description="Containers inside apps, from images of tooling and of the environment's own account alone.",
    )
    canvas: CanvasSettings | None = Field(
        default=None,
        description="Models without code, in experimentation alone. Default: hidden, and nobody may open it.",
    )
    tracking: bool = Field(
        default=False,
        description="A managed MLflow app, which keeps the runs of people and jobs of the environment (EXP-11).",
    )
    homes_at_deletion: Literal["delete", "keep"] = Field(
        default="delete",
        description="What becomes of the file system of homes when the domain is deleted. What is kept is paid.",
    )
    images: Mapping[StudioImageName, StudioImage] = Field(
        default_factory=dict, description=f"Images of tooling's registry that apps may run on, {IMAGES} at most."
    )
    limits: Mapping[StudioPersona, StudioLimits] = Field(
        default_factory=dict, description="Instance types and volumes of a persona, where others than the defaults."
    )

    def limits_of(self, persona: StudioPersona) -> StudioLimits:
        return self.limits.get(persona, DEFAULT_LIMITS[persona])

    def users_in(self, stack: int) -> Mapping[str, StudioUser]:
        """Who is held by one of the environment's Studio stacks, by name."""
        return {name: user for name, user in sorted(self.users.items()) if user.stack == stack}

    @property
    def stacks(self) -> tuple[int, ...]:
        """Numbers of the stacks: the first holds the domain, so it is there without users too."""
        return tuple(sorted({1, *(user.stack for user in self.users.values())}))
