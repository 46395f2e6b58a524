"""The shared stacks of the example, a cluster with a node, a small GitLab in it, and runners of two teams."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.testing import self_signed
from plinth_sandbox.waiting import eventually
from tests.engine.ci_runners import forge, gitlab_runner
from tests.engine.tooling.test_tooling_platform import Answer, ask
from tests.support.cluster_node import bench_with_node, fill_with_python, folder_of_containers
from tests.support.cluster_operations import kubernetes_token
from tests.support.workbench import Workbench

FORGE = "gitlab.forge.svc.cluster.local"
TEAMS = ("fraud", "churn")


@dataclass
class Site:
    """An organization with runners, and its GitLab."""

    bench: Workbench
    folder: Path
    """Folder that stands for the content of all images."""
    token: str = field(default="", repr=False)

    def ask(self, path: str, body: Any = None, *, method: str | None = None, token: str = "") -> Answer:
        """Calls the Kubernetes API, as an administrator or with another token."""
        self.token = self.token or kubernetes_token(self.bench)
        return ask(self.bench, path, body, method=method, token=token or self.token)

    def forge(self, path: str, body: Any = None) -> Any:
        """Calls the GitLab as a test does, through the Kubernetes API."""
        answer = self.ask(f"/api/v1/namespaces/forge/services/https:gitlab:https/proxy/control/{path}", body)
        assert answer.code in (200, 201), answer
        return answer.body

    def image(self) -> str:
        """Returns the image in which jobs run."""
        return str(self.bench.outputs("tooling-ci")["job_images"][0])

    def run(self, runner_token: str, *script: str, image: str = "") -> int:
        """Adds a job for the runner with a token, and returns its number."""
        job = {"token": runner_token, "script": list(script), "image": image or self.image()}
        return int(self.forge("jobs", job)["number"])

    def ended(self, number: int) -> dict[str, Any]:
        """Returns a job once it has ended."""

        def look() -> dict[str, Any] | None:
            job = dict(self.forge(f"jobs/{number}"))
            return job if job["state"] in ("success", "failed") else None

        return eventually(look, every_seconds=1) or {}

    def pods(self, namespace: str) -> list[dict[str, Any]]:
        return list(self.ask(f"/api/v1/namespaces/{namespace}/pods").body["items"])

    def store(self, team: str, runner_token: str) -> None:
        """Stores the token of a team's runner, as a person does."""
        outputs = self.bench.outputs("tooling-ci")
        secrets = self.bench.client("secretsmanager", self.bench.outputs("tooling")["account_id"])
        secrets.put_secret_value(SecretId=outputs["token_secrets"][team], SecretString=runner_token)

    def token_of(self, account: str) -> str:
        """Returns a token of the service account of a runner."""
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        path = f"/api/v1/namespaces/plinth-ci/serviceaccounts/{account}/token"
        return str(self.ask(path, request).body["status"]["token"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with folder_of_containers() as folder, bench_with_node(tmp_path_factory.mktemp("ci"), teams=TEAMS) as bench:
        found = Site(bench, folder)
        _fill(found.folder)
        _bring_up(found)
        yield found


def _fill(folder: Path) -> None:
    """Fills the folder that stands for the images: Python with Plinth's packages, GitLab Runner, and the certificate of
    the GitLab, which the runner trusts."""
    try:
        programs = gitlab_runner.programs()
    except gitlab_runner.CannotBuildError as error:
        pytest.skip(f"no GitLab Runner: {error}")
    fill_with_python(folder, Path(sys.prefix))
    certificate, key = self_signed(FORGE)
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    (folder / "key.pem").chmod(0o644)
    for name in gitlab_runner.PROGRAMS:
        shutil.copy(programs / name, folder / "bin" / f"{name}-program")
        script = f'#!/bin/sh\nSSL_CERT_FILE={folder}/certificate.pem exec {folder}/bin/{name}-program "$@"\n'
        _add_program(folder, name, script)
    # Helper images of GitLab have it: it runs the script that it reads.
    _add_program(folder, "gitlab-runner-build", "#!/bin/sh\nexec bash\n")


def _add_program(folder: Path, name: str, script: str) -> None:
    (folder / "bin" / name).write_text(script)
    (folder / "bin" / name).chmod(0o755)


def _bring_up(site: Site) -> None:
    bench = site.bench
    bench.plinth("up", "tooling", "--with-needs", "--yes")
    repository = bench.outputs("tooling")["platform_repository"]
    bench.sandbox("image", f"{repository}:*", str(site.folder))
    digest = bench.sandbox("push", repository).stdout.strip()
    ci = {
        "address": f"https://{FORGE}:{forge.PORT}",
        "image": digest,
        "helper_image": digest,
        "job_images": [digest],
        "teams": {team: {"jobs": 1, "cpus": 1, "memory_gib": 2} for team in TEAMS},
    }
    namespaces = {"forge": {"cpus": 2, "memory_gib": 2, "pods": 2}}
    bench.change_organization(tooling_cluster={"version": "1.35", "namespaces": namespaces, "ci": ci})
    bench.plinth("up", "tooling-platform", "--with-needs", "--yes")
    for path, thing in _forge(site, f"{repository}@{digest}").items():
        assert site.ask(path, thing).code == 201
    bench.plinth("up", "tooling-ci", "--with-needs", "--yes")


def _forge(site: Site, image: str) -> dict[str, Any]:
    """Returns the objects of the GitLab, by their paths."""
    restricted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    command = ["python", "-m", "tests.engine.ci_runners.forge", str(site.folder)]
    container = {"name": "main", "image": image, "command": command, "securityContext": restricted}
    pod = {
        "serviceAccountName": "gitlab",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    labels = {"app": "gitlab"}
    ports = [{"name": "https", "port": forge.PORT}]
    core = "/api/v1/namespaces/forge"
    return {
        f"{core}/serviceaccounts": {"metadata": {"name": "gitlab"}},
        f"{core}/pods": {"metadata": {"name": "gitlab", "labels": labels}, "spec": pod},
        f"{core}/services": {"metadata": {"name": "gitlab"}, "spec": {"selector": labels, "ports": ports}},
    }
