"""Parts of the Kubernetes plugin that need no API server."""

from __future__ import annotations

import base64
import json
import sys
import threading
from pathlib import Path
from unittest.mock import Mock

import pytest

from plinth_sandbox.kubernetes_provider import objects
from plinth_sandbox.kubernetes_provider.api import Api, ApiError
from plinth_sandbox.kubernetes_provider.drift import differences, inputs_after_reading
from plinth_sandbox.kubernetes_provider.kubeconfig import connection
from plinth_sandbox.kubernetes_provider.lifecycle import ObjectLifecycle
from plinth_sandbox.kubernetes_provider.readiness import FailedError, reason_to_wait
from plinth_sandbox.kubernetes_provider.secrets import Secrets, unwrapped, wrapped
from plinth_sandbox.provider.errors import ProviderError

LOCAL = "https://127.0.0.1:6443"


def kubeconfig(server: str = LOCAL, cluster: dict | None = None, **user: object) -> str:
    return json.dumps(
        {
            "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "team"}}],
            "current-context": "x",
        }
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (kubeconfig("https://10.0.0.1:6443"), "is not on this machine"),
        (kubeconfig("https://ABC.gr7.eu-west-1.eks.amazonaws.com"), "is not on this machine"),
        (kubeconfig(cluster={"insecure-skip-tls-verify": True}), "insecure-skip-tls-verify"),
        ("missing.yaml", "neither a kubeconfig nor a file"),
        ("{", "neither YAML nor JSON"),
        ('{"current-context": "y"}', "there is no context 'y'; there are: none"),
    ],
)
def test_a_kubeconfig_that_leads_elsewhere_or_nowhere_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ProviderError, match=reason):
        connection(text)


def test_a_command_of_a_kubeconfig_gives_the_token_until_it_expires(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    status = '{"status": {"token": "%s", "expirationTimestamp": "%s"}}'
    script = f"open({str(calls)!r}, 'a').write('x'); print({status!r} % tuple(__import__('sys').argv[1:]))"

    def command(expires: str) -> dict:
        return {"command": sys.executable, "args": ["-c", script, "k8s-aws-v1.token", expires]}

    lasting = connection(kubeconfig(exec=command("2999-01-01T00:00:00Z")))
    assert [lasting.headers() for _ in range(2)] == [{"Authorization": "Bearer k8s-aws-v1.token"}] * 2
    assert (lasting.namespace, calls.read_text()) == ("team", "x")
    expired = connection(kubeconfig(exec=command("2020-01-01T00:00:00Z")))
    assert expired.headers()
    assert expired.headers()
    assert calls.read_text() == "xxx"
    failing = connection(kubeconfig(exec={"command": sys.executable, "args": ["-c", "raise SystemExit('no session')"]}))
    with pytest.raises(ProviderError, match="no session"):
        failing.headers()


def test_only_what_others_changed_is_drift() -> None:
    inputs = {"spec": {"replicas": 2, "cpu": "1000m", "containers": [{"name": "a", "image": "a:1"}]}}
    applied = {
        "spec": {"replicas": 2, "cpu": "1", "containers": [{"name": "a", "image": "a:1", "pullPolicy": "Always"}]}
    }
    added = [{"name": "sidecar", "image": "s"}, {"name": "a", "image": "a:1", "pullPolicy": "Always"}]
    live = {"spec": {"replicas": 2, "cpu": "1", "containers": added, "more": True}}
    assert inputs_after_reading(inputs, applied, live) == inputs
    live["spec"] |= {"replicas": 5, "containers": [{"name": "a", "image": "a:2"}]}
    found = inputs_after_reading(inputs, applied, live)
    assert list(differences(inputs, found)) == [
        ("spec.containers[0].image", "UPDATE"),
        ("spec.replicas", "UPDATE"),
    ]


def test_a_changed_secret_is_drift_of_its_text() -> None:
    def data(text: str) -> dict:
        return {"kind": "Secret", "data": {"a": base64.b64encode(text.encode()).decode()}}

    inputs = {"kind": "Secret", "stringData": {"a": "before", "b": "lost"}}
    assert inputs_after_reading(inputs, data("before"), data("after"))["stringData"] == {"a": "after"}


def test_paths_with_unusual_names_are_quoted() -> None:
    assert list(differences({"labels": {}}, {"labels": {"a.b/c": "1"}})) == [('labels["a.b/c"]', "ADD")]


def test_secrets_are_marked_wherever_they_appear() -> None:
    marked = {"spec": {"password": wrapped("hunter2"), "plain": "x"}}
    secrets = Secrets(marked)
    found = secrets.mark({"spec": {"password": "***", "plain": "x", "copy": "uses hunter2 twice"}})
    assert found["spec"]["plain"] == "x"
    assert unwrapped(found) == {"spec": {"password": "***", "plain": "x", "copy": "uses hunter2 twice"}}
    assert "hunter2" not in json.dumps([found["spec"]["plain"]])
    assert found["spec"]["copy"] == wrapped("uses hunter2 twice")
    assert found["spec"]["password"] == wrapped("***")
    assert secrets.hide("invalid: hunter2") == "invalid: [secret]"


def test_the_data_of_a_secret_is_always_marked() -> None:
    secrets = Secrets({"kind": "Secret", "stringData": {"a": "hunter2"}})
    encoded = base64.b64encode(b"hunter2").decode()
    assert secrets.mark({"data": {"a": encoded}})["data"] == wrapped({"a": encoded})
    assert secrets.hide(encoded) == "[secret]"


@pytest.mark.parametrize(
    "token", ["kubernetes:helm.sh/v3:Chart", "kubernetes:core/v1:PodPatch", "kubernetes:core/v1:PodList"]
)
def test_types_that_are_not_one_object_are_refused(token: str) -> None:
    with pytest.raises(ProviderError, match="manages single objects"):
        objects.check_type(token)


def test_a_name_is_generated_once_and_kept() -> None:
    first = objects.with_name({"kind": "ConfigMap"}, {}, "My settings", b"seed", None)
    name = first["metadata"]["name"]
    assert name.startswith("my-settings-")
    again = objects.with_name({"kind": "ConfigMap"}, first, "My settings", b"other", None)
    assert again["metadata"]["name"] == name
    own = objects.with_name({"metadata": {"name": "own"}}, first, "My settings", b"other", None)
    assert own == {"metadata": {"name": "own"}}


def test_an_object_is_another_one_in_another_namespace_but_not_in_another_version() -> None:
    old = {"apiVersion": "apps/v1beta1", "kind": "Deployment", "metadata": {"name": "a"}}
    new = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "default"}}
    assert objects.identity(old, "default") == objects.identity(new, "default")
    assert objects.identity(old, "team") != objects.identity(new, "team")


