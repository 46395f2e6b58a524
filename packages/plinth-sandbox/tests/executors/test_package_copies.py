"""CodeArtifact: versions that are copied between repositories of a domain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from executors.package_server import OLDER, WHEEL, ask, index_of_machine
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with index_of_machine(tmp_path_factory.mktemp("index")), EmulatedAws(tmp_path_factory.mktemp("aws")) as started:
        yield started


class Domain:
    """A domain with the repository `public`, which has an external connection, and `reviewed`, which has none."""

    def __init__(self, aws: EmulatedAws, name: str) -> None:
        self.aws, self.name = aws, name
        self.api = aws.client("codeartifact")
        self.api.create_domain(domain=name)
        for repository in ("public", "reviewed"):
            self.api.create_repository(domain=name, repository=repository)
        connection = {"domain": name, "repository": "public", "externalConnection": "public:pypi"}
        self.api.associate_external_connection(**connection)

    def get(self, repository: str, path: str) -> tuple[int, str]:
        token = self.api.get_authorization_token(domain=self.name)["authorizationToken"]
        url = self.api.get_repository_endpoint(domain=self.name, repository=repository, format="pypi")
        return ask(self.aws, url["repositoryEndpoint"], path, token)

    def copy(self, *versions: str, **changes: Any) -> dict[str, Any]:
        where = {"domain": self.name, "sourceRepository": "public", "destinationRepository": "reviewed"}
        package = {"format": "pypi", "package": "plinth-sample", "versions": list(versions)}
        return dict(self.api.copy_package_versions(**{**where, **package, **changes}))


def test_a_version_that_somebody_requested_is_copied_and_no_other_one_is_there(server: EmulatedAws) -> None:
    domain = Domain(server, "copies")
    assert domain.get("reviewed", "plinth-sample/")[0] == 404
    assert domain.get("public", f"plinth-sample/{WHEEL}")[0] == 200
    copied = domain.copy("1.0", "0.9")
    assert copied["successfulVersions"]["1.0"]["status"] == "Published"
    assert copied["failedVersions"]["0.9"]["errorCode"] == "NOT_FOUND"
    status, page = domain.get("reviewed", "plinth-sample/")
    assert (status, WHEEL in page, OLDER in page) == (200, True, False)
    assert domain.get("reviewed", f"plinth-sample/{WHEEL}")[0] == 200
    assert domain.get("reviewed", f"plinth-sample/{OLDER}")[0] == 404
    assert domain.copy("1.0")["failedVersions"]["1.0"]["errorCode"] == "ALREADY_EXISTS"
    assert "1.0" in domain.copy("1.0", allowOverwrite=True)["successfulVersions"]


def test_repositories_are_listed_with_their_domain(server: EmulatedAws) -> None:
    domain = Domain(server, "listed")
    Domain(server, "elsewhere")
    whole = domain.api.list_repositories_in_domain(domain="listed")["repositories"]
    assert [(repository["domainName"], repository["name"]) for repository in whole] == [
        ("listed", "public"),
        ("listed", "reviewed"),
    ]
    assert {repository["domainOwner"] for repository in whole} == {MANAGEMENT}
    some = domain.api.list_repositories(repositoryPrefix="rev")["repositories"]
    assert {repository["domainName"] for repository in some} >= {"listed", "elsewhere"}
    assert {repository["name"] for repository in some} == {"reviewed"}


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("no-package", {"package": "absent"}, "ResourceNotFoundException"),
        ("no-repository", {"destinationRepository": "absent"}, "ResourceNotFoundException"),
        ("itself", {"destinationRepository": "public"}, "ValidationException"),
        ("no-version", {"versions": []}, "ValidationException"),
    ],
)
def test_a_copy_that_codeartifact_refuses_is_refused(
    server: EmulatedAws, name: str, changes: dict[str, Any], code: str
) -> None:
    domain = Domain(server, name)
    domain.get("public", f"plinth-sample/{WHEEL}")
    with pytest.raises(ClientError) as refused:
        domain.copy("1.0", **changes)
    assert refused.value.response["Error"]["Code"] == code
