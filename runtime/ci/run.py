"""``python -m runtime.ci.run``: runs GitLab Runner for one team, with the token that people have stored for it.

While the secret contains no token, it waits and answers the probes of the cluster, so that people can store one after
the deployment.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from runtime.ci.configuration import configuration, proxy_variables

log = logging.getLogger(__name__)

PREFIX = "glrt-"
"""Beginning of a runner authentication token (GitLab documentation, "Token overview")."""
_WAIT_SECONDS = 15.0
_KEPT = ("HOME", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "LANG", "PATH", "SSL_CERT_FILE")
"""Variables that GitLab Runner gets. It gets none with which it could use the role of the pod."""


def main(variables: Mapping[str, str] = os.environ) -> int:
    """Returns the exit status of GitLab Runner."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    token = _token_in_time(variables)
    file = Path(variables.get("HOME", "/tmp")) / "config.toml"
    file.touch(mode=0o600)
    file.write_text(configuration(variables, token))
    return run(["gitlab-runner", "run", "--config", str(file)], environment_of(variables))


def stored_token(secrets: Any, secret_arn: str) -> str | None:
    """Returns the token in the secret, or None if it contains none. ``secrets`` is a client of Secrets Manager."""
    try:
        value = str(secrets.get_secret_value(SecretId=secret_arn).get("SecretString", "")).strip()
    except secrets.exceptions.ResourceNotFoundException:
        log.warning("%s has no value: store the token of the runner in it", secret_arn)
        return None
    if not value.startswith(PREFIX):
        log.warning("%s does not contain a runner authentication token (%s…)", secret_arn, PREFIX)
        return None
    return value


def environment_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of GitLab Runner."""
    kept = {name: variables[name] for name in _KEPT if name in variables}
    return {"HOME": "/tmp", **kept, **proxy_variables(variables)}


def run(command: list[str], environment: Mapping[str, str]) -> int:
    """Runs a program until it ends. If the pod is stopped, the program takes no further job and finishes those under
    way: GitLab Runner does so after SIGQUIT, and aborts them after SIGTERM."""
    process = subprocess.Popen(command, env=dict(environment))
    signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGQUIT))
    return process.wait()


def _token_in_time(variables: Mapping[str, str]) -> str:
    import boto3

    secrets = boto3.client("secretsmanager", region_name=variables["AWS_REGION"])

    def look() -> str | None:
        return stored_token(secrets, variables["CI_TOKEN_SECRET"])

    return look() or wait_for_token(look, int(variables["CI_PORT"]))


def wait_for_token(look: Callable[[], str | None], port: int, seconds: float = _WAIT_SECONDS) -> str:
    """Looks for the token until there is one, and answers probes meanwhile."""
    with _answering(port):
        while (token := look()) is None:
            time.sleep(seconds)
        return token


@contextmanager
def _answering(port: int) -> Iterator[None]:
    server = ThreadingHTTPServer(("", port), _Waiting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Waiting(BaseHTTPRequestHandler):
    """Answers every request: the process is well, and waits."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"waiting for the token of the runner\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Probes are not worth a line."""


if __name__ == "__main__":
    sys.exit(main())
