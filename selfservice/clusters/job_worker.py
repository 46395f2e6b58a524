"""An operation that a Job of the cluster runs, as the runner follows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from selfservice.clusters.api import REFUSAL_SECONDS, Answer, UnreachableApiError, has_ended
from selfservice.clusters.pod_log import PodLogReader
from selfservice.operations.event_log import Finished, Notice, Phase, Record
from selfservice.operations.operation import Outcome, Problem, Status
from selfservice.runner.process import LOG

_POLL_SECONDS = 1.0
_FOUND, _ABSENT = 200, 404
"""Codes of the answers that tell whether there is an object."""
_CREATED, _EXISTS = 201, 409
_UNAUTHORIZED = (401, 403)
"""Codes of the answers of an API server that has just started and knows neither tokens nor roles."""
_KILL_SECONDS = 1
"""Grace period of a kill. Without one, the API would forget a pod whose processes still run (decision 76)."""


class Api(Protocol):
    """Methods of the Kubernetes API client that a worker needs."""

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer: ...

    def text(self, path: str) -> str | None: ...


@dataclass(slots=True)
class JobWorker:
    """A Job, which is created as soon as the API answers. It goes on if this process is killed, and another pod
    continues one that ended without a result."""

    api: Api
    namespace: str
    body: Mapping[str, Any]
    """The Job. No other one has its name."""
    directory: Path
    """Folder of the operation, to which the output of the engine is written."""
    clock: Callable[[], float] = time.monotonic
    _logs: dict[str, PodLogReader] = field(default_factory=dict)
    _complete: set[str] = field(default_factory=set)
    """Pods whose logs are read to their ends."""
    _records: list[Record] = field(default_factory=list)
    _alive: bool = True
    _interrupted: bool = False
    _next_look: float = 0.0
    _told: str = ""
    _is_created: bool = False
    _was_unanswered: bool = False
    """Whether the Job may exist although the API did not say so."""
    _refused_since: float | None = None

    @classmethod
    def start(
        cls,
        api: Api,
        namespace: str,
        body: Mapping[str, Any],
        directory: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> JobWorker:
        """Creates the Job, or tries to. Each look tries again until it exists. ``clock`` returns seconds."""
        directory.mkdir(parents=True, exist_ok=True)
        worker = cls(api, namespace, body, directory, clock)
        worker._create()
        return worker

    @property
    def job(self) -> str:
        """Name of the Job."""
        return str(self.body["metadata"]["name"])

    def read(self) -> list[Record]:
        """Returns what is new. The result of an interrupted Job comes once its pod has ended and the Job is deleted,
        because nobody looks at a Job after its result."""
        self._look()
        waits = self._interrupted and self._alive
        held: list[Record] = [record for record in self._records if waits and isinstance(record, Finished)]
        records = [record for record in self._records if record not in held]
        self._records = held
        return records

    def is_alive(self) -> bool:
        """Returns whether more records may come. While the API does not answer, they may."""
        self._look()
        return self._alive

    def interrupt(self) -> None:
        """Suspends the Job: its pod ends after the current steps, and no other starts. Then it is deleted."""
        self._interrupted = True
        self._change("PATCH", self._path, {"spec": {"suspend": True}})

    def kill(self) -> None:
        self.interrupt()
        with self._asking_to_stop():
            for pod in self._pods():
                path = f"{self._pods_path}/{pod['metadata']['name']}"
                self._change("DELETE", path, {"gracePeriodSeconds": _KILL_SECONDS})

    def _change(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        with self._asking_to_stop():
            self.api.request(method, path, body)

    @contextmanager
    def _asking_to_stop(self) -> Iterator[None]:
        """Reports an API that does not answer, because the operation then goes on."""
        try:
            yield
        except UnreachableApiError as error:
            self._tell(f"the cluster did not get the request to stop: {error}")

    def _look(self) -> None:
        """Reads the Job and the logs of its pods, at most once a second."""
        if not self._alive or self.clock() < self._next_look:
            return
        self._next_look = self.clock() + _POLL_SECONDS
        # One that was interrupted before anybody knew that it exists is looked for.
        if not (self._is_created or self._interrupted) and not self._create():
            return
        try:
            answer = self._found(self._path)
            pods = self._pods()
            for pod in pods:
                self._read_log(pod)
        except UnreachableApiError as error:
            self._tell(f"the API of the cluster does not answer, and the Job goes on: {error}")
        else:
            known = all(pod["metadata"]["name"] in self._complete for pod in pods)
            self._alive = not (known and _has_ended(answer, pods))
            self._tell(_obstacle(pods))
            if self._interrupted and not self._alive:
                # Kubernetes deletes Jobs that have finished, and a suspended one has not.
                self._change("DELETE", self._path, {"propagationPolicy": "Background"})

    def _create(self) -> bool:
        """Tries to create the Job, and returns whether it exists. A refusal that stays ends the operation."""
        try:
            answer = self.api.request("POST", self._jobs_path, self.body)
        except UnreachableApiError as error:
            self._was_unanswered, self._refused_since = True, None
            self._tell(f"the API of the cluster does not answer, and the Job has not started: {error}")
            return False
        if answer.code == _CREATED or (answer.code == _EXISTS and self._was_unanswered):
            self._is_created = True
            return True
        message = str(answer.body.get("message", f"HTTP {answer.code}"))
        self._refused_since = self.clock() if self._refused_since is None else self._refused_since
        if answer.code in _UNAUTHORIZED and self.clock() - self._refused_since < REFUSAL_SECONDS:
            self._tell(f"the API of the cluster refuses the Job: {message}")
            return False
        problem = Problem(message=f"the cluster did not start the Job: {message}")
        self._records.append(Finished(outcome=Outcome(status=Status.FAILED, problems=(problem,))))
        self._alive = False
        return False

    def _read_log(self, pod: Mapping[str, Any]) -> None:
        name = str(pod["metadata"]["name"])
        if name in self._complete:
            return
        if name not in self._logs:
            self._logs[name] = PodLogReader(self.directory / LOG)
            self._records.append(Phase(name="starting"))
        reader = self._logs[name]
        since = f"&sinceTime={quote(reader.since)}" if reader.since else ""
        part = self.api.text(f"{self._pods_path}/{name}/log?timestamps=true{since}")
        self._records += reader.read(part or "")
        if has_ended(pod):
            self._complete.add(name)
            if pod["status"]["phase"] == "Failed":
                self._records.append(Notice(message=f"the pod {name} ended without a result: {_reason(pod)}"))

    def _pods(self) -> list[Mapping[str, Any]]:
        """Returns the pods of the Job in the order of their creation."""
        found = self._found(f"{self._pods_path}?labelSelector={quote(f'job-name={self.job}')}")
        return sorted(found.body.get("items") or (), key=lambda pod: str(pod["metadata"]["creationTimestamp"]))

    def _found(self, path: str) -> Answer:
        """Returns what the API has at a path, or that it has nothing there.

        Raises: UnreachableApiError for any other answer. An API server that has just started refuses what RBAC allows
        until it has read the roles, and such an answer does not tell whether the Job runs.
        """
        answer = self.api.request("GET", path)
        if answer.code not in (_FOUND, _ABSENT):
            raise UnreachableApiError(str(answer.body.get("message", f"HTTP {answer.code}")))
        return answer

    def _tell(self, message: str) -> None:
        """Reports what holds the operation up, once until it changes."""
        if message and message != self._told:
            self._records.append(Notice(message=message))
        self._told = message

    @property
    def _path(self) -> str:
        return f"{self._jobs_path}/{self.job}"

    @property
    def _jobs_path(self) -> str:
        return f"/apis/batch/v1/namespaces/{self.namespace}/jobs"

    @property
    def _pods_path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods"


def _has_ended(job: Answer, pods: list[Mapping[str, Any]]) -> bool:
    """Returns whether no pod of the Job runs or will."""
    if job.code == _ABSENT:
        return True
    running = [pod for pod in pods if not has_ended(pod)]
    holds = {
        condition["type"]
        for condition in job.body.get("status", {}).get("conditions") or ()
        if condition["status"] == "True"
    }
    return not running and bool(holds & {"Complete", "Failed", "Suspended"})


def _obstacle(pods: list[Mapping[str, Any]]) -> str:
    """Returns why a pod does not start; an empty text if it does."""
    for pod in pods:
        status = pod.get("status", {})
        if status.get("phase") != "Pending":
            continue
        for condition in status.get("conditions") or ():
            if condition["type"] == "PodScheduled" and condition["status"] == "False":
                return f"no place for the pod: {condition.get('message', condition.get('reason', ''))}"
        for container in status.get("containerStatuses") or ():
            waiting = container["state"].get("waiting") or {}
            if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
                return f"the pod does not start: {waiting['reason']} {waiting.get('message', '')}".rstrip()
    return ""


def _reason(pod: Mapping[str, Any]) -> str:
    status = pod.get("status", {})
    for container in status.get("containerStatuses") or ():
        ended = container["state"].get("terminated")
        if ended:
            return f"{ended.get('reason', 'Error')}, exit code {ended['exitCode']}"
    return str(status.get("reason") or "unknown")
