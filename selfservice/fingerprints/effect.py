"""Computes what a stack's program would register if no other stack existed.

Command: ``python -m selfservice.fingerprints.effect``.

Runs programs under a monitor that answers as the engine answers a first preview: every output is unknown. The effect of
a program is what it registers, and every function that waits for an unknown output, with the values that it holds. Two
settings with the same effect are therefore the same to the program, whatever the outputs turn out to be.

Each program runs in a fork of this process, which has imported the SDKs and, for programs of this project, the modules
of the stacks.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import logging
import os
import re
import runpy
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import pulumi
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_in_stack

from selfservice.fingerprints.canonical import ValueDigests
from selfservice.fingerprints.facts import digest

_PROGRAM_ROOT = Path(__file__).resolve().parents[2]
_PREPARATION = "stacks.preparation"
"""Module of the program that imports what stacks need."""

_UNKNOWN_STACK = "unknown stack"
"""The engine's error message for a stack that does not exist."""


_SERVICE = re.compile(r"\baws\.([a-z0-9]+)\.[A-Z]")


class _Answers(mocks.Mocks):
    """Answers like the engine in a preview of a new stack."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return "", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise _Refusal(f"{_UNKNOWN_STACK}: nothing is asked while an effect is looked at, not even {args.token}")


class _Refusal(grpc.RpcError):
    """A gRPC error like those of the engine, which a program may handle."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class _Monitor(mocks.MockMonitor):
    """Records the requests of a program."""

    def __init__(self) -> None:
        super().__init__(_Answers())
        self.asked: list[str] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name is the monitor's protocol
        self._note(request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._note(request)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        self._note(request)
        return super().ReadResource(request)  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        self._note(request)
        return super().Invoke(request)  # type: ignore[no-untyped-call]

    def _note(self, request: Any) -> None:
        """Records a request without its position in the code and with sets in sorted order."""
        noted = type(request)()
        noted.CopyFrom(request)
        for name in ("sourcePosition", "stackTrace"):
            if name in noted.DESCRIPTOR.fields_by_name:
                noted.ClearField(name)
        if hasattr(noted, "propertyDependencies"):
            noted.dependencies.sort()
            for each in noted.propertyDependencies.values():
                each.urns.sort()
        self.asked.append(f"{type(request).__name__} {noted.SerializeToString(deterministic=True).hex()}")


class _Waiting:
    """Records the values of outputs, and the functions that wait for an unknown output."""

    def __init__(self) -> None:
        self._canon = ValueDigests()
        self._functions: dict[int, Callable[[Any], Any]] = {}
        self._values: list[str] = []

    def install(self) -> None:
        apply, from_input = pulumi.Output.apply, pulumi.Output.from_input

        def noted_apply(output: Any, func: Callable[[Any], Any], run_with_unknowns: bool = False) -> Any:
            number = len(self._functions)
            self._functions[number] = func

            def called(value: Any) -> Any:
                self._functions[number] = _called
                return func(value)

            return apply(output, called, run_with_unknowns)

        def noted_from_input(value: Any) -> Any:
            self._values.append(self._canon.digest(value))
            return from_input(value)

        pulumi.Output.apply = noted_apply  # type: ignore[method-assign, assignment]
        pulumi.Output.from_input = staticmethod(noted_from_input)  # type: ignore[assignment]

    def digests(self) -> list[str]:
        """Raises: UnseenError when something in a value cannot be compared."""
        functions = [function for function in self._functions.values() if function is not _called]
        return sorted(self._values + [self._canon.digest(function) for function in functions])


def _called(_: Any) -> None:
    """Replaces every function that was called, because its result is part of the registered resources."""


def effect(program: Path, project: Path, name: str, stack: str) -> str:
    """Returns a digest of what a program does. Raises the program's exceptions and IncomparableError."""
    monitor, waiting = _Monitor(), _Waiting()
    waiting.install()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    settings.configure(
        mocks.MockSettings(  # type: ignore[no-untyped-call]
            monitor=monitor,
            monitor_features=set(monitor.GetDeploymentInfo(None).supportedFeatures),  # type: ignore[no-untyped-call]
            engine=mocks.MockEngine(logging.getLogger("effect")),
            project=name,
            stack=stack,
            root_directory=str(project),
            dry_run=True,
            organization="organization",
            callbacks=None,
        )
    )
    settings.set_root_resource(None)  # type: ignore[arg-type]
    os.chdir(program)
    sys.argv = [str(program)]
    loop.run_until_complete(run_in_stack(lambda: _discard(runpy.run_path(str(program), run_name="__main__"))))
    return digest([*sorted(monitor.asked), *waiting.digests()])


def _discard(_: object) -> None:
    """Drops the return value of the program, because the SDK would export it."""


def _carry_out(job: dict[str, str]) -> None:
    """Computes one effect in its own process and writes it to the job's folder."""
    folder = Path(job["folder"])
    try:
        found = {"effect": effect(Path(job["program"]), Path(job["project"]), job["name"], job["stack"])}
    except Exception as error:  # whatever keeps an effect from being seen, its stack counts as changed
        found = {"unseen": f"{type(error).__name__}: {error}"}
    (folder / "effect.json").write_text(json.dumps(found), encoding="utf-8")


def _import_services(program: Path) -> None:
    """Imports the AWS services of the program once for all forks, because imports take most of its time."""
    named = {
        name for file in program.glob("[!.]*/**/*.py") for name in _SERVICE.findall(file.read_text("utf-8", "replace"))
    }
    for name in sorted(named):
        with suppress(ImportError):
            module = importlib.import_module(f"pulumi_aws.{name}")
            hasattr(module, "Provider")  # the SDK loads a service when it is first asked for anything


def _import_stacks(stacks: Iterable[str]) -> None:
    """Imports the services and the modules of stacks of this program. A stack whose modules cannot be imported says so
    in its own run."""
    preparation = importlib.import_module(_PREPARATION)
    for stack in stacks:
        with suppress(Exception):
            for _ in preparation.steps([stack]):
                pass
            preparation.import_stack(stack)


def main(given: dict[str, Any]) -> None:
    """Runs the jobs, at most ``limit`` in parallel, after it has imported what they share."""
    logging.disable(logging.CRITICAL)
    if Path(given["program"]) != _PROGRAM_ROOT:
        _import_services(Path(given["program"]))
    else:
        _import_stacks(dict.fromkeys(job["stack"] for job in given["jobs"]))
    gc.disable()
    gc.freeze()
    running = 0
    for job in given["jobs"]:
        if running == given["limit"]:
            os.wait()
            running -= 1
        if os.fork() == 0:
            try:
                _carry_out(job)
            finally:
                os._exit(0)
        running += 1
    while running:
        os.wait()
        running -= 1


if __name__ == "__main__":
    main(json.load(sys.stdin))
