"""CodeArtifact: packages that are published to a repository, judged by policies and by the origin of a package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from executors.package_server import PACKAGE, WHEEL, index_of_machine
from executors.test_packages import Shelf, allowing, session
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws

NAME = "acme-tools"
FILE = "acme_tools-1.0-py3-none-any.whl"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def server(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with index_of_machine(index), EmulatedAws(tmp_path_factory.mktemp("aws")) as started:
        yield started


def upload(
    shelf: Shelf, token: str, body: bytes = b"wheel", file: str = FILE, name: str = NAME, **fields: str
) -> tuple[int, str]:
    """Uploads a file as twine does, and returns status and text."""
    digest = hashlib.sha256(body).hexdigest()
    form = {":action": "file_upload", "protocol_version": "1", "name": name, "version": "1.0", "sha256_digest": digest}
    answer = requests.post(
        f"{shelf.aws.url}/pypi/pypi/",
        data={**form, **fields},
        files={"content": (file, body)},
        headers={"Host": shelf.url.split("/")[2]},
        auth=("aws", token),
        timeout=120,
    )
    return answer.status_code, answer.text


def assets(shelf: Shelf, name: str = NAME, version: str = "1.0") -> list[dict[str, Any]]:
    asked = {**shelf.where, "format": "pypi", "package": name, "packageVersion": version}
    return list(shelf.api.list_package_version_assets(**asked)["assets"])


def test_a_published_file_is_served_and_listed_and_is_never_replaced(server: EmulatedAws) -> None:
    shelf = Shelf(server, "publishes")
    token = shelf.token()
    with pytest.raises(ClientError, match="Package version not found"):
        assets(shelf)
    assert upload(shelf, token) == (200, "")
    digest = hashlib.sha256(b"wheel").hexdigest()
    assert f"{FILE}#sha256={digest}" in shelf.get("acme-tools/", token)[1]
    assert shelf.get(f"acme-tools/{FILE}", token) == (200, "wheel")
    assert assets(shelf) == [{"name": FILE, "size": 5, "hashes": {"SHA-256": digest}}]
    for body in (b"wheel", b"other"):
        status, text = upload(shelf, token, body)
        assert (status, "published already" in text) == (409, True)
    assert shelf.get(f"acme-tools/{FILE}", token) == (200, "wheel")
    with pytest.raises(ClientError, match="Package version not found"):
        assets(shelf, version="1.1")


def test_what_is_no_upload_of_its_file_is_refused(server: EmulatedAws) -> None:
    shelf = Shelf(server, "refuses")
    token = shelf.token()
    wrong: list[dict[str, str]] = [
        {"sha256_digest": "0" * 64},
        {"version": "2.0"},
        {"name": "other"},
        {":action": "submit"},
        {"file": "notes.txt"},
    ]
    for fields in wrong:
        assert upload(shelf, token, **fields)[0] == 400, fields
    for bad in ("", "token", token[:-2] + "AA"):
        assert upload(shelf, bad)[0] == 401
    assert shelf.get("acme-tools/", token)[0] == 404


def test_a_package_has_one_origin(server: EmulatedAws, index: Path) -> None:
    """Packages from upstream are not published, and published packages do not come from upstream."""
    shelf = Shelf(server, "origins")
    shelf.connect()
    token = shelf.token()
    content = (index / "plinth-sample" / WHEEL).read_bytes()
    newer = {"file": WHEEL.replace("1.0", "1.1"), "name": PACKAGE, "version": "1.1"}
    assert shelf.get(f"plinth-sample/{WHEEL}", token)[0] == 200
    status, text = upload(shelf, token, content, **newer)
    assert (status, "come from upstream" in text) == (403, True)
    other = Shelf(server, "direct")
    other.connect()
    token = other.token()
    assert WHEEL in other.get("plinth-sample/", token)[1]
    assert upload(other, token, content, **newer)[0] == 200
    page = other.get("plinth-sample/", token)[1]
    assert (newer["file"] in page, WHEEL in page) == (True, False)
    assert other.get(f"plinth-sample/{WHEEL}", token)[0] == 404


def test_policies_of_the_role_and_of_the_repository_decide_about_each_package(server: EmulatedAws) -> None:
    shelf = Shelf(server, "guarded")
    place = f"arn:aws:codeartifact:{REGION}:{MANAGEMENT}"
    api = session(server, server.role("publisher", "codebuild"))
    allow = allowing(server, "publisher")
    bearer = {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}
    tokens = [
        ("codeartifact:GetAuthorizationToken", f"{place}:domain/guarded", {}),
        ("sts:GetServiceBearerToken", "*", bearer),
    ]
    allow(*tokens, ("codeartifact:ReadFromRepository", f"{place}:repository/guarded/pypi", {}))
    token = shelf.token(api)
    package = f"{place}:package/guarded/pypi/pypi//{NAME}"
    status, text = upload(shelf, token)
    assert (status, f"PublishPackageVersion on resource: {package}" in text) == (403, True)
    allow(*tokens, ("codeartifact:PublishPackageVersion", package, {}))
    assert upload(shelf, token, name="other", file="other-1.0-py3-none-any.whl")[0] == 403
    deny = {"Effect": "Deny", "Principal": "*", "Action": "codeartifact:PublishPackageVersion", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [deny]}
    shelf.api.put_repository_permissions_policy(**shelf.where, policyDocument=json.dumps(document))
    assert upload(shelf, token)[0] == 403
    shelf.api.delete_repository_permissions_policy(**shelf.where)
    assert upload(shelf, token)[0] == 200
    with pytest.raises(ClientError, match="ListPackageVersionAssets"):
        api.list_package_version_assets(**shelf.where, format="pypi", package=NAME, packageVersion="1.0")
