"""The package index of repositories, at ``<domain>-<owner>.d.codeartifact.<region>.amazonaws.com/pypi/<repository>/``.

A package manager presents a token as its password. The permissions of the access key that got the token decide, at the
time of the request. Files come from the repository or, with an external connection, from the public index.

Source: CodeArtifact User Guide, "Configure and use pip with CodeArtifact" (read 2026-11-26).
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass

from moto.iam.models import get_account_id_from

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.request import Request as Permission
from plinth_sandbox.emulator.authorization.networks import endpoint_named
from plinth_sandbox.emulator.authorization.resources import resource_of
from plinth_sandbox.emulator.authorization.sessions import JUDGED_SESSIONS, JudgedSession
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.codeartifact.executor import tokens
from plinth_sandbox.emulator.services.codeartifact.executor.address import PackageAddress, address_of
from plinth_sandbox.emulator.services.codeartifact.executor.repositories import (
    connections,
    find_domain,
    find_repository,
)
from plinth_sandbox.emulator.services.codeartifact.executor.retained import PUBLISHED, Retained
from plinth_sandbox.emulator.services.codeartifact.executor.upload import (
    PUBLISHING,
    UPLOAD_PATH,
    Upload,
    normalized,
    receive,
    version_of,
)
from plinth_sandbox.emulator.services.codeartifact.executor.upstream import File, Index, UpstreamError
from plinth_sandbox.emulator.store.record import Record

_ACTION = "codeartifact:ReadFromRepository"
_ENDPOINTS = ("codeartifact.repositories",)
_PYPI = "public:pypi"
_PATH = re.compile(r"/pypi/(?P<repository>[A-Za-z0-9][\w.-]{1,99})/simple/(?P<project>[\w.-]+)/(?P<file>[\w.+!-]+)?")
_TEXT = {"Content-Type": "text/plain"}
_CHALLENGE = {**_TEXT, "WWW-Authenticate": 'Basic realm="CodeArtifact"'}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Repository, project and file that an allowed request asks for."""

    record: Record
    project: str
    file: str


