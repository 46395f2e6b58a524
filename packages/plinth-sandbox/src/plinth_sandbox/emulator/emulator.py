"""The emulated AWS: many accounts behind one lock, with a journal as persistent state."""

from __future__ import annotations

import functools
import json
import logging
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import time_machine
from moto.core import DEFAULT_ACCOUNT_ID
from moto.organizations.models import organizations_backends

from plinth_sandbox.emulator import randomness
from plinth_sandbox.emulator.authentication import Authentication
from plinth_sandbox.emulator.authorization import usage
from plinth_sandbox.emulator.authorization.code import may_use_git
from plinth_sandbox.emulator.call import AwsError, Call, understand
from plinth_sandbox.emulator.credentials import management_keys, management_secret
from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import TaskRunner, own_request
from plinth_sandbox.emulator.git.http import GitOverHttp
from plinth_sandbox.emulator.git.repository import GitRepository
from plinth_sandbox.emulator.journal import Entry, Journal
from plinth_sandbox.emulator.layers.hold import DiscardedError, Hold
from plinth_sandbox.emulator.layers.layer import stack
from plinth_sandbox.emulator.layers.long_polling import finds_nothing
from plinth_sandbox.emulator.layers.moto import Moto, NotEmulatedError
from plinth_sandbox.emulator.layers.order import layers
from plinth_sandbox.emulator.message import Answer, DeferredAnswer, Request
from plinth_sandbox.emulator.patches.layer import patches_of
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.process import (
    CHARGES_PATH,
    CLOCK_PATH,
    ISSUER_PATH,
    KUBERNETES_PATH,
    PROVIDER_PATH,
    STATUS_PATH,
)
from plinth_sandbox.emulator.services.apigateway.executor.address import address_of, in_origin_form
from plinth_sandbox.emulator.services.codeartifact.executor.address import is_of_packages
from plinth_sandbox.emulator.services.codecommit.executor import references
from plinth_sandbox.emulator.services.eks.executor.control_planes import ControlPlanes
from plinth_sandbox.emulator.services.elbv2.executor.load_balancers import LoadBalancers
from plinth_sandbox.emulator.services.events.executor.layer import EventsLayer
from plinth_sandbox.emulator.services.events.executor.timer import Timer, clock_request
from plinth_sandbox.emulator.services.identity_center.executor import device_page, page
from plinth_sandbox.emulator.services.identity_center.executor.oidc_operations import DEVICE_PATH
from plinth_sandbox.emulator.services.identity_center.executor.page import AUTHORIZE_PATH
from plinth_sandbox.emulator.services.rds.executor.databases import Databases
from plinth_sandbox.emulator.services.sagemaker.endpoints.hosts import Hosts
from plinth_sandbox.emulator.store.record import Store
from plinth_sandbox.emulator.validation.validator import validate
from plinth_sandbox.layout import GIT_FOLDER

if TYPE_CHECKING:
    from plinth_sandbox.emulator.services.apigateway.executor.gateway import Gateway
    from plinth_sandbox.emulator.services.codeartifact.executor.index import PackageIndex
    from plinth_sandbox.kubernetes.node.programs import NodePrograms

log = logging.getLogger(__name__)

_READS_METRICS = "/monitoring/aws4_request"
"""Scope of the signature of calls of CloudWatch, which see the metrics of all invocations before them."""
_REFUSALS = range(400, 500)
"""HTTP statuses of calls that changed nothing."""
_METRICS_SECONDS = 5.0
"""Time after which metrics of invocations are recorded."""

Progress = Callable[[int, int], None]
"""Receives the number of replayed calls and the total number of calls."""


