"""Runners of two teams on the real engine, with a real Kubernetes API and node, and with GitLab Runner itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.ci_runners.conftest import TEAMS, Site

TOKEN, UNKNOWN = "glrt-fraud0123456789abcdef", "glrt-nobody0123456789abcde"
WHO = "python -c \"import boto3; print('role', boto3.client('sts').get_caller_identity()['Arn'])\""


@pytest.fixture(scope="module")
def fraud(site: Site) -> Site:
    """The site, once the runner of fraud has its token."""
    site.forge("tokens", {"token": TOKEN})
    site.store("fraud", TOKEN)
    assert eventually(lambda: site.forge("asked").get(TOKEN), every_seconds=1)
    return site


def test_a_deployment_ends_before_anybody_has_stored_a_token(site: Site) -> None:
    ready = {
        pod["metadata"]["labels"]["app.kubernetes.io/name"]: condition["status"]
        for pod in site.pods("plinth-ci")
        for condition in pod["status"]["conditions"]
        if condition["type"] == "Ready"
    }
    assert ready == dict.fromkeys(TEAMS, "True")
    assert site.forge("asked") == {}


@pytest.mark.threat("T-30")
def test_a_job_runs_in_a_pod_of_its_own_as_its_team_and_the_pod_ends_with_it(fraud: Site) -> None:
    script = (
        "echo pod $HOSTNAME",
        "echo user $(id -u)",
        WHO,
        "touch /forbidden || echo read-only",
        "ls /var/run/secrets/kubernetes.io/serviceaccount || echo no token of the API",
        "env | cut -d= -f1 | sort",
    )
    number = fraud.run(TOKEN, *script)
    (pod,) = eventually(lambda: fraud.pods("plinth-ci-fraud"))
    job = fraud.ended(number)
    assert job["state"] == "success", job["trace"]
    trace = job["trace"]
    assert f"pod {pod['metadata']['name']}" in trace
    assert "user 10001" in trace
    assert ":assumed-role/tooling-ci-fraud-jobs/" in trace
    assert "read-only" in trace
    assert "no token of the API" in trace
    assert "AWS_ACCESS_KEY_ID" not in trace
    assert "AWS_SECRET_ACCESS_KEY" not in trace
    for text in (json.dumps(pod), trace):
        assert TOKEN not in text
    assert eventually(lambda: not fraud.pods("plinth-ci-fraud"))
    secrets = fraud.ask("/api/v1/namespaces/plinth-ci-fraud/secrets").body["items"]
    assert secrets == []


def test_a_job_that_fails_and_one_with_another_image_end_as_failed(fraud: Site) -> None:
    assert fraud.ended(fraud.run(TOKEN, "exit 3"))["state"] == "failed"
    other = fraud.image().partition("@")[0] + f"@sha256:{'0' * 64}"
    refused = fraud.ended(fraud.run(TOKEN, "true", image=other))
    assert refused["state"] == "failed"
    assert "not present on list of allowed images" in refused["trace"]


def test_a_runner_with_a_token_that_gitlab_does_not_know_gets_no_job(fraud: Site) -> None:
    number = fraud.run(UNKNOWN, "true")
    fraud.store("churn", UNKNOWN)
    assert eventually(lambda: fraud.forge("asked").get(UNKNOWN), every_seconds=1)
    assert fraud.forge(f"jobs/{number}")["state"] == "pending"
    assert fraud.pods("plinth-ci-churn") == []


def job_pod(site: Site, **spec: Any) -> dict[str, Any]:
    """Returns the pod of a job as GitLab Runner creates it, with other fields."""
    context = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    size = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}}
    containers = [
        {"name": name, "image": site.image(), "securityContext": context, "resources": size}
        for name in ("build", "helper")
    ]
    wanted = {
        "serviceAccountName": "job",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": containers,
        "volumes": [{"name": "repo", "emptyDir": {}}],
        **spec,
    }
    return {"metadata": {"generateName": "runner-"}, "spec": wanted}


@pytest.mark.threat("T-30")
def test_a_runner_creates_pods_of_jobs_and_no_others(fraud: Site) -> None:
    namespace, token = "/api/v1/namespaces/plinth-ci-fraud", fraud.token_of("fraud")
    # The default account would be refused by the policy for all pods too, and the API names one of the two.
    other = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "other"}}
    assert fraud.ask(f"{namespace}/serviceaccounts", other).code == 201
    path, good = f"{namespace}/pods?dryRun=All", job_pod(fraud)
    assert fraud.ask(path, good, token=token).code == 201
    (build, helper) = good["spec"]["containers"]
    api = {"serviceAccountToken": {"audience": "https://kubernetes.default.svc", "path": "token"}}
    bad = (
        {"serviceAccountName": "other"},
        {"automountServiceAccountToken": True},
        {"containers": [{**build, "name": "service"}, helper]},
        {"containers": [{**build, "image": f"{fraud.image()[:-64]}{'0' * 64}"}, helper]},
        {"containers": [{**build, "securityContext": {**build["securityContext"], "readOnlyRootFilesystem": False}}]},
        {"containers": [{**build, "envFrom": [{"secretRef": {"name": "other"}}]}, helper]},
        {"volumes": [{"name": "token", "projected": {"sources": [api]}}]},
        {"volumes": [{"name": "token", "secret": {"secretName": "other"}}]},
    )
    for change in bad:
        refused = fraud.ask(path, job_pod(fraud, **change), token=token)
        assert (refused.code, "runners create pods of jobs only" in refused.body["message"]) == (422, True), change


@pytest.mark.threat("T-30")
def test_a_runner_reads_no_secret_and_uses_no_namespace_of_another_team(fraud: Site) -> None:
    token = fraud.token_of("churn")
    for namespace in ("plinth-ci-fraud", "plinth-ci", "forge"):
        assert fraud.ask(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", job_pod(fraud), token=token).code == 403
    for verb in ("secrets", "secrets/other"):
        assert fraud.ask(f"/api/v1/namespaces/plinth-ci-churn/{verb}", token=token).code == 403
    secret = {"metadata": {"name": "a"}, "type": "Opaque"}
    refused = fraud.ask("/api/v1/namespaces/plinth-ci-churn/secrets?dryRun=All", secret, token=token)
    assert (refused.code, "credentials of a registry only" in refused.body["message"]) == (422, True)


def test_a_second_preview_shows_no_change(fraud: Site) -> None:
    again = json.loads(fraud.bench.plinth("preview", "tooling-ci", "--no-skip", "--refresh", "--json").stdout)
    assert again["stacks"]["tooling-ci"]["changes"] == {}
