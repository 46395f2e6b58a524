"""Kills operations that run as Jobs, and compares AWS with the states: ``python -m benchmarks.kills.remote``.

The example comes up with a cluster. Somebody changes resources of stacks at AWS, and one command corrects all of these
stacks with ``--remote``, each as a Job. While engines work, the command is killed, and a second one continues; then a
pod and the API server are killed. At the end, every stack must be as the settings say, without locks, pending
operations or resources that no state has, and no two engines may have changed the same stack at the same time.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plinth_sandbox.waiting import eventually
from selfservice.clusters.pod_owner import owner_of
from selfservice.errors import RefusedError
from settings.derived.stack_graph import StackIdentity
from settings.files.loader import load
from tests.support.cluster_example import bring_up, obstacle_to_pods, start_sandbox
from tests.support.cluster_operations import inputs, locks, pods, processes, updates
from tests.support.inventory import compare
from tests.support.workbench import COMMAND_SECONDS, COMMANDS, Workbench

JOBS = 20
_LOOK_SECONDS = 0.3
_CHANGED = {"business-unit": "somebody else"}
"""Tag that all resources have, with another value."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills.remote", description=__doc__)
    parser.add_argument("--stacks", type=int, default=JOBS, help=f"Most stacks at the same time. Default: {JOBS}.")
    options = parser.parse_args()
    if obstacle := obstacle_to_pods():
        sys.exit(f"pods do not run on this machine: {obstacle}")
    with tempfile.TemporaryDirectory(prefix="plinth-remote-kills-") as directory:
        bench = Workbench.of_example(Path(directory))
        start_sandbox(bench, nodes=True)
        try:
            bring_up(bench, jobs=options.stacks, memory_gib=2)
            bench.plinth("up", "--all", "--yes")
            faults = _killed(bench, options.stacks)
        finally:
            bench.sandbox("down")
    for fault in faults:
        print(f"FAULT {fault}")
    sys.exit(1 if faults else 0)


def _killed(bench: Workbench, most: int) -> list[str]:
    """Corrects disturbed stacks while processes are killed, prints the figures, and returns what is wrong."""
    before = compare(bench).faults
    disturbed = _disturbed(bench, most)
    print(f"{len(disturbed)} stacks, {sum(disturbed.values())} resources changed at AWS", flush=True)
    command, began = ["up", *disturbed, "--remote", "--yes", "--jobs", str(most)], time.monotonic()
    with Watch(bench) as watch:
        first = _start(bench, command)
        _wait(watch, first, lambda: len(watch.seen) >= 2)
        first.kill()
        first.wait()
        _say("killed the command", watch, began)

        second = _start(bench, command)
        done = len(watch.seen)
        _wait(watch, second, lambda: len(watch.seen) > done and bool(pods(bench)))
        _kill(pods(bench)[:1])
        _say("killed a pod", watch, began)

        done = len(watch.seen)
        _wait(watch, second, lambda: len(watch.seen) > done)
        _kill(processes("kube-apiserver", str(bench.root)))
        _say("killed the API server", watch, began)

        said, _ = second.communicate(timeout=COMMAND_SECONDS)
    print(f"{time.monotonic() - began:.0f} s, at most {watch.most} engines at the same time", flush=True)
    return [
        *([] if second.returncode == 0 else [f"the command ended with {second.returncode}: {said[-2000:]}"]),
        *(f"{stack}: {count} engines changed it at the same time" for stack, count in watch.twice.items()),
        *(f"lock {lock}" for lock in locks(bench)),
        *(f"pending operations of {stack}" for stack in bench.pending_operations()),
        *(f"{type_} {identity}" for type_, identity in compare(bench).faults if (type_, identity) not in before),
        *_differences(bench, disturbed),
        *([] if len(left := inputs(bench)) <= len(disturbed) + 1 else [f"{len(left)} inputs of Jobs"]),
    ]


