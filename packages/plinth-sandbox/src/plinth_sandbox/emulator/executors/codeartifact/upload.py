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
from email.message import MIMEPart

from plinth_sandbox.emulator.executors.codeartifact.retained import UPSTREAM, Retained
from plinth_sandbox.emulator.executors.codeartifact.upstream import File
from plinth_sandbox.emulator.message import Answer, Request

PUBLISHING = "codeartifact:PublishPackageVersion"
UPLOAD_PATH = re.compile(r"/pypi/(?P<repository>[A-Za-z0-9][\w.-]{1,99})/?")
_FILE = re.compile(r"(?P<name>[A-Za-z0-9][\w.]*)-(?P<version>[\w.!+]+?)(-[\w.]+-[\w.]+-[\w.]+\.whl|\.tar\.gz)")
"""Names of wheels and source distributions (packaging.python.org, "Binary distribution format")."""
_TEXT = {"Content-Type": "text/plain"}


def normalized(name: str) -> str:
    """Returns the name of a project as an index writes it (packaging.python.org, "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", name).lower()


def uploaded_name(request: Request) -> str:
    """Returns the name of the package that a request uploads, which is empty if it names none."""
    part = _parts(request).get("name")
    return "" if part is None else _text(part)


def version_of(file: str) -> str:
    """Returns the version in the name of a file, which is empty if there is none."""
    match = _FILE.fullmatch(file)
    return "" if match is None else match["version"]


def receive(request: Request, retained: Retained) -> Answer:
    """Keeps an uploaded file, or refuses it."""
    parts = _parts(request)
    fields = {name: _text(part) for name, part in parts.items() if part.get_filename() is None}
    content = parts.get("content")
    file = "" if content is None else content.get_filename() or ""
    match = _FILE.fullmatch(file)
    if content is None or fields.get(":action") != "file_upload" or match is None:
        return Answer(400, _TEXT, b"The request is no upload of a wheel or a source distribution.\n")
    project = normalized(fields.get("name", ""))
    if (normalized(match["name"]), match["version"]) != (project, fields.get("version")):
        return Answer(400, _TEXT, f"{file} is no file of {project} {fields.get('version')}.\n".encode())
    body = content.get_payload(decode=True)
    assert isinstance(body, bytes)
    if fields.get("sha256_digest") not in (None, hashlib.sha256(body).hexdigest()):
        return Answer(400, _TEXT, f"The SHA-256 digest of {file} is another one.\n".encode())
    if retained.origin(project) == UPSTREAM:
        text = f"The origin configuration of {project} blocks publishing: its versions come from upstream.\n"
        return Answer(403, _TEXT, text.encode())
    if retained.content(project, file) is not None:
        return Answer(409, _TEXT, f"{file} is published already, and its content cannot be changed.\n".encode())
    retained.publish(project, File(file, ""), body)
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


def _text(part: MIMEPart) -> str:
    body = part.get_payload(decode=True)
    return body.decode(errors="replace") if isinstance(body, bytes) else ""
