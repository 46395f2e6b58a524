"""The inside of the Kubernetes cluster on the real engine, with a real Kubernetes API, read back by its clients."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.credentials import service_key
from plinth_sandbox.executors.session import tell_origin
from plinth_sandbox.waiting import eventually
from selfservice.clusters.api import KubernetesApi
from selfservice.clusters.job import JobSettings, job_of
from selfservice.clusters.stack_lease import PodIdentity, StackLease, Standing
from selfservice.clusters.token import cluster_token
from tests.support.cluster_example import STACKS
from tests.support.cluster_operations import kubernetes_token
from tests.support.kills import Kills
from tests.support.workbench import Workbench

POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"


@dataclass
class Answer:
    code: int
    body: Any


def ask(
    acme: Workbench, path: str, body: Any = None, *, method: str | None = None, reviewer: bool = False, token: str = ""
) -> Answer:
    """Calls the Kubernetes API with a token of the role that deploys, of the one for reviews, or another."""
    cluster = acme.outputs("tooling-cluster")
    token = token or kubernetes_token(acme, reviewer=reviewer)
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(cluster["endpoint"] + path, content, headers, method=method)
    authority = base64.b64decode(cluster["certificate_authority"]).decode()
    try:
        with urllib.request.urlopen(request, context=ssl.create_default_context(cadata=authority)) as answer:
            return Answer(answer.status, json.load(answer))
    except urllib.error.HTTPError as error:
        return Answer(error.code, json.load(error))


def token_of_launcher(acme: Workbench) -> str:
    """Returns a token of the role that starts Jobs."""
    cluster = acme.outputs("tooling-cluster")
    role = acme.outputs("tooling-runner")["launcher_role_arn"]
    keys = acme.client("sts").assume_role(RoleArn=role, RoleSessionName="ada")["Credentials"]
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=cluster["region"]
    )
    endpoint = acme.environment()["AWS_ENDPOINT_URL"]
    account: Any = SimpleNamespace(
        region=cluster["region"],
        client=lambda service: session.client(service, endpoint_url=endpoint),
        credentials=session.get_credentials,
    )
    return cluster_token(account, cluster["cluster_name"]).text


def job(acme: Workbench, **changes: Any) -> dict[str, Any]:
    """Returns a Job as the command line creates it, whose container has other fields."""
    outputs = acme.outputs("tooling-runner")
    settings = JobSettings(
        namespace=outputs["namespace"],
        service_account=outputs["service_account"],
        image=outputs["image"],
        state_bucket=acme.bucket,
        region="eu-west-1",
        cpus=1,
        memory_gib=1,
    )
    made = job_of("fraud--tried", "fraud-development", "ada", "run/input", settings)
    made["spec"]["template"]["spec"]["containers"][0].update(changes)
    return made


def pod(acme: Workbench, *, image: str = "", **spec: Any) -> dict[str, Any]:
    """Returns a pod that the namespace admits, with other fields."""
    registry = f"{acme.outputs('tooling')['account_id']}.dkr.ecr.eu-west-1.amazonaws.com"
    container = {
        "name": "main",
        "image": image or f"{registry}/tracking@sha256:{'a' * 64}",
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    restricted = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    wanted = {"serviceAccountName": "server", "securityContext": restricted, "containers": [container], **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "try-"}, "spec": wanted}


def bring_account(acme: Workbench) -> None:
    """Creates the service account of the pods, unless another test has."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "server"}}
    assert ask(acme, "/api/v1/namespaces/tracking/serviceaccounts", account).code in (201, 409)


def created(acme: Workbench, wanted: dict[str, Any]) -> Answer:
    return ask(acme, "/api/v1/namespaces/tracking/pods?dryRun=All", wanted)


