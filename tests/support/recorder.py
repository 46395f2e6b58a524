"""Runs a piece of Pulumi program under mocks and returns what it registered.

The recorder stands where the engine would: it refuses what the engine refuses (a URN registered twice, a stack that
does not exist) and what no test prepared for (an unknown data source), and it keeps every registration with its
options, so that a test asserts on what would reach AWS and in which account. In a preview nothing that AWS computes is
known.
"""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any
from unittest import mock

import grpc
from pulumi.runtime import mocks, resource, rpc, settings
from pulumi.runtime.proto.source_pb2 import StackTrace
from pulumi.runtime.stack import run_in_stack

from tests.support.computed import ACCOUNT, computed_properties

READ_STACK_OUTPUTS = "pulumi:pulumi:readStackOutputs"
COMPONENT_PREFIX = "plinth:"
PROVIDER_PREFIX = "pulumi:providers:"
PROGRAMS_PER_COLLECTION = 8
_uncollected_programs = 0


class EngineRefusal(grpc.RpcError):
    """An error as it comes back from the engine, which the SDK tells apart from a defect of its own."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self._message = message

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._message


@dataclass(frozen=True, slots=True)
class Record:
    """One registered resource: what it is, what it was given, and the options that decide its fate."""

    urn: str
    type: str
    name: str
    id: str
    """Id of the resource in AWS; empty for a component and in a preview."""
    inputs: dict[str, Any]
    computed: dict[str, Any]
    """Its properties once made: the inputs and what AWS adds to them."""
    provider: str
    """Logical name of the explicit provider, or an empty string where the resource has none."""
    parent: str
    dependencies: frozenset[str]
    """URNs of what must be there first, by a property or by an option."""
    made_from: Mapping[str, frozenset[str]]
    """URNs of the resources that each property's value depends on, keyed by property."""
    protect: bool
    retain_on_delete: bool
    secret_outputs: tuple[str, ...]
    """Properties that an option marks as secret, so that the state has them encrypted."""
    import_id: str
    ignore_changes: tuple[str, ...]
    replaced_with: tuple[str, ...]
    """Properties whose change replaces the resource, by an option."""
    former_parents: tuple[str, ...]
    """URNs of the parents under which earlier versions registered it, by its aliases."""

    @property
    def is_component(self) -> bool:
        return self.type.startswith(COMPONENT_PREFIX)

    @property
    def is_provider(self) -> bool:
        return self.type.startswith(PROVIDER_PREFIX)


@dataclass(slots=True)
class Recorder(mocks.Mocks):
    """Resources that one program registered, by URN: which of two resources comes first is up to threads."""

    preview: bool = False
    upstream: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Outputs of the stacks that exist, by stack name; any other stack is unknown, as it is to the engine."""
    data_sources: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Answers of AWS, by the token of the data source."""
    records: list[Record] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    """Stacks whose outputs were asked for, once for each time."""
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Data sources that were invoked, with their arguments."""
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Registered outputs of each component and of the stack, by URN."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if self.preview or not args.custom:
            return "", dict(args.inputs)
        identifier, computed = computed_properties(
            args.typ, args.name, args.inputs, self._account_of(args.provider or "")
        )
        return identifier, {**args.inputs, **computed}

    def call(self, args: mocks.MockCallArgs) -> Any:
        if args.token in self.data_sources:
            self.invoked.append((args.token, dict(args.args)))
            return dict(self.data_sources[args.token])
        if args.token != READ_STACK_OUTPUTS:
            raise AssertionError(f"unexpected data source {args.token}: tell the recorder what it answers")
        stack = args.args["name"].rsplit("/", 1)[-1]
        self.read.append(stack)
        if stack not in self.upstream:
            raise EngineRefusal(f'unknown stack "{args.args["name"]}"')
        return {"name": args.args["name"], "outputs": self.upstream[stack], "secretOutputNames": []}

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def _account_of(self, provider: str) -> str:
        """The account that a provider admits, by the provider's reference; tests of components have none."""
        admitted = [
            account
            for record in self.records
            if record.is_provider and record.urn == provider.rpartition("::")[0]
            for account in json.loads(record.inputs.get("allowedAccountIds", "[]"))
        ]
        return str(admitted[0]) if admitted else ACCOUNT

    @property
    def inputs(self) -> dict[str, dict[str, Any]]:
        """Inputs of every record, by URN."""
        return {record.urn: record.inputs for record in self.records}

    @property
    def resources(self) -> list[Record]:
        """Records of what lives in AWS: neither components nor providers."""
        return [r for r in self.records if not r.is_component and not r.is_provider]

    @property
    def exports(self) -> dict[str, Any]:
        """The outputs of the stack itself."""
        return next((values for urn, values in self.outputs.items() if "::pulumi:pulumi:Stack::" in urn), {})

    def all(self, type_: str) -> list[Record]:
        return [r for r in self.records if r.type == type_]

    def one(self, type_: str, name: str | None = None) -> Record:
        """The only record of that type (and logical name)."""
        found = [r for r in self.all(type_) if name in (None, r.name)]
        if len(found) != 1:
            raise AssertionError(f"expected one {type_} {name or ''}, found {[r.name for r in found]}")
        return found[0]


