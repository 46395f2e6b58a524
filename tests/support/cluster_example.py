"""The example organization with a team, a Kubernetes cluster, and the runner of stack operations in it.

``python -m tests.support.cluster_example`` brings it up for a person, in the sandbox of the clone (``make
up-kubernetes``). Tests and benchmarks bring it up in directories of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.kubernetes.node import programs
from plinth_sandbox.progress import Progress
from tests.support.states_in_s3 import keep_states_in_s3, share_states
from tests.support.workbench import COMMAND_SECONDS, COMMANDS, REPOSITORY, Workbench

TEAMS = ("fraud",)
STACKS = (
    "organization", "audit", "identity", "network", "tooling", "tooling-cluster", "tooling-platform", "tooling-runner",
)  # fmt: skip
"""The stacks of the cluster and everything that they need."""
TEAM = ("fraud", "fraud-development")
NAMESPACES = {"tracking": {"cpus": 4, "memory_gib": 8, "pods": 10}}
LAUNCHER = "arn:aws:iam::123456789012:role/platform"
"""Role of people in the management account. Everybody in the sandbox may act as one of them."""
RUNNER = {"image": f"sha256:{'a' * 64}", "jobs": 3, "memory_gib": 4, "launchers": [LAUNCHER]}
"""The runner before there is an image."""


def obstacle_to_pods(progress: Progress | None = None) -> str:
    """Returns why pods do not run on this machine; an empty text if they do."""
    try:
        programs.provide(progress)
    except SetUpError as error:
        return error.cause
    return ""


def start_sandbox(bench: Workbench, *, nodes: bool) -> None:
    """Starts a sandbox whose states are in a bucket and whose clusters have a control plane, and a node if pods run."""
    bench.sandbox("up", "--nodes" if nodes else "--kubernetes", "--states", "s3")
    bench.sandbox("up")


def bring_up(bench: Workbench, *further: str, **runner: object) -> None:
    """Deploys the cluster, its runner, a team and ``further`` stacks in a sandbox that is up, and puts the image of
    this program into its registry. ``runner`` are other settings of the runner. It may run again, also after a kill."""
    key = keep_states_in_s3(bench, *STACKS)
    image = {"image": previous} if (previous := _image_in_settings(bench)) else {}
    settings = {**RUNNER, **runner, **image, "state_bucket": bench.bucket, "state_keys": [key]}
    _deploy_cluster(bench, settings)
    bench.plinth("up", *{*STACKS, *TEAM, *further}, "--with-needs", "--yes")
    repository = bench.outputs("tooling")["platform_repository"]
    bench.sandbox("image", f"{repository}:*", str(COMMANDS.parent), "--engine")
    pushed = bench.sandbox("push", repository).stdout.strip()
    _deploy_cluster(bench, {**settings, "image": pushed})
    bench.plinth("up", "tooling-runner", "--yes")
    share_states(bench, key, [bench.outputs("tooling-runner")["role_arn"]])


def _image_in_settings(bench: Workbench) -> str:
    """Returns the image of an earlier run, so that a further one changes nothing; an empty text at first."""
    organization = yaml.safe_load((bench.project / "Pulumi.yaml").read_text())["config"]["plinth:organization"]["value"]
    return str(organization.get("tooling_cluster", {}).get("runner", {}).get("image", ""))


def _deploy_cluster(bench: Workbench, runner: dict[str, object]) -> None:
    bench.change_organization(tooling_cluster={"version": "1.35", "namespaces": NAMESPACES, "runner": runner})


class CloneWorkbench(Workbench):
    """The sandbox of the clone, as a person has it, with a project directory in it. Commands show what they do."""

    @property
    def sandbox_folder(self) -> Path:
        return self.root

    def bare_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
        return {**kept, "PLINTH_SANDBOX_DIR": str(self.root)}

    def _run(
        self, command: list[str | Path], environment: dict[str, str], *, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Captures only what commands of the sandbox answer."""
        words = [str(word) for word in command]
        answers = words[1] == "sandbox"
        output = subprocess.PIPE if answers else None
        done = subprocess.run(
            words,
            cwd=self.project,
            env=environment,
            stdout=output,
            text=True,
            timeout=COMMAND_SECONDS,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode != 0:
            sys.exit(done.returncode)
        return done


def project_of_clone(root: Path) -> Workbench:
    """Returns the sandbox in ``root``, with its project in ``example``, which is created if it does not exist."""
    bench = CloneWorkbench(root, "example")
    if not bench.project.exists():
        unfinished = CloneWorkbench(root, "example.unfinished")
        shutil.rmtree(unfinished.project, ignore_errors=True)
        unfinished.fill_with_example(TEAMS)
        unfinished.project.rename(bench.project)
    return bench


def main() -> None:
    progress = Progress()
    obstacle = obstacle_to_pods(progress)
    root = Path(os.environ.get("PLINTH_SANDBOX_DIR") or REPOSITORY / ".sandbox").absolute()
    root.mkdir(parents=True, exist_ok=True)
    bench = project_of_clone(root)
    start_sandbox(bench, nodes=not obstacle)
    bring_up(bench)
    place = os.path.relpath(bench.project)
    progress.say(f"The settings with the cluster are in {place}. Its commands: docs/guides/kubernetes.md")
    if obstacle:
        progress.say(f"Pods stay pending: {obstacle}")


if __name__ == "__main__":
    main()
