"""Environment of the executors: the state of the emulator, the task runner, and clients for calls in a role's name."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from plinth_sandbox.emulator.call import understand
from plinth_sandbox.emulator.credentials import MANAGEMENT_KEY_ID, service_key
from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.executors.task_runner import TaskRunner
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.eks.executor.control_planes import ControlPlanes
from plinth_sandbox.emulator.services.events.executor.clock import Clock
from plinth_sandbox.emulator.services.events.executor.deadlines import Deadlines
from plinth_sandbox.emulator.services.rds.executor.databases import Databases
from plinth_sandbox.emulator.services.sagemaker.endpoints.backlog import Backlog
from plinth_sandbox.emulator.services.sagemaker.endpoints.hosts import Hosts
from plinth_sandbox.emulator.services.sagemaker.endpoints.metrics import EndpointMetrics
from plinth_sandbox.executors.session import tell_origin

_HOST = "http://127.0.0.1"
_SECRET = "unverified"
"""Secret of the management account and of services. Only calls that arrive over the network are authenticated."""


class _Body(io.BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


@dataclass(slots=True)
class Runtime:
    """The environment of the executors."""

    memory: Memory
    runner: TaskRunner
    repositories: Path
    """Folder of the git repositories."""
    hosts: Hosts
    """The processes of endpoints."""
    outside: Outside
    """Access to the emulator from threads that run beside its calls."""
    control_planes: ControlPlanes
    """The control planes of clusters."""
    databases: Databases
    """The servers of DB instances."""
    handle: Handler | None = None
    """Answers a call inside another one. Set once the layers are stacked."""
    clock: Clock = field(default_factory=Clock)
    """The clock of schedules, alarms and time limits."""
    deadlines: Deadlines = field(default_factory=Deadlines)
    """Actions that run when the clock reaches a time."""
    metrics: EndpointMetrics = field(init=False)
    """Metrics of endpoints that no call has recorded yet."""
    backlog: Backlog = field(init=False)
    """Asynchronous invocations that wait for their answer."""
    undelivered: Counter[str] = field(default_factory=Counter)
    """Number of failed deliveries of events and alarms by sender, target and reason, for the status."""

    def __post_init__(self) -> None:
        self.metrics = EndpointMetrics(self.clock, self.hosts)
        self.backlog = Backlog(self.hosts, self.metrics)

    def client(
        self,
        service: str,
        role_arn: str,
        region: str,
        session_name: str,
        *,
        opened_by: str = "",
        source_arn: str = "",
        then: str = "",
    ) -> Any:
        """Returns a client that acts as the role, inside the call that the emulator is answering.

        Its calls are not in the journal: replaying the call that made them makes them again. They are judged by the
        policies of the role if a service opens the session, such as ``sagemaker``. With ``then``, the role assumes this
        other role, whose client is returned. ``source_arn`` is the resource for which the service opens the session.
        """
        key = service_key(opened_by) if opened_by else MANAGEMENT_KEY_ID
        sts = self._client("sts", region, key, _SECRET, None)
        if source_arn:
            tell_origin(sts, {"source_arn": source_arn})
        session = sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name)["Credentials"]
        if then:
            keys = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
            chained = self._client("sts", region, *keys)
            session = chained.assume_role(RoleArn=then, RoleSessionName=session_name)["Credentials"]
        return self._client(
            service, region, session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]
        )

    def credentials(self, role_arn: str, region: str, session_name: str, seconds: int) -> dict[str, Any]:
        """Returns credentials of a session that the management account opens, inside the call that is answered."""
        sts = self._client("sts", region, MANAGEMENT_KEY_ID, _SECRET, None)
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name, DurationSeconds=seconds)
        return dict(answer["Credentials"])

    def _client(self, service: str, region: str, key: str, secret: str, token: str | None) -> Any:
        client: Any = boto3.client(  # type: ignore[call-overload] # the service is known when it is called
            service,
            region_name=region,
            endpoint_url=_HOST,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        client.meta.events.register("before-send", self._send)
        return client

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        assert self.handle is not None
        sent_headers = {"Host": _HOST.rpartition("/")[2]}
        sent_headers |= {str(name): _text(value) for name, value in request.headers.items()}
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode("utf-8")
        sent = Request(str(request.method), str(request.url).removeprefix(_HOST), sent_headers, body)
        answer = self.handle(understand(sent))
        headers: Any = HeadersDict(answer.headers)
        return AWSResponse(request.url, answer.status, headers, _Body(answer.body))


def _text(value: object) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