def test_a_namespace_of_the_settings_has_all_its_guards(acme: Workbench) -> None:
    assert acme.outputs("tooling-platform")["namespaces"] == {"tracking": "tracking"}
    labels = ask(acme, "/api/v1/namespaces/tracking").body["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    policies = ask(acme, "/apis/networking.k8s.io/v1/namespaces/tracking/networkpolicies").body["items"]
    rules = {policy["metadata"]["name"]: policy["spec"] for policy in policies}
    assert rules["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert "ingress" not in rules["allow-aws"]
    (quota,) = ask(acme, "/api/v1/namespaces/tracking/resourcequotas").body["items"]
    assert (quota["spec"]["hard"]["requests.cpu"], quota["spec"]["hard"]["pods"]) == ("4", "10")
    assert (
        ask(acme, "/api/v1/namespaces/tracking/serviceaccounts/default").body["automountServiceAccountToken"] is False
    )


def test_the_api_refuses_pods_that_are_not_the_tools_own(acme: Workbench) -> None:
    bring_account(acme)
    assert created(acme, pod(acme)).code == 201
    elsewhere = created(acme, pod(acme, image=f"docker.io/library/nginx@sha256:{'a' * 64}"))
    by_tag = created(acme, pod(acme, image=pod(acme)["spec"]["containers"][0]["image"].partition("@")[0] + ":1"))
    nobody = created(acme, pod(acme, serviceAccountName="default"))
    privileged = created(acme, pod(acme, hostNetwork=True))
    for refused, reason in (
        (elsewhere, "images must come from"),
        (by_tag, "named by their digest"),
        (nobody, "a service account of their own"),
        (privileged, 'violates PodSecurity "restricted'),
    ):
        assert refused.code in (403, 422)
        assert reason in refused.body["message"]
    initial = pod(acme)
    initial["spec"]["initContainers"] = [{**initial["spec"]["containers"][0], "name": "init", "image": "nginx"}]
    assert "images must come from" in created(acme, initial).body["message"]


def test_a_namespace_without_guards_is_covered_by_admission_too(acme: Workbench) -> None:
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "by-hand"}}
    assert ask(acme, "/api/v1/namespaces", body).code == 201
    refused = ask(acme, "/api/v1/namespaces/by-hand/pods?dryRun=All", pod(acme, serviceAccountName="default"))
    assert "a service account of their own" in refused.body["message"]
    ask(acme, "/api/v1/namespaces/by-hand", method="DELETE")


