"""Publishes the wheel of the library to the package repository of the organization, as ``twine upload`` does.

Sources: CodeArtifact User Guide, "Configure and use twine with CodeArtifact"; PyPI, "Upload API" (read 2026-11-26).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from selfservice.engine.account_access import Account, denials_refused
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError, RefusedError
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack
from selfservice.use_cases.library.package_index import PackageIndex
from selfservice.use_cases.library.wheel import NAME, Wheel, library_wheel
from settings.organization.packages import PACKAGE_HOST, PYPI, PackageUpstream

_DOMAIN = "aws:codeartifact/domain:Domain"
_METADATA = "2.1"
"""Version of the metadata that an upload repeats (packaging.python.org, "Core metadata specifications")."""


@dataclass(frozen=True, slots=True)
class PackagePlace:
    """The package repository of the organization, and the access of the role that deploys it."""

    account: Account
    domain: str
    repository: str = PYPI

    @property
    def _where(self) -> dict[str, str]:
        return {"domain": self.domain, "repository": self.repository}

    def published(self, version: str) -> dict[str, str]:
        """Returns the SHA-256 of the files of a version of the library, by name; none if it is not published."""
        client = self.account.client("codeartifact")
        asked = {**self._where, "format": "pypi", "package": NAME, "packageVersion": version}
        try:
            found = client.list_package_version_assets(**asked)["assets"]
        except client.exceptions.ResourceNotFoundException:
            return {}
        return {asset["name"]: asset["hashes"].get("SHA-256", "") for asset in found}

    def upload(self, wheel: Wheel) -> None:
        """Uploads a wheel. Raises: RefusedError with the answer of the repository."""
        index = self.index(self.repository)
        form = _form(_fields(wheel), wheel)
        answer = index.post(form.body, form.content_type)
        if answer.status not in (200, 201, 202):
            text = answer.text.strip()[:500]
            raise RefusedError(f"{index.url} refused {wheel.file.name} with the status {answer.status}: {text}")

    def index(self, repository: str) -> PackageIndex:
        """Returns the index of a repository of the domain, with a token."""
        client = self.account.client("codeartifact")
        token = client.get_authorization_token(domain=self.domain)["authorizationToken"]
        where = {"domain": self.domain, "repository": repository}
        url = client.get_repository_endpoint(**where, format="pypi")["repositoryEndpoint"]
        return PackageIndex(url=str(url), token=str(token))


def package_place(project: Project, *, upstream: PackageUpstream | None = None) -> PackagePlace | None:
    """Returns the package repository of the organization, or None if its settings have none, or another upstream than
    the given one.

    Raises: BadInputError if the stack with the repository is not deployed.
    """
    from settings.files.validation_cache import load_cached

    settings = load_cached(project.directory).organization.packages
    if settings is None or upstream not in (None, settings.upstream):
        return None
    resources = resources_by_stack(project, [PACKAGE_HOST])[PACKAGE_HOST]
    domain = next((resource for resource in resources if resource["type"] == _DOMAIN), None)
    if domain is None:
        raise BadInputError(f"the package repository is not deployed; run `plinth up {PACKAGE_HOST} --with-needs`")
    account = Search({"resources": resources}).account_of(domain)
    return PackagePlace(account=account, domain=str(domain["inputs"]["domain"]))


def publish_library(program: Path, place: PackagePlace) -> str:
    """Builds the wheel of the library of a program and publishes it: see :func:`publish_wheel`."""
    with TemporaryDirectory(prefix="plinth-packages-") as folder:
        return publish_wheel(library_wheel(program, Path(folder)), place)


def publish_wheel(wheel: Wheel, place: PackagePlace) -> str:
    """Publishes a wheel unless its version is published, and returns a sentence that says which of both.

    Raises: RefusedError if the version has other content, or if AWS refuses a call.
    """
    with denials_refused(lambda reason: f"{wheel.requirement} is not published: {reason}"):
        published = place.published(wheel.version)
        if not published:
            place.upload(wheel)
            return f"{wheel.requirement} is published in {place.domain}/{place.repository}."
    if published.get(wheel.file.name) != wheel.sha256:
        raise RefusedError(
            f"{wheel.requirement} is published in {place.domain}/{place.repository} with other content, and a version "
            "never changes; give the library a new version in packages/plinth-project/pyproject.toml"
        )
    return f"{wheel.requirement} is published in {place.domain}/{place.repository} already."


def _fields(wheel: Wheel) -> dict[str, str]:
    return {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": _METADATA,
        "name": NAME,
        "version": wheel.version,
        "filetype": "bdist_wheel",
        "pyversion": "py3",
        "sha256_digest": wheel.sha256,
    }


@dataclass(frozen=True, slots=True)
class _Form:
    """A form with a file, as the body of a request."""

    body: bytes
    content_type: str


def _form(fields: Mapping[str, str], wheel: Wheel) -> _Form:
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{wheel.file.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = "".join(parts).encode() + wheel.file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    return _Form(body, f"multipart/form-data; boundary={boundary}")
