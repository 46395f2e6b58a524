"""Settings of the GitLab runners in the Kubernetes cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from settings.organization.cluster.proxy import ProxySettings
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import Checked, ImageDigest, List, TeamName, matching, within

MOST_TEAMS = 12
"""Most teams with runners. Each adds about 30 resources to the stack, whose updates take longer with each."""

ForgeAddress = Annotated[
    str,
    matching(
        r"https://[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+(:[1-9][0-9]{0,4})?",
        "is not the address of a GitLab instance: https:// and a host name in lower-case letters",
        "write no path: https://gitlab.acme.example",
    ),
]


def _some(images: Sequence[str]) -> Sequence[str]:
    if not images:
        raise refusal(Code.FIELD_MISSING, "is empty, so that no job could run", "name the digest of an image")
    return images


JobImages = Annotated[List[ImageDigest], Checked(_some, {"minItems": 1})]


class CiTeamSettings(Settings):
    """Limits of the jobs of a team. All have defaults."""

    jobs: Annotated[int, within(1, 100, "jobs")] = Field(
        default=4, description="Number of jobs that run at the same time. The quota of the namespace admits no more."
    )
    cpus: Annotated[int, within(1, 32, "vCPUs")] = Field(default=1, description="vCPUs that each job requests.")
    memory_gib: Annotated[int, within(1, 256, "GiB")] = Field(
        default=4, description="Memory that each job may use, in GiB, of which half of one is for its helper."
    )


def _few(teams: Mapping[str, CiTeamSettings]) -> Mapping[str, CiTeamSettings]:
    if not teams:
        raise refusal(Code.FIELD_MISSING, "is empty, so that no job could run", "name a team, or remove ci")
    if len(teams) > MOST_TEAMS:
        rule = f"has {len(teams)} teams, and the stack has room for {MOST_TEAMS}"
        raise refusal(Code.OUT_OF_RANGE, rule, "remove teams that have no jobs")
    return teams


CiTeams = Annotated[Mapping[TeamName, CiTeamSettings], Checked(_few, {"minProperties": 1, "maxProperties": MOST_TEAMS})]


class CiSettings(Settings):
    """Settings of the GitLab runners in the cluster. All but ``proxy`` have no default."""

    address: ForgeAddress = Field(
        description="Address of the GitLab instance that hands out jobs. The tooling network, or `proxy`, needs a way "
        "to it.",
        examples=["https://gitlab.acme.example"],
    )
    image: ImageDigest = Field(
        description="Digest of the image with GitLab Runner and Plinth's package `runtime` in the repository `plinth` "
        "of the tooling account.",
        examples=[f"sha256:{'d' * 64}"],
    )
    helper_image: ImageDigest = Field(
        description="Digest of the helper image of the same version of GitLab Runner in that repository, which fetches "
        "sources and stores artifacts.",
        examples=[f"sha256:{'e' * 64}"],
    )
    job_images: JobImages = Field(
        description="Digests of the images in that repository in which jobs may run. The first one is the default.",
        examples=[[f"sha256:{'f' * 64}"]],
    )
    proxy: ProxySettings | None = Field(
        default=None,
        description="The HTTPS proxy through which runners and jobs reach the GitLab instance. Default: they reach it "
        "from the tooling network.",
    )
    teams: CiTeams = Field(
        description="Teams with runners, and the limits of their jobs. Each has a namespace, a runner and roles of its "
        "own.",
        examples=[{"fraud": {"jobs": 4}}],
    )
