"""Operations that run as Jobs of a cluster: their processes on this machine, their locks and their inputs."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from selfservice.clusters.api import KubernetesApi
from selfservice.clusters.job import STACK_LABEL
from selfservice.clusters.job_inputs import FOLDER
from tests.support.workbench import Workbench

JOBS = "/apis/batch/v1/namespaces/plinth-stacks/jobs"
"""Path of the Jobs of operations in the Kubernetes API."""
POD = "selfservice.clusters.pod"
"""Module that a pod runs."""
LOCKS = ".pulumi/locks/"
"""Folder of the bucket of states with the locks of engines."""
_UPDATE = re.compile(r"(?:^|/)pulumi .*\b(?:up|refresh|destroy)\b.* --stack[ =](?:\S+/)?(?P<stack>\S+)")


def processes(*words: str, text: str = "") -> Iterator[int]:
    """Yields the processes whose command lines contain all words and whose environments contain the text, in
    containers too."""
    for process, _ in _commands(*words, text=text):
        yield process


def pods(bench: Workbench) -> list[int]:
    """Returns the processes of pods that run an operation on the emulated AWS of a bench."""
    return list(processes(POD, text=_mark(bench)))


def updates(bench: Workbench) -> Counter[str]:
    """Returns how many engines change each stack at this moment."""
    return Counter(_updating(bench).values())


def updating_pods(bench: Workbench) -> dict[int, str]:
    """Returns the first process of each pod whose engine changes a stack at this moment, with the stack.

    All processes of a container end with its first one.
    """
    starters, found = set(pods(bench)), {}
    for engine, stack in _updating(bench).items():
        process = engine
        while process and process not in starters:
            process = _parent(process)
        if process:
            found[process] = stack
    return found


@contextmanager
def stopped_engines(bench: Workbench) -> Iterator[None]:
    """Stops the engines that change stacks at this moment, so that no update ends before somebody kills it. Those that
    are still there go on at the end of the block."""
    engines = list(_updating(bench))
    _signal(engines, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(engines, signal.SIGCONT)


def _signal(found: Iterable[int], number: signal.Signals) -> None:
    for process in found:
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(process, number)


def _updating(bench: Workbench) -> dict[int, str]:
    """Returns the engines that change stacks, with their stacks."""
    found = {
        process: match["stack"]
        for process, command in _commands("pulumi", text=_mark(bench))
        if (match := _UPDATE.search(command))
    }
    # What an engine is about to start has the command line of the engine.
    return {process: stack for process, stack in found.items() if _parent(process) not in found}


def _parent(process: int) -> int:
    with suppress(OSError):  # it has just ended
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def locks(bench: Workbench) -> list[str]:
    """Returns the locks of engines in the bucket of states."""
    return _keys(bench, LOCKS)


def inputs(bench: Workbench) -> list[str]:
    """Returns the inputs of Jobs in the bucket of states."""
    return _keys(bench, FOLDER)


def roles(bench: Workbench, stack: str) -> set[str]:
    """Returns the names of the roles that the AWS providers in the state of a stack assume."""
    providers = [resource for resource in bench.state(stack) if resource["type"] == "pulumi:providers:aws"]
    return {
        role["roleArn"].rpartition("/")[2]
        for provider in providers
        for role in json.loads(provider["inputs"].get("assumeRoles", "[]"))
    }


def kubernetes_token(bench: Workbench, *, reviewer: bool = False) -> str:
    """Returns a token of the role that deploys, or of the one for reviews."""
    cluster = bench.outputs("tooling-cluster")
    words = ("--name", cluster["cluster_name"], "--account", cluster["account_id"], "--region", cluster["region"])
    variables = {"PLINTH_READ_ONLY": "true"} if reviewer else {}
    answer = json.loads(bench.plinth("cluster", "token", *words, variables=variables).stdout)
    return str(answer["status"]["token"])


def kubernetes_api(bench: Workbench) -> KubernetesApi:
    """Returns the API of the cluster, called with one token of the role that deploys."""
    cluster, token = bench.outputs("tooling-cluster"), kubernetes_token(bench)
    authority = base64.b64decode(cluster["certificate_authority"]).decode()
    return KubernetesApi(endpoint=cluster["endpoint"], authority=authority, token=lambda: token)


def jobs_in(bench: Workbench) -> dict[str, str]:
    """Returns the stacks of the Jobs that the cluster has, by the names of the Jobs."""
    items = kubernetes_api(bench).request("GET", JOBS).body["items"]
    return {item["metadata"]["name"]: item["metadata"]["labels"][STACK_LABEL] for item in items}


def _keys(bench: Workbench, prefix: str) -> list[str]:
    listed = bench.client("s3").list_objects_v2(Bucket=bench.bucket, Prefix=prefix).get("Contents", ())
    return [object_["Key"] for object_ in listed]


def _mark(bench: Workbench) -> str:
    return f":{urlsplit(bench.environment()['AWS_ENDPOINT_URL']).port}\0"


def _commands(*words: str, text: str) -> Iterator[tuple[int, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if all(word in command for word in words) and text in (process / "environ").read_text(errors="replace"):
                yield int(process.name), command