def test_the_defaults_of_the_cluster_are_there(acme: Workbench) -> None:
    found = ask(acme, "/api/v1/namespaces/kube-system/configmaps/amazon-vpc-cni").body
    assert found["data"] == {"enable-network-policy-controller": "true"}
    storage = ask(acme, f"/apis/storage.k8s.io/v1/storageclasses/{acme.outputs('tooling-platform')['storage_class']}")
    assert storage.body["parameters"]["encrypted"] == "true"
    assert storage.body["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true"


@pytest.mark.threat("T-15")
def test_a_review_reads_and_tries_and_changes_nothing(acme: Workbench) -> None:
    """The Kubernetes API says so itself, with a token of the role for reviews."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "reviewed"}}
    assert ask(acme, "/api/v1/namespaces/tracking", reviewer=True).code == 200
    assert ask(acme, "/api/v1/namespaces?dryRun=All", body, reviewer=True).code == 201
    refused = ask(acme, "/api/v1/namespaces", body, reviewer=True)
    assert (refused.code, "reviews may send dry runs only" in refused.body["message"]) == (422, True)
    for path, method in (
        ("/api/v1/namespaces/tracking", "DELETE"),
        ("/api/v1/namespaces/tracking/secrets", "GET"),
        (f"{POLICIES}/plinth-reviewers", "DELETE"),
        ("/api/v1/namespaces/kube-system/configmaps/amazon-vpc-cni", "DELETE"),
    ):
        assert ask(acme, path, method=method, reviewer=True).code == 403
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/plinth-stacks"
    for kind in ("roles", "rolebindings"):
        copied = ask(acme, f"{rbac}/{kind}/worker", reviewer=True).body
        copied["metadata"] = {"name": "tried"}
        assert ask(acme, f"{rbac}/{kind}?dryRun=All", copied, reviewer=True).code == 201
        assert ask(acme, f"{rbac}/{kind}", copied, reviewer=True).code == 422
    limit = ask(acme, f"{POLICIES}/plinth-reviewers").body
    assert ask(acme, f"{POLICIES}?dryRun=All", limit, reviewer=True).code == 403


def worker_session(acme: Workbench, pod_name: str, namespace: str = "plinth-stacks") -> dict[str, str]:
    """Returns the keys that EKS Pod Identity gives to a pod of the runner: a session of its role, with tags."""
    cluster, environment = acme.outputs("tooling-cluster"), acme.environment()
    tags = {
        "eks-cluster-arn": cluster["cluster_arn"],
        "kubernetes-namespace": namespace,
        "kubernetes-service-account": acme.outputs("tooling-runner")["service_account"],
        "kubernetes-pod-name": pod_name,
    }
    sts = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=service_key("pods.eks"),
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    subnets = acme.outputs("tooling")["private_subnet_ids"]
    tell_origin(sts, {"source_arn": cluster["cluster_arn"], "subnets": subnets[:2]})
    return dict(
        sts.assume_role(
            RoleArn=acme.outputs("tooling-runner")["role_arn"],
            RoleSessionName="pod",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            TransitiveTagKeys=list(tags),
        )["Credentials"]
    )


def enter(acme: Workbench, keys: dict[str, str], stack: str, **extra: str) -> str:
    """Assumes the deployer of a stack's account with the keys of a pod. Returns the error code, or an empty text."""
    sts = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=acme.environment()["AWS_ENDPOINT_URL"],
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    role = f"arn:aws:iam::{acme.outputs(stack)['account_id']}:role/plinth/platform-deployer"
    try:
        sts.assume_role(RoleArn=role, RoleSessionName="ada", **extra)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.threat("T-03")
def test_sts_lets_only_pods_of_the_accounts_owner_assume_its_deployer(acme: Workbench) -> None:
    """The emulated STS judges trust, permissions, boundary, guardrails and the endpoint of the cluster's network."""
    shared, team = worker_session(acme, "shared--tooling-1-abcde"), worker_session(acme, "fraud--development-1-abcde")
    for stack in ("tooling", "audit"):
        assert enter(acme, shared, stack, SourceIdentity="ada") == ""
        assert enter(acme, shared, stack) == "AccessDenied"
        assert enter(acme, team, stack, SourceIdentity="ada") == "AccessDenied"
    with pytest.raises(ClientError, match="AccessDenied"):
        worker_session(acme, "shared--tooling-1-abcde", namespace="tracking")


def test_a_worker_uses_leases_and_starts_nothing(acme: Workbench) -> None:
    """The Kubernetes API says so itself, with a token of the service account."""
    outputs = acme.outputs("tooling-runner")
    space = f"namespaces/{outputs['namespace']}"
    issued = ask(acme, f"/api/v1/{space}/serviceaccounts/{outputs['service_account']}/token", {"spec": {}})
    token = issued.body["status"]["token"]
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "tried"}}
    leases = f"/apis/coordination.k8s.io/v1/{space}/leases"
    assert ask(acme, leases, lease, token=token).code == 201
    held = ask(acme, f"{leases}/tried", token=token).body
    assert ask(acme, f"{leases}/tried", held, method="PUT", token=token).code == 200
    assert ask(acme, f"/api/v1/{space}/pods/none", token=token).code == 404
    for path, body, method in (
        (f"{leases}/tried", None, "DELETE"),
        ("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", lease, "POST"),
        (f"/api/v1/{space}/pods", pod(acme), "POST"),
        (f"/api/v1/{space}/secrets", None, "GET"),
        ("/api/v1/namespaces/tracking/pods", None, "GET"),
    ):
        assert ask(acme, path, body, method=method, token=token).code == 403


