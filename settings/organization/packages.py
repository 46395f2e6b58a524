"""Settings of the package repository from which builds install."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings.types.kinds import DurableKind
from settings.types.model import Settings
from settings.types.naming import named

PACKAGE_HOST: DurableKind = "tooling"
"""Account kind that has the repository. Phases without it allow no packages."""
LIBRARY = "plinth-project"
"""Package that Plinth publishes to the repository: the library of the use cases."""
PYPI = "pypi"
"""Name of the repository of Python packages."""
PUBLIC_PYPI = "pypi-public"
"""Name of the repository that fetches packages from pypi.org, if builds install reviewed versions only."""


def package_domain(organization: str) -> str:
    """Returns the name of the CodeArtifact domain of an organization."""
    return named("CodeArtifact domain", organization)


PackageUpstream = Literal["pypi", "reviewed", "none"]


class PackageSettings(Settings):
    """Settings of the repository of Python packages in CodeArtifact. All have defaults."""

    upstream: PackageUpstream = Field(
        default="pypi",
        description="Where the repository gets packages that it does not hold. pypi: CodeArtifact fetches and keeps "
        "them from pypi.org. reviewed: builds install the versions that `plinth packages allow` has copied. none: "
        "builds install only what you publish to the repository.",
    )