class Emulator:
    """Answers requests one at a time: moto's state is not thread-safe, and the journal requires a total order."""

    def __init__(
        self, directory: Path, kubernetes: Path | None = None, node_programs: NodePrograms | None = None
    ) -> None:
        """``kubernetes`` is the program of the control planes of clusters, if they have any, and ``node_programs`` are
        those of their nodes."""
        self._lock = threading.Lock()
        self._recording_metrics = threading.RLock()
        self._outside = Outside(directory, self._lock)
        self._authentication = Authentication(management_secret(directory))
        self._journal = Journal(directory / "journal.jsonl")
        usage.record_in(directory)
        randomness.tie_to(self._journal.seed, patches_of)
        self._hold = Hold(directory)
        self._moto = Moto()
        self._stored_not_emulated: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._runner = TaskRunner(directory, management_keys(directory))
        self._closed = threading.Event()
        self._of_owner: Mapping[str, Callable[[Request], Answer]] = {
            STATUS_PATH: self._tell_status,
            CLOCK_PATH: self._move_clock,
            PROVIDER_PATH: self._hear_provider,
            ISSUER_PATH: self._register_issuer,
            CHARGES_PATH: self._take_charges,
        }
        self._hosts = Hosts(directory, management_keys(directory))
        planes = ControlPlanes(self._outside, kubernetes, node_programs)
        self.load_balancers = LoadBalancers(self._outside, planes, self._runner.networks)
        databases = Databases(self._outside, self._authentication)
        runtime = Runtime(
            Memory(Store()), self._runner, directory / GIT_FOLDER, self._hosts, self._outside, planes, databases
        )
        self._events = EventsLayer(runtime)
        self._timer = Timer(self._next_firing, self._events.changed)
        self._handle = stack(layers(self._stored_not_emulated, self._events, runtime), self._moto.answer)
        runtime.handle = self._inside
        self._runtime = runtime
        self._git = GitOverHttp(
            self._authentication.secret_of,
            functools.partial(references.find, runtime),
            self._may_use_git,
            self._record_push,
        )

    def open(self, url: str, *, encrypted_url: str = "", closed_url: str = "", automatic_schedules: bool) -> None:
        """Starts executing submitted runs as clients of the emulator at ``url``, and firing schedules. Clients that
        need TLS find the emulator at ``encrypted_url``, and builds in closed networks at ``closed_url``."""
        self._runner.open(url, self._answer, closed_url)
        self._hosts.open(url, self._answer)
        self._runtime.backlog.open(self._answer)
        self._outside.open(url, encrypted_url, self._answer)
        for record in references.records(self._runtime):
            # Pushes that ended while the sandbox did were not recorded.
            self._record(functools.partial(references.unrecorded, self._runtime, record))
        self._timer.open(self._tick, automatic=automatic_schedules)
        threading.Thread(target=self._record_metrics_in_time, name="metrics", daemon=True).start()

    def end_endpoints(self) -> None:
        """Ends the processes of endpoints. They still write what they captured, so the emulator answers meanwhile."""
        self._runtime.backlog.close()
        self._hosts.close()

    def close(self) -> None:
        self._timer.close()
        self._closed.set()
        self._record_metrics()
        self._runner.close()
        self._outside.close()
        with self._lock:
            self._journal.close()

    def restore(self, progress: Progress) -> None:
        """Restores the state from the journal. Each call runs at its original time and with its original random
        numbers."""
        total = self._journal.length
        for entry in self._journal.entries():
            self._run(entry, understand(entry.request))
            progress(entry.index + 1, total)

    def status(self) -> dict[str, object]:
        """Returns the server's part of ``plinth sandbox status``."""
        organizations = organizations_backends[DEFAULT_ACCOUNT_ID]["aws"]
        accounts = [
            {"id": account.id, "name": account.name, "status": account.status} for account in organizations.accounts
        ]
        return {
            "accounts": accounts or [{"id": DEFAULT_ACCOUNT_ID, "name": "management", "status": "ACTIVE"}],
            "journalled_calls": self._journal.length,
            "peak_memory_mib": _peak_memory_mib(),
            "stored_not_emulated": dict(sorted(self._stored_not_emulated.items())),
            "refused": dict(sorted(self._refused.items())),
            "undelivered_events": dict(sorted(self._runtime.undelivered.items())),
        }

    def _tell_status(self, request: Request) -> Answer:
        del request
        with self._lock:
            return Answer.of_json(200, self.status())

    def answer(self, request: Request) -> Answer:
        """Answers a request from outside the process."""
        request = in_origin_form(request)
        if (answered := self._git.answer(request)) is not None:
            return answered
        if address_of(request) is not None and (answered := self._gateway().answer(request)) is not None:
            return answered
        if request.path == AUTHORIZE_PATH:
            return page.answer(request, self._runtime)
        if request.path == DEVICE_PATH:
            return device_page.answer(request, self._runtime)
        if is_of_packages(request.header("host").partition(":")[0]):
            return self._packages().answer(request) or Answer(404)
        if (of_owner := self._of_owner.get(request.path)) is not None:
            if not self._authentication.is_owner(request):
                return Answer.of_json(403, {"message": "only the owner of the sandbox may ask"})
            return of_owner(request)
        if request.path.startswith(KUBERNETES_PATH):
            return self._review(request)
        if _READS_METRICS in request.header("authorization"):
            self._record_metrics()
        return self._answer(request, self._authentication.refusal)

    def _review(self, request: Request) -> Answer:
        """Answers the API server or the node of a cluster."""
        # Few sandboxes have a cluster, and the import is slow.
        from plinth_sandbox.emulator.services.eks.executor import reviews

        with self._lock:
            return reviews.answer(request, self._runtime, self._authentication)

    def _record_metrics(self) -> None:
        """Records the metrics that invocations have left. Afterwards, no other thread still has some to record."""
        with self._recording_metrics:
            if (request := self._runtime.metrics.take()) is not None:
                self._answer(request)

    def _record_metrics_in_time(self) -> None:
        while not self._closed.wait(_METRICS_SECONDS):
            self._record_metrics()

    def _tick(self, request: Request) -> Answer:
        """Answers a call of the timer, with the metrics of all invocations before it."""
        self._record_metrics()
        return self._answer(request)

    def _gateway(self) -> Gateway:
        # Few sandboxes serve an API, and the import is slow.
        from plinth_sandbox.emulator.services.apigateway.executor.gateway import Gateway

        return Gateway(self._runtime, self._authentication)

    def _packages(self) -> PackageIndex:
        # Few sandboxes serve packages, and the import is slow.
        from plinth_sandbox.emulator.services.codeartifact.executor.index import PackageIndex

        return PackageIndex(self._runtime)

    def _may_use_git(self, access_key: str, region: str, name: str, action: str, reference: str) -> bool:
        with self._lock:
            return may_use_git(self._runtime.memory, access_key, region, name, action, reference)

    def _record_push(self, repository: GitRepository, access_key: str) -> None:
        record = references.record_of(self._runtime, repository)
        if record is not None:
            self._record(functools.partial(references.unrecorded, self._runtime, record, access_key))

    def _record(self, make: Callable[[], Request | None]) -> None:
        """Runs a call of this process that depends on the state: it is made while no other call runs."""
        with self._lock:
            request = make()
            if request is not None:
                self._run(self._journal.append(time.time(), request), understand(request))

    def _move_clock(self, request: Request) -> Answer:
        self._record_metrics()
        return self._answer(clock_request(**json.loads(request.body)))

    def _hear_provider(self, request: Request) -> Answer:
        """Records a handshake with a source provider, or a push to one of its repositories."""
        # Few sandboxes have a source provider, and the import is slow.
        from plinth_sandbox.emulator.services.codeconnections.executor import operations as codeconnections

        try:
            self._record(functools.partial(codeconnections.request, self._runtime, json.loads(request.body)))
        except AwsError as refusal:
            return Answer.of_json(200, {"refused": str(refusal)})
        return Answer.of_json(200, {})

    def _register_issuer(self, request: Request) -> Answer:
        """Records the keys of a token issuer, which the emulator cannot ask for them."""
        # Few sandboxes have other issuers than clusters, and the import is slow.
        from plinth_sandbox.emulator.services.sts.executor import web_identities

        self._record(lambda: web_identities.registration(**json.loads(request.body)))
        return Answer.of_json(200, {})

    def _take_charges(self, request: Request) -> Answer:
        """Records charges, which the emulator does not make itself."""
        return self._answer(own_request(CHARGES_PATH, "us-east-1", json.loads(request.body)))

    def now(self) -> datetime:
        """Returns the time of the clock. It waits for no request, so it also serves answers that are being sent."""
        return datetime.now(UTC) + self._events.clock.offset

    def _next_firing(self) -> tuple[datetime, datetime | None]:
        """Returns the time of the clock, and that of the next firing or deadline."""
        with self._lock:
            return self._events.clock.now(), self._events.next_due()

    def _answer(self, request: Request, refusal: Callable[[Call], Answer | None] = lambda _: None) -> Answer:
        """Answers a request. Without ``refusal`` it comes from this process, which needs no credentials.

        Raises: DiscardedError.
        """
        answer = self._begun(request, refusal)
        return answer.complete() if isinstance(answer, DeferredAnswer) else answer

    def _begun(self, request: Request, refusal: Callable[[Call], Answer | None]) -> Answer:
        """Answers a request while no other call runs. What another process completes is not complete yet."""
        releases = self._hold.releases
        with self._lock:
            if self._hold.releases != releases:
                raise DiscardedError
            call = understand(request)
            if (refused := refusal(call)) is not None:
                return refused
            if (refused := self._refused_by_model(call)) is not None:
                # It changes nothing, so the journal does not need it.
                return refused
            if not call.is_recorded or finds_nothing(call):
                # A read may create something (a default key). That depends on the request alone, so replays are not
                # affected.
                randomness.seed(self._journal.seed, request.target, request.body)
                return self._safely(call)
            entry = self._journal.append(time.time(), request)
            answer = self._run(entry, call)
            if answer.status in _REFUSALS and not isinstance(answer, DeferredAnswer):
                self._journal.refuse(entry)
            self._hold.wait(self._journal.length)
            return answer

    def _refused_by_model(self, call: Call) -> Answer | None:
        try:
            validate(call)
        except AwsError as refusal:
            return call.reply(refusal)
        return None

    def _inside(self, call: Call) -> Answer:
        """Answers a call that answering another one makes."""
        answer = self._refused_by_model(call) or self._safely(call)
        if not isinstance(answer, DeferredAnswer):
            return answer
        if answer.calls_back:
            return self._refuse(call, "NotImplementedBySandbox", f"{call.name} cannot be part of another call")
        return answer.complete()

    def _run(self, entry: Entry, call: Call) -> Answer:
        randomness.seed(self._journal.seed, entry.index)
        with time_machine.travel(entry.moment, tick=False):
            return self._safely(call)

    def _safely(self, call: Call) -> Answer:
        """Answers every error without an HTTP 500, because clients would retry a request that cannot succeed."""
        try:
            return self._handle(call)
        except NotEmulatedError as error:
            operation = f"{call.service} {call.name}"
            self._refused[operation] += 1
            part = "" if str(error) in (call.service, call.name, operation) else f": {error}"
            reason = f"{operation} is not emulated by the sandbox{part}"
            return self._refuse(call, "NotImplementedBySandbox", reason)
        except AwsError as refusal:
            return call.reply(refusal)
        except Exception as error:
            log.exception("%s %s failed", call.service, call.name)
            return self._refuse(call, "SandboxFault", f"{call.service} {call.name}: {type(error).__name__}: {error}")

    def _refuse(self, call: Call, code: str, message: str) -> Answer:
        if call.operation is None:
            return Answer.of_json(400, {"__type": code, "message": message})
        return call.reply(AwsError(code, message))


def _peak_memory_mib() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)  # bytes on macOS, KiB elsewhere