@pytest.mark.threat("T-03")
def test_a_launcher_starts_jobs_of_the_runner_and_does_nothing_else_in_the_cluster(acme: Workbench) -> None:
    """The Kubernetes API says so itself, with a token of the role that starts Jobs."""
    token, space = token_of_launcher(acme), f"namespaces/{acme.outputs('tooling-runner')['namespace']}"
    jobs, pods = f"/apis/batch/v1/{space}/jobs", f"/api/v1/{space}/pods"
    assert ask(acme, f"{jobs}?dryRun=All", job(acme), token=token).code == 201
    other_image = job(acme)["spec"]["template"]["spec"]["containers"][0]["image"].replace("sha256:", "sha256:0")[:-1]
    for changes in (
        {"command": ["python", "-c", "print(1)"]},
        {"args": ["more"]},
        {"image": other_image},
        {"env": [{"name": "PYTHONPATH", "value": "/tmp"}]},
        {"envFrom": [{"configMapRef": {"name": "kube-root-ca.crt"}}]},
    ):
        refused = ask(acme, f"{jobs}?dryRun=All", job(acme, **changes), token=token)
        assert (refused.code, "launchers start Jobs of the runner's image" in refused.body["message"]) == (422, True)
    for path, body, method in (
        (pods, pod(acme), "POST"),
        (f"/api/v1/{space}/secrets", None, "GET"),
        (f"/api/v1/{space}/configmaps", {"metadata": {"name": "code"}}, "POST"),
        (f"{pods}/fraud--tried/exec?command=id", None, "POST"),
        (f"/apis/coordination.k8s.io/v1/{space}/leases/fraud-development", None, "DELETE"),
        ("/apis/batch/v1/namespaces/tracking/jobs?dryRun=All", job(acme), "POST"),
        ("/api/v1/namespaces/tracking/pods", None, "GET"),
        (f"{POLICIES}/plinth-launchers", None, "DELETE"),
    ):
        assert ask(acme, path, body, method=method, token=token).code == 403


def test_a_launcher_ends_no_pod_by_force(acme: Workbench) -> None:
    """The Kubernetes API would forget a pod whose processes may still work on a stack."""
    outputs, token = acme.outputs("tooling-runner"), token_of_launcher(acme)
    pods = f"/api/v1/namespaces/{outputs['namespace']}/pods"
    wanted = pod(acme, serviceAccountName=outputs["service_account"])
    wanted["metadata"] = {"name": "shared--forced"}
    assert ask(acme, pods, wanted).code == 201
    forced = ask(acme, f"{pods}/shared--forced", {"gracePeriodSeconds": 0}, method="DELETE", token=token)
    assert (forced.code, "a grace period of at least one second" in forced.body["message"]) == (422, True)
    assert ask(acme, f"{pods}/shared--forced", {"gracePeriodSeconds": 1}, method="DELETE", token=token).code == 200