class PackageIndex:
    """The index of all repositories of a sandbox."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._public = Index()

    def answer(self, request: Request) -> Answer | None:
        """Answers a request, or returns None if it is for no repository."""
        address = address_of(request)
        if address is None:
            return None
        if request.method == "POST":
            with self._runtime.outside.lock:
                upload = Upload.of(request)
                shelf = self._judged(request, address, UPLOAD_PATH, PUBLISHING, upload.project)
                return shelf if isinstance(shelf, Answer) else receive(upload, self._retained(shelf))
        if request.method not in ("GET", "HEAD"):
            return Answer(405, _TEXT, b"Method not allowed\n")
        with self._runtime.outside.lock:
            wanted = self._judged(request, address, _PATH, _ACTION)
        if isinstance(wanted, Answer):
            return wanted
        # The lock is free: other calls are answered while the public index is.
        try:
            found = self._file(wanted) if wanted.file else self._page(wanted)
        except UpstreamError as error:
            return Answer(502, _TEXT, f"The index of this machine: {error}.\n".encode())
        return Answer(found.status, found.headers) if request.method == "HEAD" else found

    def _judged(
        self, request: Request, address: PackageAddress, path: re.Pattern[str], action: str, package: str | None = None
    ) -> _Wanted | Answer:
        """Returns what the request asks for, or the answer that refuses it. Without a package of its own, the action is
        one on the repository, and the path names the project."""
        memory = self._runtime.memory
        try:
            domain = find_domain(memory, address.owner, address.region, address.domain)
        except AwsError as error:
            return Answer(404, _TEXT, f"{error}\n".encode())
        token = tokens.verify(_password(request), domain.arn, self._runtime.outside.directory)
        if token is None:
            return Answer(401, _CHALLENGE, b"Unauthorized\n")
        target = path.fullmatch(request.path)
        if target is None:
            return Answer(404, _TEXT, b"Not found\n")
        arn = f"{domain.arn.replace(':domain/', ':repository/')}/{target['repository']}"
        if package is not None:
            arn = f"{arn.replace(':repository/', ':package/')}/pypi//{package}"
        if (refused := self._refusal(token.access_key, action, arn, address.region)) is not None:
            return refused
        try:
            record = find_repository(memory, address.owner, address.region, address.domain, target["repository"])
        except AwsError as error:
            return Answer(404, _TEXT, f"{error}\n".encode())
        named = target.groupdict(default="")
        return _Wanted(record, package or normalized(named.get("project", "")), named.get("file", ""))

    def _refusal(self, access_key: str, action: str, arn: str, region: str) -> Answer | None:
        """Returns the refusal of a holder whose policies do not allow an action. Others than judged sessions pass."""
        memory = self._runtime.memory
        session: JudgedSession | None = memory.notes(JUDGED_SESSIONS).get(access_key)
        if session is None:
            return None
        principal = session.principal()
        if principal is None:
            return Answer(401, _CHALLENGE, b"Unauthorized\n")
        caller = get_account_id_from(access_key)
        permission = Permission(
            principal=principal,
            action=action,
            resource=resource_of(arn, action, caller, memory),
            region=region,
            endpoint=endpoint_named(_ENDPOINTS, region, session.account, session.origin.subnets, memory),
        )
        try:
            allowed = decide(permission).allowed
        except UnsupportedError as error:
            return Answer(403, _TEXT, f"The sandbox cannot judge a policy: {error}\n".encode())
        who = principal.session_arn or principal.name
        text = f"User: {who} is not authorized to perform: {action} on resource: {arn}\n"
        return None if allowed else Answer(403, _TEXT, text.encode())

    def _page(self, wanted: _Wanted) -> Answer:
        held = {file.name: file for file in self._retained(wanted).files(wanted.project)}
        files = {**self._published(wanted), **held}
        if not files:
            return Answer(404, _TEXT, f"Package {wanted.project} not found\n".encode())
        links = "".join(_link(file) for file in files.values())
        text = f"<!DOCTYPE html>\n<html><body>\n{links}</body></html>\n"
        return Answer(200, {"Content-Type": "text/html"}, text.encode())

    def _file(self, wanted: _Wanted) -> Answer:
        retained = self._retained(wanted)
        content = retained.content(wanted.project, wanted.file)
        if content is None:
            file = self._published(wanted).get(wanted.file)
            if file is None:
                return Answer(404, _TEXT, f"{wanted.file} not found\n".encode())
            content = self._public.content(file)
            retained.keep(wanted.project, file, content)
        return Answer(200, {"Content-Type": "application/octet-stream"}, content)

    def _published(self, wanted: _Wanted) -> dict[str, File]:
        """Returns the files that the repository would fetch, by name: of all versions with an external connection, and
        of those that were copied without one. A published package comes from nowhere else."""
        retained = self._retained(wanted)
        copied = None if _PYPI in connections(wanted.record) else retained.copied(wanted.project)
        if retained.origin(wanted.project) == PUBLISHED or copied == set():
            return {}
        files = self._public.files(wanted.project)
        return {file.name: file for file in files if copied is None or version_of(file.name) in copied}

    def _retained(self, wanted: _Wanted) -> Retained:
        return Retained(self._runtime.outside.directory, wanted.record)


def _password(request: Request) -> str:
    try:
        given = base64.b64decode(request.header("authorization").removeprefix("Basic ")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return given.partition(":")[2]


def _link(file: File) -> str:
    digest = file.hashes.get("sha256")
    target = html.escape(f"{file.name}#sha256={digest}" if digest else file.name)
    python = f' data-requires-python="{html.escape(file.requires_python)}"' if file.requires_python else ""
    return f'<a href="{target}"{python}>{html.escape(file.name)}</a><br>\n'