class RecordingMonitor(mocks.MockMonitor):
    """The mock monitor of the SDK, which drops resource options, with those options kept."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._recorder = recorder

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the name is the monitor's protocol)
        urn = self.make_urn(request.parent, request.type, request.name)
        if any(record.urn == urn for record in self._recorder.records):
            raise AssertionError(f"registered twice: {request.type} {request.name}")
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self._recorder.records.append(
                Record(
                    urn=urn,
                    type=request.type,
                    name=request.name,
                    id=response.id,
                    computed=rpc.deserialize_properties(response.object),
                    inputs=rpc.deserialize_properties(request.object),
                    provider=_provider_name(request),
                    parent=request.parent,
                    dependencies=frozenset(request.dependencies),
                    made_from={key: frozenset(d.urns) for key, d in request.propertyDependencies.items()},
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    secret_outputs=tuple(request.additionalSecretOutputs),
                    import_id=request.importId,
                    ignore_changes=tuple(request.ignoreChanges),
                    replaced_with=tuple(request.replaceOnChanges),
                    former_parents=tuple(alias.spec.parentUrn for alias in request.aliases),
                )
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._recorder.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)


def deploy(
    program: Callable[[], object],
    *,
    preview: bool = False,
    stack: str = "stack",
    upstream: Mapping[str, Mapping[str, object]] | None = None,
    data_sources: Mapping[str, Mapping[str, object]] | None = None,
) -> Recorder:
    """Run ``program`` to its end, on an event loop of its own, and return what it registered."""
    recorder = Recorder(preview=preview, upstream=upstream or {}, data_sources=data_sources or {})
    monitor = RecordingMonitor(recorder)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loops = [loop]
    loop.set_default_executor(ThreadPoolExecutor(initializer=_with_loop, initargs=[loops]))
    # `set_mocks` would register a stack of its own, whose empty outputs race with those of the program's.
    settings.configure(
        mocks.MockSettings(
            monitor=monitor,
            monitor_features=set(monitor.GetDeploymentInfo(None).supportedFeatures),
            engine=mocks.MockEngine(None),
            project="plinth",
            stack=stack,
            dry_run=preview,
            organization="organization",
            callbacks=None,
        )
    )
    settings.set_root_resource(None)
    _forget_outputs()  # a test that made an output without a program may have left one, for a loop that has no tasks
    try:
        with _uncollected(), _untraced():
            loop.run_until_complete(run_in_stack(lambda: _discard(program())))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        for each in loops:
            each.close()
        # A program that failed leaves outputs behind that the next one would wait for, on this closed loop. Clear them
        # last, because what was left has run on while the threads ended.
        _forget_outputs()
    recorder.records.sort(key=attrgetter("urn"))
    return recorder


def _forget_outputs() -> None:
    settings.SETTINGS.outputs.clear()
    settings.SETTINGS.rpc_manager.clear()


def _with_loop(loops: list[asyncio.AbstractEventLoop]) -> None:
    """Gives a thread the event loop on which the mock monitor deserializes. The monitor would not close its own."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loops.append(loop)


@contextmanager
def _uncollected() -> Iterator[None]:
    """The SDK makes futures by the thousand; looking through all objects again and again for dead ones takes as long as
    the program itself. They are looked for after several programs, among the objects that these have made.
    """
    global _uncollected_programs
    if _uncollected_programs == 0:
        gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        _uncollected_programs += 1
        if _uncollected_programs == PROGRAMS_PER_COLLECTION:
            gc.collect()
            _uncollected_programs = 0
        gc.enable()


@contextmanager
def _untraced() -> Iterator[None]:
    """Each registration says where in the code it stands, for the engine's messages: a tenth of the work."""
    with mock.patch.object(resource, "_get_stack_trace", StackTrace):
        yield


def _discard(_result: object) -> None:
    """The SDK awaits or exports what a program returns; the programs of tests return components."""


def _provider_name(request: Any) -> str:
    reference = request.provider or request.providers.get("aws", "")
    return str(reference).rsplit("::", 2)[-2] if reference else ""
