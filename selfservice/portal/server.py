"""Serves the portal: on this machine, or behind a load balancer."""

from __future__ import annotations

import logging
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.errors import BadInputError
from selfservice.portal.access import audit
from selfservice.portal.options import PortalOptions
from selfservice.projects.project import Project, require_engine
from selfservice.projects.states import outputs_of
from settings.types.aws.portal_pods import issuer_of

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

_HOST = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"
_SHARED_ADDRESS = re.compile(r"https://[a-z0-9.-]+(:[0-9]+)?")
_IDENTITY = "identity"


def serve(
    project: Project, port: int, issuer_url: str | None, say: Callable[[str], None], *, address: str | None = None
) -> None:
    """Serves the portal until it is interrupted. With the port 0, it takes a free one.

    With an ``address``, browsers open that one, whose load balancer terminates TLS, and the portal listens for all
    machines. The actions of people are then lines of the standard output.

    Raises: BadInputError if the port is not free, the address has no TLS, or there is no IAM Identity Center to sign in
    to.
    """
    from selfservice.portal.application import application

    if address is not None and not _SHARED_ADDRESS.fullmatch(address):
        raise BadInputError(f"{address!r} is not an address with TLS: write it as https://portal.acme.example")
    issuer = issuer_url or _issuer_of(project)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST if address is None else _EVERYWHERE, port))
            listener.listen()  # so that browsers can connect as soon as the address is told
        except OSError as error:
            raise BadInputError(f"port {port} is not free: {error.strerror}; name another one with --port") from error
        opened = address or f"http://{_HOST}:{listener.getsockname()[1]}"
        options = PortalOptions(
            directory=project.directory, region=project.home_region, issuer_url=issuer, address=opened
        )
        log = project.state_directory / "portal.jsonl" if address is None else None
        say(f"The portal is at {opened}. Press Control-C to stop it.")
        say(f"Actions of people are logged in {log or 'the standard output'}.")
        server = http_server(application(options))
        with _audit_in(log):
            server.run(sockets=[listener])


def http_server(portal: ASGIApp) -> uvicorn.Server:
    """Returns the server, which logs no requests and does not name itself in answers."""
    import uvicorn

    return uvicorn.Server(uvicorn.Config(portal, access_log=False, log_level="warning", server_header=False))


def _issuer_of(project: Project) -> str:
    """Returns the issuer of the instance that the stack ``identity`` names. Raises: BadInputError."""
    if _IDENTITY in project.graph:
        require_engine(project.directory)
        if instance := outputs_of(project, _IDENTITY).get("instance_arn"):
            return issuer_of(str(instance))
    raise BadInputError(
        "people sign in with IAM Identity Center, and the stack `identity` has no instance of it: deploy it with "
        "`plinth up identity --with-needs`, or name one with --issuer-url"
    )


@contextmanager
def _audit_in(file: Path | None) -> Iterator[None]:
    """Writes the actions of people to the end of a file, which only its owner reads; without one, to the standard
    output."""
    handler: logging.Handler = logging.StreamHandler(sys.stdout)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        handler = logging.FileHandler(file, encoding="utf-8")
    log = logging.getLogger(audit.LOGGER)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()