def _disturbed(bench: Workbench, most: int) -> Counter[str]:
    """Changes resources of up to ``most`` stacks that pods may operate on. Returns their number by stack."""
    foundation = load(bench.project)
    shared = set(bench.outputs("organization")["accounts"].values())
    found = Counter[str]()
    for stack in bench.stacks():
        resources = bench.state(stack)
        with suppress(RefusedError):
            owner_of(stack, foundation.account_of_stack(StackIdentity.parse(stack)).team, resources, shared)
            if len(found) < most and (count := sum(_disturb(bench, one) for one in _with_account(resources))):
                found[stack] = count
    return found


def _with_account(resources: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Yields the resources of a state with the account of their provider."""
    listed = list(resources)
    accounts = {
        f"{one['urn']}::{one['id']}": json.loads(one["inputs"]["allowedAccountIds"])[0]
        for one in listed
        if one["type"] == "pulumi:providers:aws"
    }
    for one in listed:
        if (account := accounts.get(one.get("provider", ""))) is not None:
            yield account, one


def _disturb(bench: Workbench, placed: tuple[str, Mapping[str, Any]]) -> bool:
    """Changes a resource at AWS if it is of a type whose tags or settings its deployer may correct."""
    account, resource = placed
    kind, id_ = resource["type"], resource["id"]
    if kind == "aws:ec2/vpcEndpoint:VpcEndpoint":
        tags = [{"Key": key, "Value": value} for key, value in _CHANGED.items()]
        bench.client("ec2", account).create_tags(Resources=[id_], Tags=tags)
    elif kind == "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration":
        bench.client("s3", account).delete_bucket_lifecycle(Bucket=resource["outputs"]["bucket"])
    elif kind == "aws:cloudwatch/logGroup:LogGroup":
        bench.client("logs", account).put_retention_policy(logGroupName=id_, retentionInDays=1)
    elif kind == "aws:sqs/queue:Queue":
        bench.client("sqs", account).tag_queue(QueueUrl=id_, Tags=_CHANGED)
    else:
        return False
    return True


def _differences(bench: Workbench, stacks: Iterable[str]) -> list[str]:
    """Compares the stacks with AWS, with a command of this machine."""
    reported = json.loads(bench.plinth("preview", *stacks, "--refresh", "--json", check=False).stdout)["stacks"]
    return [
        f"{stack}: {found['status']} with {found['changes']}"
        for stack, found in reported.items()
        if found["status"] not in ("succeeded", "unchanged") or found["changes"]
    ]


def _start(bench: Workbench, arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMANDS / "plinth", *arguments],
        cwd=bench.project,
        env=bench.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _wait(watch: Watch, command: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    """Waits until something has happened. Exits if the command ends before, because there was nothing to kill."""

    def look() -> bool:
        if not (found := happened()) and command.poll() is not None:
            said = command.stdout.read() if command.stdout else ""
            sys.exit(f"the command ended before a kill, after engines on {sorted(watch.seen)}: {said[-2000:]}")
        return found

    eventually(look, every_seconds=_LOOK_SECONDS)


def _kill(found: Iterable[int]) -> None:
    for process in found:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _say(what: str, watch: Watch, began: float) -> None:
    print(f"{what} after {time.monotonic() - began:.0f} s; engines so far: {', '.join(sorted(watch.seen))}", flush=True)


@dataclass(eq=False)
class Watch:
    """Looks at the engines that change stacks, while it is entered."""

    bench: Workbench
    seen: set[str] = field(default_factory=set)
    """Stacks on which an engine was seen."""
    twice: Counter[str] = field(default_factory=Counter)
    """Number of engines at the same time, of stacks that had more than one."""
    most: int = 0
    """Most engines at the same time."""
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        assert self._thread is not None
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            found = updates(self.bench)
            self.seen |= found.keys()
            self.twice |= Counter({stack: count for stack, count in found.items() if count > 1})
            self.most = max(self.most, found.total())


if __name__ == "__main__":
    main()
