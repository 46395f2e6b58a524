"""The example organization with a model, deployed once in a test run. Folders and modules of tests start from copies.

Deploying it and building the model take three minutes of processor time, and a copy takes seconds: a sandbox is a
folder, and one that starts runs the calls of its journal again. No copy outlives the test run, so that no test passes
on what other code deployed.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.layout import Layout
from plinth_sandbox.waiting import eventually
from tests.engine.main_job.creation import add_images, create_use_case, plinth_of_lead
from tests.engine.main_job.promotions import Promotions
from tests.support.cluster_example import bring_up, start_sandbox
from tests.support.shared_folder import folder_of_this_run
from tests.support.states_in_s3 import move_states_to_s3
from tests.support.workbench import Workbench

SETTLED = "churn-experimentation"
"""Environment whose Studio enables the settings that the example leaves at their defaults."""
SERVING = "fraud-development"
"""Environment that serves a dataset by a data API, which the example does not enable."""
WITH_SPARK = "churn-development"
SPARK = {"max_vcpus": 16, "idle_timeout_minutes": 5}
"""Which environment has Spark, and what of it is not at its default."""
DECLARED = Path(__file__).parent / "example" / "declared"
"""Files of stacks that the example has in these tests alone."""
GITHUB = {"repository": "acme/foundation", "ids": {"owner": 123456, "repository": 456789}}
"""Repository whose workflows may review. The example names none."""
IMAGE = {"repository": "studio/torch", "digest": f"sha256:{'0123456789abcdef' * 4}"}
DEPLOYER = "plinth:identity:PlatformDeployer"
"""Type of the component with the role of an account that pods assume, if there is a cluster that runs them."""
CLONES = "clones"
"""Folder of a copy with the clones of deployment repositories."""
_OF_ONE_SANDBOX = shutil.ignore_patterns("pulumi", "server.*", "*.sock")
"""Files of a sandbox that name a process, a port or the folder of the sandbox. A copy gets its own."""


@contextmanager
def deployed_example(factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Yields a copy of the deployed example in a sandbox of its own, which is up.

    It has the stacks with their settings and states, and a use case as `make up` leaves it, which a lead data scientist
    has requested. It has no logs of the operations that deployed them, but the clone of the deployment repository.
    """
    with _running(_copy(_deployed(), factory.mktemp("acme"))) as workbench:
        yield workbench


@contextmanager
def released_example(factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Yields a copy of the deployed example whose first version pre-production and production serve."""
    with _running(_copy(_once("released", _release), factory.mktemp("acme"))) as workbench:
        yield workbench


@contextmanager
def example_with_cluster(factory: pytest.TempPathFactory, *, nodes: bool, jobs: int) -> Iterator[Workbench]:
    """Yields a copy of the deployed example with a cluster that runs operations of stacks as Jobs, so many at a time.

    The states are in a bucket. A command that is killed leaves the state of its last step, as that of a user does.
    """
    workbench = _copy(_deployed(), factory.mktemp("tooling"))
    workbench.checkpoints = True
    Layout(workbench.sandbox_folder).states_marker.touch()  # `plinth sandbox up` leaves states where they are
    start_sandbox(workbench, nodes=nodes)
    try:
        move_states_to_s3(workbench)
        trusting = [
            stack for stack in workbench.stacks() if any(_is_deployer(resource) for resource in workbench.state(stack))
        ]
        bring_up(workbench, *trusting, jobs=jobs, memory_gib=2)
        yield workbench
    finally:
        workbench.sandbox("down")


def _is_deployer(resource: Mapping[str, Any]) -> bool:
    return bool(resource["type"] == DEPLOYER)


def _deployed() -> Workbench:
    return _once("example", _deploy)


def _once(name: str, make: Callable[[Path], Workbench]) -> Workbench:
    """Returns what is made in a folder of this test run. The first process that asks makes it; others wait."""
    root = folder_of_this_run() / name
    complete = root.with_suffix(".complete")
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if complete.exists():
            return Workbench(root)
        shutil.rmtree(root, ignore_errors=True)  # of a process that failed
        made = make(root)
        complete.touch()
    return made


def _copy(source: Workbench, root: Path) -> Workbench:
    copy = Workbench(root, checkpoints=False)
    shutil.copytree(source.project, copy.project)
    shutil.copytree(source.sandbox_folder, copy.sandbox_folder, symlinks=True, ignore=_OF_ONE_SANDBOX)
    for clone in (*source.root.glob("operations/*/requests/*/*-deployment"), *source.root.glob(f"{CLONES}/*")):
        shutil.copytree(clone, copy.root / CLONES / clone.name)
    return copy


def _deploy(root: Path) -> Workbench:
    with _running(_example(root)) as workbench:
        workbench.plinth("up", "--all", "--yes")
        _build_model(workbench)
    return workbench


def _release(root: Path) -> Workbench:
    with _running(_copy(_deployed(), root)) as workbench:
        promotions = Promotions(workbench)
        promotions.decide(1)
        promotions.drive(lambda: promotions.endpoints("production") and promotions.all_have_ended())
    return workbench


def _example(root: Path) -> Workbench:
    workbench = Workbench.of_example(root)
    workbench.checkpoints = False
    canvas = {"personas": ["data-scientist", "lead-data-scientist"]}
    studio = {"canvas": canvas, "docker": True, "homes_at_deletion": "keep", "images": {"torch": IMAGE}}
    workbench.change_environment(SETTLED, studio={**workbench.settings_of(SETTLED)["studio"], **studio})
    workbench.change_environment(SERVING, data_api={"datasets": ["card-payments"]})
    workbench.change_environment(WITH_SPARK, emr=SPARK)
    workbench.change_organization(reviews={"github": GITHUB})
    workbench.change_dataset("card-payments", pushed_to={"fraud": ["preproduction", "production"]})
    shutil.copytree(DECLARED, workbench.project / "environments", dirs_exist_ok=True)
    return workbench


def _build_model(workbench: Workbench) -> None:
    add_images(workbench)
    words = ("usecase", "request", "--team=fraud", "--name=scoring", "--image=train", "--data=image=train:1")
    plinth_of_lead(workbench, *words)
    workbench.plinth("requests", "run")
    create_use_case(workbench)
    eventually(Promotions(workbench).all_have_ended)  # that of the first push, which has nothing to promote


@contextmanager
def _running(workbench: Workbench) -> Iterator[Workbench]:
    workbench.sandbox("up")
    try:
        yield workbench
    finally:
        workbench.sandbox("down")