def workload(kind: str, status: dict, **spec: object) -> dict:
    return {"kind": kind, "metadata": {"generation": 2}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("live", "waits"),
    [
        (workload("Deployment", {"observedGeneration": 2, "availableReplicas": 1, "updatedReplicas": 1}), False),
        (workload("Deployment", {"observedGeneration": 1, "availableReplicas": 1, "updatedReplicas": 1}), True),
        (
            workload("Deployment", {"observedGeneration": 2, "availableReplicas": 2, "updatedReplicas": 1}, replicas=2),
            True,
        ),
        (workload("Deployment", {"observedGeneration": 2}, replicas=0), False),
        (workload("DaemonSet", {"observedGeneration": 2, "desiredNumberScheduled": 0}), False),
        (workload("StatefulSet", {"observedGeneration": 2, "readyReplicas": 0}), True),
        (workload("Pod", {"phase": "Running"}), True),
        (workload("Pod", {"phase": "Succeeded"}), False),
        (workload("Job", {"conditions": [{"type": "Complete", "status": "True"}]}), False),
        (workload("Job", {}), True),
        (workload("Namespace", {"phase": "Terminating"}), True),
        (workload("ConfigMap", {}), False),
    ],
)
def test_readiness_follows_from_the_status(live: dict, waits: bool) -> None:
    assert bool(reason_to_wait(live)) is waits


def test_a_failed_job_will_never_be_ready() -> None:
    condition = {"type": "Failed", "status": "True", "message": "BackoffLimitExceeded"}
    with pytest.raises(FailedError, match="BackoffLimitExceeded"):
        reason_to_wait(workload("Job", {"conditions": [condition]}))


def test_a_preview_of_a_replacement_reports_all_faults_but_the_reason_for_the_replacement() -> None:
    immutable = ("type", "Invalid value: field is immutable")
    api = Mock(spec=Api)
    lifecycle = ObjectLifecycle(api, "manager", print, threading.Event(), 1.0)
    api.apply.side_effect = ApiError(422, "Invalid", "", (immutable,))
    assert lifecycle.immutable_fields({}) == ("type",)
    assert lifecycle.previewed({}, exists=False) is None
    with pytest.raises(ApiError):
        lifecycle.previewed({}, exists=True)
    api.apply.side_effect = ApiError(422, "Invalid", "", (immutable, ("data[no key]", "a valid config key")))
    with pytest.raises(ApiError):
        lifecycle.previewed({}, exists=False)
