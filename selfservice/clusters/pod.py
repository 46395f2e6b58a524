"""The program of the pod of a Job: it runs one stack operation as on one machine, and reports it in the log of the pod.

The pod holds the lease of the stack as long as it works. Its exit status is 0 if it reported a result, whatever the
result is. Otherwise the Job starts another pod, which continues.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from selfservice.changes.reviewed_change import code_digest
from selfservice.clusters.abandoned_locks import remove_abandoned_locks
from selfservice.clusters.api import KubernetesApi, UnreachableApiError, has_ended
from selfservice.clusters.job import API_ACCESS, AUTHORITY_FILE, TOKEN_FILE
from selfservice.clusters.job_input import JobInput
from selfservice.clusters.job_inputs import ChangedInputError, JobInputs, unpack
from selfservice.clusters.lease_wait import release_lease, wait_for_lease
from selfservice.clusters.pod_log import PodLogWriter
from selfservice.clusters.stack_lease import PodIdentity, RefusedLeaseError, StackLease, Standing
from selfservice.engine.backend import project_name
from selfservice.engine.locks.engine_records import STATE_DIRECTORY_VARIABLE
from selfservice.errors import BadInputError
from selfservice.forks.prepared import PreparedProcess
from selfservice.hosting.installed_program import use_installed_program
from selfservice.operations.event_log import Finished, Notice, Phase, Record, line_of
from selfservice.operations.operation import Outcome, Problem, Status
from selfservice.projects.project import Project, open_project
from selfservice.runner.process import EVENT_LOG, LOG, WorkerProcess
from settings.types.aws.stack_jobs import (
    BUCKET_VARIABLE,
    HOME_VARIABLE,
    INPUT_VARIABLE,
    NAMESPACE_VARIABLE,
    POD_VARIABLE,
    UID_VARIABLE,
)
from settings.types.errors import SettingsError

_ACCESS = Path(API_ACCESS)
_LEASE_SECONDS = 2.0
"""Time between attempts to get the lease."""
_RENEWAL_SECONDS = 10.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Pod:
    """This pod and its place, from its environment."""

    identity: PodIdentity
    namespace: str
    job_input: str
    bucket: str
    home: Path

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Self:
        return cls(
            identity=PodIdentity(variables[POD_VARIABLE], variables[UID_VARIABLE]),
            namespace=variables[NAMESPACE_VARIABLE],
            job_input=variables[INPUT_VARIABLE],
            bucket=variables[BUCKET_VARIABLE],
            home=Path(variables[HOME_VARIABLE]),
        )

    @property
    def owner(self) -> str:
        """Prefix of the names of all pods with the same access."""
        return f"{self.identity.name.partition('--')[0]}--"

    @property
    def directory(self) -> Path:
        """Folder of the operation."""
        return self.home / "operation"


class StoppedError(Exception):
    """The pod is to end before it has begun its operation."""


class StackOperation:
    """The operation of this pod."""

    def __init__(self, pod: Pod, api: KubernetesApi, s3: Any, stop: threading.Event, log: PodLogWriter) -> None:
        self._pod, self._api, self._s3, self._stop, self._log = pod, api, s3, stop, log

    def run(self) -> bool:
        """Runs the operation and returns whether a result was reported."""
        try:
            inputs = JobInputs(self._s3, self._pod.bucket)
            asked = JobInput.from_json(inputs.get(self._pod.job_input))
            project = _project(inputs.get(asked.settings), self._pod.home / "project")
            if code_digest(project) != asked.program:
                raise BadInputError(
                    "the image of tooling_cluster.runner contains another version of the program than the command that "
                    "asked for the operation: push an image of this version, set its digest, and update tooling-runner"
                )
            lease = StackLease(self._api, self._pod.namespace, asked.stack, self._pod.identity)
            self._acquire(lease)
            self._remove_locks(project, asked.stack)
        except StoppedError:
            return self._finish(Status.INTERRUPTED, "the pod was stopped before it began")
        except (BadInputError, SettingsError, RefusedLeaseError, ChangedInputError) as error:
            return self._finish(Status.FAILED, str(error))
        except (BotoCoreError, ClientError) as error:
            return self._finish(Status.FAILED, f"the pod cannot use the bucket of states: {error}")
        try:
            return self._work(asked, project, lease)
        finally:
            self._release(lease)

    def _acquire(self, lease: StackLease) -> None:
        def tell(message: str) -> None:
            self._record(Phase(name="waiting"))
            self._record(Notice(message=message))

        if not wait_for_lease(lease, lambda: self._stop.wait(_LEASE_SECONDS), tell):
            raise StoppedError

    def _remove_locks(self, project: Project, stack: str) -> None:
        remove_abandoned_locks(
            self._s3,
            self._pod.bucket,
            project_name(project.directory),
            stack,
            self._is_gone,
            lambda message: self._record(Notice(message=message)),
        )

    def _is_gone(self, host: str) -> bool:
        """Returns whether a host was a pod of the same owner that no longer works. This pod has just started."""
        if not host.startswith(self._pod.owner):
            return False
        path = f"/api/v1/namespaces/{self._pod.namespace}/pods/{host}"
        while True:
            try:
                answer = self._api.request("GET", path)
            except UnreachableApiError:
                if self._stop.wait(_LEASE_SECONDS):
                    raise StoppedError from None
                continue
            return answer.code == 404 or (answer.code == 200 and has_ended(answer.body))

    def _work(self, asked: JobInput, project: Project, lease: StackLease) -> bool:
        operation = asked.operation(project, self._pod.home / "logs")
        with closing(PreparedProcess()) as prepared:
            prepared.prepare([asked.stack], project.policy_packs)
            worker = WorkerProcess(operation, self._pod.directory, prepared)
            renewal, stopped = time.monotonic() + _RENEWAL_SECONDS, False
            while True:
                alive = worker.is_alive()  # before reading, so that no last record is missed
                finished = any(isinstance(record, Finished) for record in worker.read())
                self._log.copy()
                if finished or not alive:
                    return finished
                if self._stop.is_set() and not stopped:
                    stopped = True
                    worker.interrupt()
                if time.monotonic() > renewal:
                    renewal = time.monotonic() + _RENEWAL_SECONDS
                    if not self._still_holds(lease):
                        worker.kill()
                        return self._finish(Status.FAILED, "another pod took the lease of the stack")
                time.sleep(_POLL_SECONDS)

    @staticmethod
    def _still_holds(lease: StackLease) -> bool:
        """Returns False only if the API says that another pod holds the lease."""
        try:
            return lease.renew() is Standing.HELD
        except (UnreachableApiError, RefusedLeaseError):
            return True

    def _release(self, lease: StackLease) -> None:
        try:
            release_lease(lease, lambda: self._stop.wait(_LEASE_SECONDS))
        except (UnreachableApiError, RefusedLeaseError) as error:
            print(f"the lease was not released: {error}", file=sys.stderr)  # noqa: T201 (the log of the pod)

    def _finish(self, status: Status, message: str) -> bool:
        self._record(Finished(outcome=Outcome(status=status, problems=(Problem(message=message),))))
        return True

    def _record(self, record: Record) -> None:
        self._log.record(line_of(record))


def _project(archive: bytes, directory: Path) -> Project:
    """Unpacks the settings and returns their project, whose program is that of the image. Raises: BadInputError,
    SettingsError."""
    unpack(archive, directory)
    use_installed_program(directory)
    return open_project(directory)


def _token() -> str:
    """Returns the token of the service account, which the kubelet replaces before it expires."""
    return (_ACCESS / TOKEN_FILE).read_text()


def main() -> int:
    pod, stop = Pod.of(os.environ), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    os.environ[STATE_DIRECTORY_VARIABLE] = str(pod.home / "state")
    api = KubernetesApi(
        endpoint=f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}",
        authority=(_ACCESS / AUTHORITY_FILE).read_text(),
        token=_token,
    )

    def write(line: str) -> None:
        sys.stdout.write(line)
        sys.stdout.flush()

    log = PodLogWriter(pod.directory / EVENT_LOG, pod.directory / LOG, write)
    return 0 if StackOperation(pod, api, boto3.client("s3"), stop, log).run() else 1


if __name__ == "__main__":
    sys.exit(main())
