"""Builds of the example that install reviewed versions of packages only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.workbench import Workbench


@pytest.fixture
def reviewed(acme: Workbench) -> Iterator[Any]:
    """A client of the account with the repositories, while the settings require reviews."""
    acme.change_organization(packages={"upstream": "reviewed"})
    acme.plinth("up", "tooling", "--yes")
    yield acme.client("codeartifact", str(acme.outputs("tooling")["account_id"]))
    acme.change_organization(packages={"upstream": "pypi"})
    acme.plinth("up", "tooling", "--yes")


def test_an_allowed_version_is_copied_to_the_repository_of_the_builds_by_the_deployer(
    acme: Workbench, reviewed: Any
) -> None:
    described = {
        name: reviewed.describe_repository(domain="acme", repository=name)["repository"]["externalConnections"]
        for name in ("pypi", "pypi-public")
    }
    assert described["pypi"] == []
    assert [external_connection["externalConnectionName"] for external_connection in described["pypi-public"]] == [
        "public:pypi"
    ]
    said = acme.plinth("packages", "allow", "iniconfig==2.0.0").stdout
    assert said.endswith("iniconfig==2.0.0 is allowed.\n")
    (asset,) = reviewed.list_package_version_assets(
        domain="acme", repository="pypi", format="pypi", package="iniconfig", packageVersion="2.0.0"
    )["assets"]
    assert asset["name"] == "iniconfig-2.0.0-py3-none-any.whl"
    refused = acme.plinth("packages", "allow", "iniconfig==0.0.7", check=False)
    assert refused.stderr.strip().endswith("pypi.org has no iniconfig==0.0.7")
