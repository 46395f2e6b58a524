"""Uploads of package managers: a form with a file, at the address of a repository.

CodeArtifact accepts a file once. By default it refuses a package that came from upstream, so that nobody replaces it.

Sources: PyPI, "Upload API"; CodeArtifact User Guide, "Configure and use twine with CodeArtifact" and "Package origin
controls" (read 2026-11-26).
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import MIMEPart

from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.codeartifact.executor.retained import UPSTREAM, Retained
from plinth_sandbox.emulator.services.codeartifact.executor.upstream import File

PUBLISHING = "codeartifact:PublishPackageVersion"
UPLOAD_PATH = re.compile(r"/pypi/(?P<repository>[A-Za-z0-9][\w.-]{1,99})/?")
_FILE = re.compile(r"(?P<name>[A-Za-z0-9][\w.]*)-(?P<version>[\w.!+]+?)(-[\w.]+-[\w.]+-[\w.]+\.whl|\.tar\.gz)")
"""Names of wheels and source distributions (packaging.python.org, "Binary distribution format")."""
_TEXT = {"Content-Type": "text/plain"}


def normalized(name: str) -> str:
    """Returns the name of a project as an index writes it (packaging.python.org, "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", name).lower()


def version_of(file: str) -> str:
    """Returns the version in the name of a file, which is empty if there is none."""
    match = _FILE.fullmatch(file)
    return "" if match is None else match["version"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with a file."""

    fields: Mapping[str, str]
    file: str
    """Name of the file, which is empty if there is none."""
    content: bytes

    @property
    def project(self) -> str:
        """Name of the package, which is empty if the form names none."""
        return normalized(self.fields.get("name", ""))

    @classmethod
    def of(cls, request: Request) -> Upload:
        """Returns the form of a request, which is empty if it has none."""
        parts = _parts(request)
        texts = {name: _body(part) for name, part in parts.items() if part.get_filename() is None}
        fields = {name: body.decode(errors="replace") for name, body in texts.items()}
        file = parts.get("content")
        return cls(fields, "", b"") if file is None else cls(fields, file.get_filename() or "", _body(file))


def receive(upload: Upload, retained: Retained) -> Answer:
    """Keeps an uploaded file, or refuses it."""
    fields, file, project = upload.fields, upload.file, upload.project
    match = _FILE.fullmatch(file)
    if fields.get(":action") != "file_upload" or match is None:
        return Answer(400, _TEXT, b"The request is no upload of a wheel or a source distribution.\n")
    if (normalized(match["name"]), match["version"]) != (project, fields.get("version")):
        return Answer(400, _TEXT, f"{file} is no file of {project} {fields.get('version')}.\n".encode())
    if fields.get("sha256_digest") not in (None, hashlib.sha256(upload.content).hexdigest()):
        return Answer(400, _TEXT, f"The SHA-256 digest of {file} is another one.\n".encode())
    if retained.origin(project) == UPSTREAM:
        text = f"The origin configuration of {project} blocks publishing: its versions come from upstream.\n"
        return Answer(403, _TEXT, text.encode())
    if retained.content(project, file) is not None:
        return Answer(409, _TEXT, f"{file} is published already, and its content cannot be changed.\n".encode())
    retained.publish(project, File(file, ""), upload.content)
    return Answer(200, _TEXT, b"")


def _parts(request: Request) -> dict[str, MIMEPart]:
    """Returns the parts of a form by their name; none if the request has no form."""
    kind = request.header("content-type")
    if not kind.startswith("multipart/form-data"):
        return {}
    message = email.message_from_bytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + request.body, policy=email.policy.HTTP
    )
    found = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
    return {name: part for name, part in found.items() if isinstance(name, str)}


def _body(part: MIMEPart) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""
