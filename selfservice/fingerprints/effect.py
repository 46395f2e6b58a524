"""What a stack's program would register while no other stack exists: ``python -m selfservice.fingerprints.effect``.

Runs programs under a monitor that answers as the engine answers a first preview: every output is unknown. The effect of
a program is what it registers, and every function that waits for an unknown output, with the values that it holds. Two
settings with the same effect are therefore the same to the program, whatever the outputs turn out to be.

Each program runs in a fork of this process, which has imported the SDKs, and none of the project's own modules.
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
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import pulumi
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_in_stack

from selfservice.fingerprints.canonical import ValueDigests
from selfservice.fingerprints.facts import digest
from selfservice.fingerprints.startup import sitecustomize

_UNKNOWN_STACK = "unknown stack"
"""What the engine says of a stack that was never made."""


_SERVICE = re.compile(r"\baws\.([a-z0-9]+)\.[A-Z]")


class _Answers(mocks.Mocks):
    """Answers as the engine does in a preview of what was never made."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return "", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise _Refusal(f"{_UNKNOWN_STACK}: nothing is asked while an effect is looked at, not even {args.token}")


class _Refusal(grpc.RpcError):
    """As gRPC raises the engine's own refusals, which a program may handle."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class _Monitor(mocks.MockMonitor):
    """Takes down what a program asks for."""

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
        """Leaves out where in the code a request is made, and the order of what is a set."""
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
    """Takes down the values that outputs are made of, and the functions that wait for an output and were not called."""

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
    """Stands for every function that was called: what came of it is in what the program registered."""


def effect(program: Path, project: Path, name: str, stack: str) -> str:
    """A digest of what a program does. Raises whatever the program raises, and UnseenError."""
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
    """The SDK exports what a program returns."""


def _carry_out(job: dict[str, str]) -> None:
    """In a process of its own: look at one effect, and leave what was found in the job's folder."""
    folder = Path(job["folder"])
    sitecustomize.start(str(folder), program=True)
    try:
        found = {"effect": effect(Path(job["program"]), Path(job["project"]), job["name"], job["stack"])}
    except Exception as error:  # whatever keeps an effect from being seen, its stack counts as changed
        found = {"unseen": f"{type(error).__name__}: {error}"}
    (folder / "effect.json").write_text(json.dumps(found), encoding="utf-8")


def _import_services(program: Path) -> None:
    """Import once, for all forks, the AWS services that the program names: they take most of a program's time."""
    named = {
        name for file in program.glob("[!.]*/**/*.py") for name in _SERVICE.findall(file.read_text("utf-8", "replace"))
    }
    for name in sorted(named):
        with suppress(ImportError):
            module = importlib.import_module(f"pulumi_aws.{name}")
            hasattr(module, "Provider")  # the SDK loads a service when it is first asked for anything


def main(jobs: list[dict[str, str]], limit: int) -> None:
    """Carry out the jobs, so many at a time."""
    gc.disable()
    gc.freeze()
    running = 0
    for job in jobs:
        if running == limit:
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
    logging.disable(logging.CRITICAL)
    body = json.load(sys.stdin)
    _import_services(Path(body["program"]))
    main(body["jobs"], body["limit"])
