"""The program of a runner of continuous integration, with the emulated Secrets Manager."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import textwrap
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.executors.ports import LOOPBACK, reserve
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import LONGEST_SECONDS
from runtime.ci import run
from runtime.ci.configuration import configuration

TOKEN = "glrt-0123456789abcdefghij"
REGISTRY = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/plinth@sha256:"
IMAGES = [REGISTRY + "f" * 64, REGISTRY + "1" * 64]
ROOT = Path(__file__).parents[3]
VARIABLES = {
    "AWS_REGION": REGION,
    "CI_FORGE": "https://gitlab.acme.example",
    "CI_HELPER_IMAGE": REGISTRY + "e" * 64,
    "CI_JOBS": "3",
    "CI_JOB_ACCOUNT": "job",
    "CI_JOB_CPUS": "2",
    "CI_JOB_IMAGES": json.dumps(IMAGES),
    "CI_JOB_MEMORY_GIB": "8",
    "CI_JOB_NAMESPACE": "plinth-ci-fraud",
    "CI_JOB_VARIABLES": json.dumps({"PACKAGE_DOMAIN": "acme"}),
    "CI_PORT": "9252",
    "CI_TEAM": "fraud",
    "CI_PROXY": "http://proxy.acme.example:3128",
    "KUBERNETES_SERVICE_HOST": "172.20.0.1",
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with EmulatedAws(tmp_path_factory.mktemp("ci")) as emulated:
        yield emulated


@pytest.fixture
def secret(aws: EmulatedAws, request: pytest.FixtureRequest) -> str:
    """The ARN of a secret without a value, as the stack creates it."""
    return str(aws.client("secretsmanager", MANAGEMENT).create_secret(Name=f"plinth/ci/{request.node.name}")["ARN"])


def written(**changes: str) -> dict[str, Any]:
    return tomllib.loads(configuration({**VARIABLES, **changes}, TOKEN))


def test_a_job_gets_one_pod_without_privileges_in_the_namespace_of_the_team() -> None:
    file = written()
    (runner,) = file["runners"]
    assert (file["concurrent"], runner["limit"], runner["executor"]) == (3, 3, "kubernetes")
    assert (runner["url"], runner["token"]) == ("https://gitlab.acme.example", TOKEN)
    pods = runner["kubernetes"]
    assert (pods["namespace"], pods["service_account"]) == ("plinth-ci-fraud", "job")
    assert (pods["privileged"], pods["automount_service_account_token"]) == (False, False)
    assert pods["pod_security_context"]["run_as_non_root"] is True
    assert pods["pod_security_context"]["seccomp_profile"] == {"type": "RuntimeDefault"}
    for container in ("build", "helper", "init_permissions"):
        context = pods[f"{container}_container_security_context"]
        assert (context["read_only_root_filesystem"], context["allow_privilege_escalation"]) == (True, False)
        assert context["capabilities"] == {"drop": ["ALL"]}
    assert [volume["mount_path"] for volume in pods["volumes"]["empty_dir"]] == ["/tmp"]


def test_build_and_helper_together_have_the_size_of_a_job() -> None:
    pods = written()["runners"][0]["kubernetes"]
    cpus = [int(pods[name].removesuffix("m")) for name in ("cpu_request", "helper_cpu_request")]
    memory = [int(pods[name].removesuffix("Mi")) for name in ("memory_limit", "helper_memory_limit")]
    assert (sum(cpus), sum(memory)) == (2000, 8 * 1024)


def test_a_job_waits_until_the_pod_of_an_ended_one_is_gone() -> None:
    pods = written()["runners"][0]["kubernetes"]
    assert pods["retry_limits"]["exceeded quota"] > pods["cleanup_grace_period_seconds"] > 0


def test_definitions_of_jobs_choose_among_the_images_and_overwrite_nothing_else() -> None:
    pods = written()["runners"][0]["kubernetes"]
    assert (pods["image"], pods["allowed_images"]) == (IMAGES[0], IMAGES)
    assert not [name for name in pods if "overwrite" in name]


def test_jobs_know_the_proxy_and_the_packages_and_no_secret() -> None:
    environment = dict(variable.split("=", 1) for variable in written()["runners"][0]["environment"])
    assert environment["HTTPS_PROXY"] == "http://proxy.acme.example:3128"
    assert {"169.254.170.23", ".amazonaws.com"} <= set(environment["NO_PROXY"].split(","))
    assert environment["PACKAGE_DOMAIN"] == "acme"
    assert TOKEN not in json.dumps(environment)
    assert "HTTPS_PROXY" not in json.dumps(written(CI_PROXY="")["runners"][0]["environment"])


def test_the_runner_gets_no_way_to_the_role_of_its_pod() -> None:
    given = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials", "AWS_REGION": REGION}
    environment = run.environment_of({**VARIABLES, **given})
    assert not [name for name in environment if name.startswith("AWS_")]
    assert "172.20.0.1" in environment["NO_PROXY"].split(",")


@pytest.mark.parametrize("value", ["", "glpat-0123456789", '{"token": "glrt-0123456789"}'])
def test_a_secret_without_the_token_of_a_runner_counts_as_empty(aws: EmulatedAws, secret: str, value: str) -> None:
    secrets = aws.client("secretsmanager", MANAGEMENT)
    if value:
        secrets.put_secret_value(SecretId=secret, SecretString=value)
    assert run.stored_token(secrets, secret) is None


def test_a_runner_answers_probes_until_somebody_has_stored_its_token(aws: EmulatedAws, secret: str) -> None:
    secrets, probed = aws.client("secretsmanager", MANAGEMENT), []
    port = reserve()
    url = f"http://{LOOPBACK}:{port.number}/metrics"

    def look() -> str | None:
        if probed:
            secrets.put_secret_value(SecretId=secret, SecretString=f"{TOKEN}\n")
        with urllib.request.urlopen(url, timeout=LONGEST_SECONDS) as answer:
            probed.append(answer.status)
        return run.stored_token(secrets, secret)

    try:
        assert run.wait_for_token(look, port.number, seconds=0) == TOKEN
    finally:
        port.release()
    assert probed == [200, 200]


def test_a_runner_that_is_stopped_finishes_its_jobs() -> None:
    """GitLab Runner finishes its jobs after SIGQUIT. The child tells which signal it got."""
    child = textwrap.dedent("""
        import signal, sys
        for stop_signal in (signal.SIGTERM, signal.SIGQUIT):
            signal.signal(stop_signal, lambda number, _: sys.exit(signal.Signals(number).name))
        print("ready", flush=True)
        signal.pause()
    """)
    parent = (
        f"import os, sys; from runtime.ci.run import run; sys.exit(run([sys.executable, '-c', {child!r}], os.environ))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=LONGEST_SECONDS)
    assert said.strip() == "SIGQUIT"


def test_the_program_writes_the_configuration_for_itself_alone_and_runs_gitlab_runner(
    aws: EmulatedAws, secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.client("secretsmanager", MANAGEMENT).put_secret_value(SecretId=secret, SecretString=TOKEN)
    program = tmp_path / "gitlab-runner"
    program.write_text('#!/bin/sh\necho "$@" > "$HOME/said"\nenv > "$HOME/environment"\nexit 3\n')
    program.chmod(0o755)
    for name, value in aws.credentials(MANAGEMENT).items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    kept = signal.getsignal(signal.SIGTERM)
    variables = {**VARIABLES, "CI_TOKEN_SECRET": secret, "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    try:
        assert run.main(variables) == 3
    finally:
        signal.signal(signal.SIGTERM, kept)
    file = tmp_path / "config.toml"
    assert (tmp_path / "said").read_text().split() == ["run", "--config", str(file)]
    assert tomllib.loads(file.read_text())["runners"][0]["token"] == TOKEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not {"AWS_SECRET_ACCESS_KEY", TOKEN} & set(re.split(r"[=\n]", (tmp_path / "environment").read_text()))
