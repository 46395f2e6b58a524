"""The EKS Pod Identity Agent of a node: pods exchange their tokens for credentials there.

Sources: EKS User Guide, "Understand how EKS Pod Identity works"; the source of eks-pod-identity-agent (read
2026-11-24). Unlike that agent, this one keeps no credentials, so that a deleted association counts at once.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.executors.service_session import open_session

log = logging.getLogger(__name__)

ADDRESS = "169.254.170.23"
"""Link-local address of the agent."""
PORT = 80
PATH = "/v1/credentials"
URI = f"http://{ADDRESS}{PATH}"
_RENEWED_SECONDS = 1800.0
"""Time after which the agent opens another session of the role of the node, which lasts an hour."""


class PodIdentityAgent:
    """Answers pods at a port of this machine, to which the node leads the address of the agent."""

    def __init__(self, outside: Outside, region: str, cluster: str, node: str, role_arn: str) -> None:
        """``node`` is the instance that has the role, as which the agent calls EKS Auth."""
        self._outside, self._region, self._cluster = outside, region, cluster
        self._node, self._role_arn = node, role_arn
        self._lock = threading.Lock()
        self._client: Any = None
        self._opened = 0.0
        self._server = _Server(self._answer)
        threading.Thread(target=self._server.serve_forever, name=f"agent of {node}", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, token: str) -> tuple[int, str]:
        from botocore.exceptions import ClientError

        if not token:
            return 400, "Service account token cannot be empty"
        try:
            answered = self._eks_auth().assume_role_for_pod_identity(clusterName=self._cluster, token=token)
        except AwsError as error:
            return 403, f"{error.code}: {error.message}"
        except ClientError as error:
            found = error.response["Error"]
            status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
            return status, f"{found['Code']}: {found['Message']}"
        issued = answered["credentials"]
        content = {
            "AccessKeyId": issued["accessKeyId"],
            "SecretAccessKey": issued["secretAccessKey"],
            "Token": issued["sessionToken"],
            "AccountId": answered["assumedRoleUser"]["arn"].split(":")[4],
            "Expiration": issued["expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return 200, json.dumps(content)

    def _eks_auth(self) -> Any:
        """Returns a client with credentials of the role of the node. Raises: AwsError."""
        import boto3
        from botocore.config import Config

        with self._lock:
            if self._client is None or time.monotonic() > self._opened + _RENEWED_SECONDS:
                asked = {"RoleArn": self._role_arn, "RoleSessionName": self._node}
                keys = open_session(self._outside, "ec2", self._region, asked, {})["Credentials"]
                self._client, self._opened = (
                    boto3.Session(
                        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], self._region
                    ).client(
                        "eks-auth", endpoint_url=self._outside.url, config=Config(retries={"total_max_attempts": 1})
                    ),
                    time.monotonic(),
                )
            return self._client


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, exchange: Callable[[str], tuple[int, str]]) -> None:
        self.exchange = exchange
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answers a pod, which sends its token as the authorization."""
        if self.path != PATH:
            self._send(404, "404 page not found")
            return
        try:
            status, content = self.server.exchange(self.headers.get("Authorization", ""))
        except Exception as error:
            log.exception("the agent failed")
            status, content = 500, f"{type(error).__name__}: {error}"
        self._send(status, content)

    def _send(self, status: int, content: str) -> None:
        body = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status < 400 else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        log.debug(format, *values)