def test_a_lease_moves_to_another_pod_only_when_the_api_has_no_pod_of_its_holder(acme: Workbench) -> None:
    """Two workers use the Kubernetes API with the permissions of their service account. Their pods never start, because
    their image does not exist, and so they count as alive."""
    outputs, cluster = acme.outputs("tooling-runner"), acme.outputs("tooling-cluster")
    space = f"/api/v1/namespaces/{outputs['namespace']}"
    account = f"{space}/serviceaccounts/{outputs['service_account']}/token"
    token = str(ask(acme, account, {"spec": {}}).body["status"]["token"])
    authority = base64.b64decode(cluster["certificate_authority"]).decode()
    api = KubernetesApi(endpoint=cluster["endpoint"], authority=authority, token=lambda: token)
    leases = []
    for name in ("shared--first", "shared--second"):
        wanted = pod(acme, serviceAccountName=outputs["service_account"])
        wanted["metadata"] = {"name": name}
        uid = ask(acme, f"{space}/pods", wanted).body["metadata"]["uid"]
        leases.append(StackLease(api, outputs["namespace"], "audit", PodIdentity(name, uid)))
    first, second = leases
    assert (first.acquire(), second.acquire()) == (Standing.HELD, Standing.TAKEN)
    assert (first.renew(), second.renew()) == (Standing.HELD, Standing.TAKEN)
    assert ask(acme, f"{space}/pods/shared--first", method="DELETE").code == 200
    # The API forgets the pod when the kubelet has confirmed its end.
    assert eventually(lambda: second.acquire() is Standing.HELD)
    assert first.renew() is Standing.TAKEN
    second.release()
    assert ask(acme, f"{space}/pods/shared--second", method="DELETE").code == 200


def test_the_namespace_of_jobs_admits_their_pods_and_no_more_memory_than_the_settings(acme: Workbench) -> None:
    outputs = acme.outputs("tooling-runner")
    pods = f"/api/v1/namespaces/{outputs['namespace']}/pods?dryRun=All"
    job = pod(acme, image=outputs["image"], serviceAccountName=outputs["service_account"])
    assert ask(acme, pods, job).code == 201
    job["spec"]["containers"][0]["resources"] = {"requests": {"memory": "13Gi"}, "limits": {"memory": "13Gi"}}
    assert "exceeded quota: quota" in ask(acme, pods, job).body["message"]


def test_a_second_preview_shows_no_change(acme: Workbench) -> None:
    again = json.loads(acme.plinth("preview", *STACKS[-3:], "--no-skip", "--json").stdout)
    assert {stack: outcome["changes"] for stack, outcome in again["stacks"].items() if outcome["changes"]} == {}


def test_drift_in_the_cluster_is_shown_and_repaired(acme: Workbench) -> None:
    quota = "/api/v1/namespaces/tracking/resourcequotas/quota"
    changed = ask(acme, quota).body
    changed["spec"]["hard"]["pods"] = "500"
    assert ask(acme, quota, changed, method="PUT").code == 200
    drift = acme.plinth("drift", "tooling-platform", check=False)
    assert drift.returncode == 4
    assert "quota" in drift.stdout
    acme.plinth("up", "tooling-platform", "--refresh", "--yes")
    assert ask(acme, quota).body["spec"]["hard"]["pods"] == "10"


def test_a_namespace_that_leaves_the_settings_is_deleted(acme: Workbench) -> None:
    acme.change_organization(tooling_cluster={"version": "1.35"})
    acme.plinth("up", "tooling-platform", "--yes")
    assert ask(acme, "/api/v1/namespaces/tracking").code == 404


def test_a_kill_leaves_nothing_that_the_next_update_cannot_take_over(acme: Workbench) -> None:
    """The engine is killed while it creates objects: some exist that its state does not contain."""
    wanted = {name: {"cpus": 1} for name in ("alpha", "beta", "gamma", "delta")}
    acme.change_organization(tooling_cluster={"version": "1.35", "namespaces": wanted})
    token = kubernetes_token(acme)
    seen = Kills(acme).kill_when(
        lambda: any(ask(acme, f"/api/v1/namespaces/{name}", token=token).code == 200 for name in wanted),
        "up",
        "tooling-platform",
        "--yes",
    )
    assert seen, "the update ended before it could be killed"
    acme.plinth("up", "tooling-platform", "--yes")
    for name in wanted:
        (quota,) = ask(acme, f"/api/v1/namespaces/{name}/resourcequotas").body["items"]
        assert quota["spec"]["hard"]["requests.cpu"] == "1"
    again = json.loads(acme.plinth("preview", "tooling-platform", "--no-skip", "--json").stdout)
    assert again["stacks"]["tooling-platform"]["changes"] == {}
