"""Settings of container images of use cases."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from settings.organization.images.vulnerability_waiver import VulnerabilityWaiver
from settings.types.aws.image_registries import image_registries
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import Checked, List

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]
"""Severities of findings that can be refused, the worst first (Amazon ECR API, ImageScanFinding)."""
PROVIDED_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
"""Image that CodeBuild provides, with Python, Docker and git (CodeBuild User Guide, "Docker images provided by
CodeBuild")."""
_PINNED = (
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com"
    r"/(?P<repository>[a-z0-9]+([._/-][a-z0-9]+)*)(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?@sha256:[0-9a-f]{64}"
)
_PROVIDED = r"aws/codebuild/[a-z0-9][a-z0-9_.-]{1,80}:[0-9][0-9A-Za-z._-]{0,40}"
_FORM = "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>"


def _pinned_image(text: str) -> str:
    if not re.fullmatch(_PINNED, text):
        rule = "is not an image of ECR by its digest, the only images that builds reach and that no push can change"
        raise refusal(Code.FORMAT, rule, f"write it as {_FORM}")
    return text


def _build_image(text: str) -> str:
    if not re.fullmatch(_PINNED, text) and not re.fullmatch(_PROVIDED, text):
        rule = "is neither an image that CodeBuild provides nor an image of ECR by its digest"
        raise refusal(Code.FORMAT, rule, f"write it as {PROVIDED_IMAGE} or {_FORM}")
    return text


PinnedImage = Annotated[str, Checked(_pinned_image, {"minLength": 100})]
BuildImage = Annotated[str, Checked(_build_image, {"minLength": 15})]


class ImageSettings(Settings):
    """Settings of images. All have defaults."""

    base: PinnedImage | None = Field(
        default=None,
        description="Base image of dockerfiles that start with `FROM ${BASE_IMAGE}`, in a registry of AWS or of this "
        "organization in the home region, by digest. Default: none; dockerfiles name their base image themselves.",
        examples=[f"763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training@sha256:{'0' * 64}"],
    )
    build_image: BuildImage = Field(
        default=PROVIDED_IMAGE,
        description="Image in which builds run: one that CodeBuild provides, or one of ECR by digest. It contains "
        "Python 3, git, the AWS CLI and, if use cases have images, Docker.",
    )
    refused_severity: Severity = Field(
        default="CRITICAL",
        description="Severity from which on a finding in an image keeps a model from being promoted.",
    )
    waivers: List[VulnerabilityWaiver] = Field(
        default=(),
        description="Findings with which images of a use case are promoted all the same, each for at most 90 days.",
    )


def place_of(image: str) -> tuple[str, str, str] | None:
    """Returns account, region and repository of an image of ECR by digest; None for any other image."""
    found = re.fullmatch(_PINNED, image)
    return (found["account"], found["region"], found["repository"]) if found else None


def base_accounts(region: str, base: str | None) -> tuple[str, ...]:
    """Returns the ids of the accounts whose registries have base images: AWS's own, which the endpoint of ECR reaches
    without the internet, and that of ``base``."""
    place = place_of(base) if base else None
    return tuple(dict.fromkeys([*image_registries(region), *([place[0]] if place else [])]))


def repository_arns(*images: str | None) -> tuple[str, ...]:
    """Returns the ARNs of the ECR repositories of images by digest. Other images have none."""
    places = filter(None, (place_of(image) for image in images if image))
    return tuple(dict.fromkeys(f"arn:aws:ecr:{region}:{account}:repository/{name}" for account, region, name in places))
