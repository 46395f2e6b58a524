"""Publishes the wheel of the library to the package repository of the organization, as ``twine upload`` does.

Sources: CodeArtifact User Guide, "Configure and use twine with CodeArtifact"; PyPI, "Upload API" (read 2026-11-26).
"""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from selfservice.engine.account_access import DENIED, Account
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError, RefusedError
from selfservice.runner.project import Project
from selfservice.runner.states import resources_by_stack
from selfservice.use_cases.library.wheel import NAME, Wheel, library_wheel
from selfservice.use_cases.working_copy import ENDPOINT
from settings.organization.packages import PACKAGE_HOST, PYPI

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
        return {one["name"]: one["hashes"].get("SHA-256", "") for one in found}

    def upload(self, wheel: Wheel) -> None:
        """Uploads a wheel. Raises: RefusedError with the answer of the repository."""
        client = self.account.client("codeartifact")
        token = client.get_authorization_token(domain=self.domain)["authorizationToken"]
        url = client.get_repository_endpoint(**self._where, format="pypi")["repositoryEndpoint"]
        status, text = _posted(url, token, _fields(wheel), wheel)
        if status not in (200, 201, 202):
            raise RefusedError(f"{url} refused {wheel.file.name} with the status {status}: {text.strip()[:500]}")


def package_place(project: Project) -> PackagePlace | None:
    """Returns the package repository of the organization, or None if its settings have none.

    Raises: BadInputError if the stack with the repository is not deployed.
    """
    from settings.files.validation_cache import load_cached

    if not load_cached(project.directory).has_packages:
        return None
    resources = resources_by_stack(project, [PACKAGE_HOST])[PACKAGE_HOST]
    domain = next((one for one in resources if one["type"] == _DOMAIN), None)
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
    from botocore.exceptions import ClientError  # imported here, because few commands call AWS

    try:
        published = place.published(wheel.version)
        if not published:
            place.upload(wheel)
            return f"{wheel.requirement} is published in {place.domain}/{place.repository}."
    except ClientError as error:
        answer = error.response["Error"]
        if answer["Code"] not in DENIED:
            raise
        raise RefusedError(f"{wheel.requirement} is not published: {answer['Message']}") from error
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


def _posted(url: str, token: str, fields: Mapping[str, str], wheel: Wheel) -> tuple[int, str]:
    """Sends a form with a file, through the proxy and with the certificate authorities of AWS's clients.

    In a shell whose endpoint is another server than AWS, such as the sandbox, that server gets the request.
    """
    from botocore.awsrequest import AWSRequest
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

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
    headers = {
        "Authorization": f"Basic {base64.b64encode(f'aws:{token}'.encode()).decode()}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    if endpoint := os.environ.get(ENDPOINT):
        address = urlsplit(url)
        headers["Host"], url = address.netloc, f"{endpoint.rstrip('/')}{address.path}"
    certificates: Any = os.environ.get("AWS_CA_BUNDLE") or True
    http = URLLib3Session(verify=certificates, proxies=get_environ_proxies(url))
    answer: Any = http.send(AWSRequest("POST", url, headers=headers, data=body).prepare())
    return int(answer.status_code), str(answer.text)
