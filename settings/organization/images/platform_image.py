"""Settings of the image with which promotions and requests run, if the tooling account builds it."""

from __future__ import annotations

from pydantic import Field

from settings.organization.images.image_settings import PinnedImage
from settings.types.kinds import DurableKind
from settings.types.model import Settings

IMAGE_HOST: DurableKind = "tooling"
"""Account kind that builds the image. Phases without it allow no builds."""


class PlatformImageSettings(Settings):
    """Settings of the builds of the platform's image. ``base`` has no default."""

    base: PinnedImage = Field(
        description="Base image of the `dockerfile` of Plinth, in a registry of AWS or of this organization in the "
        "home region, by digest. It contains Python 3.11 or later with pip, git, and the Pulumi engine with the "
        "plugins of Plinth, because builds reach no site from which these could be downloaded.",
        examples=[f"222222222222.dkr.ecr.eu-west-1.amazonaws.com/pulumi/pulumi-python@sha256:{'0' * 64}"],
    )
