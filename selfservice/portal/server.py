"""Serves the portal on this machine."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.errors import BadInputError
from selfservice.portal.access import audit
from selfservice.portal.options import PortalOptions
from selfservice.runner.project import Project, require_engine
from selfservice.runner.states import outputs_of

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

_HOST = "127.0.0.1"
_IDENTITY = "identity"
_ISSUERS = "https://identitycenter.amazonaws.com/"
"""Beginning of issuer URLs; the id of the instance follows (IAM Identity Center User Guide, "Settings")."""


def serve(project: Project, port: int, issuer_url: str | None, say: Callable[[str], None]) -> None:
    """Serves the portal until it is interrupted. With the port 0, it takes a free one.

    Raises: BadInputError if the port is not free, or there is no IAM Identity Center to sign in to.
    """
    from selfservice.portal.application import application

    issuer = issuer_url or _issuer_of(project)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
            listener.listen()  # so that browsers can connect as soon as the address is told
        except OSError as error:
            raise BadInputError(f"port {port} is not free: {error.strerror}; name another one with --port") from error
        address = f"http://{_HOST}:{listener.getsockname()[1]}"
        options = PortalOptions(
            directory=project.directory, region=project.home_region, issuer_url=issuer, address=address
        )
        log = project.state_directory / "portal.jsonl"
        say(f"The portal is at {address}. Press Control-C to stop it.")
        say(f"Actions of people are logged in {log}.")
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
            return f"{_ISSUERS}{str(instance).rpartition('/')[2]}"
    raise BadInputError(
        "people sign in with IAM Identity Center, and the stack `identity` has no instance of it: deploy it with "
        "`plinth up identity --with-needs`, or name one with --issuer-url"
    )


@contextmanager
def _audit_in(file: Path) -> Iterator[None]:
    """Writes the actions of people to the end of a file, which only its owner reads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    handler, log = logging.FileHandler(file, encoding="utf-8"), logging.getLogger(audit.LOGGER)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()
