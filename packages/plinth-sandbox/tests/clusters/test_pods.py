"""Pods of a cluster in Auto Mode: what restricts them, what they reach, and what runs them."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from clusters.api import RefusedError, eventually
from clusters.execute import execute
from clusters.pods import pod, template
from clusters.site_of_clusters import PODS, Cluster, read
from plinth_sandbox.emulator.services.rds.executor.programs import find_programs
from plinth_sandbox.testing import REGION

pytestmark = pytest.mark.nightly


def test_the_node_looks_like_one_of_auto_mode(cluster: Cluster) -> None:
    (node,) = cluster.ask("/api/v1/nodes")["items"]
    labels, name = node["metadata"]["labels"], node["metadata"]["name"]
    assert labels["eks.amazonaws.com/compute-type"] == "auto"
    assert labels["karpenter.sh/nodepool"] == "general-purpose"
    assert labels["topology.kubernetes.io/zone"] == f"{REGION}a"
    assert node["spec"]["providerID"] == f"aws:///{REGION}a/{name}"
    assert {condition["type"]: condition["status"] for condition in node["status"]["conditions"]}["Ready"] == "True"
    assert node["status"]["addresses"][0] == {"type": "InternalIP", "address": "10.1.0.4"}
    assert cluster.site.aws.client("ec2", cluster.site.account).describe_instances()["Reservations"] == []


RESTRICTIONS = """
import json, os, pathlib, re
status = pathlib.Path("/proc/self/status").read_text()
found = dict(re.findall(r"^(\\w+):\\s+(.*)$", status, re.MULTILINE))
limits = [pathlib.Path(path) for path in ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max")]
try:
    pathlib.Path("/written").touch()
except OSError as error:
    found["written"] = error.strerror
found["memory"] = next(path for path in limits if path.exists()).read_text().strip()
found["prefix"] = __import__("sys").prefix
print(json.dumps(found))
"""


def test_a_restricted_pod_has_no_privileges_and_the_limits_of_its_specification(cluster: Cluster, image: str) -> None:
    default = cluster.ask("/api/v1/namespaces/default")
    default["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
    cluster.ask("/api/v1/namespaces/default", default, "PUT")
    resources = {"limits": {"memory": "100Mi", "cpu": "500m"}}
    found = json.loads(cluster.run(pod("restricted", image, "python3", "-c", RESTRICTIONS, resources=resources)))
    assert found["Uid"].split() == ["1000"] * 4
    assert (found["CapBnd"], found["CapEff"]) == ("0000000000000000", "0000000000000000")
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")
    assert found["written"] == "Read-only file system"
    assert found["memory"] == str(100 << 20)
    assert found["prefix"] == sys.prefix


CALLS = """
import boto3, json, os, pathlib, ssl, urllib.request
folder = pathlib.Path("/var/run/secrets/kubernetes.io/serviceaccount")
context = ssl.create_default_context(cafile=folder / "ca.crt")
url = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}/version"
request = urllib.request.Request(url, headers={"Authorization": "Bearer " + (folder / "token").read_text()})
sts = boto3.client("sts", aws_access_key_id=KEY, aws_secret_access_key=SECRET, aws_session_token=TOKEN)
print(json.dumps([json.load(urllib.request.urlopen(request, context=context)), sts.get_caller_identity()["Arn"]]))
"""


def test_a_pod_reaches_the_api_server_as_its_service_account_and_the_emulated_aws(cluster: Cluster, image: str) -> None:
    keys = cluster.site.aws.credentials(cluster.site.account)
    script = CALLS
    for name, key in (("KEY", "access_key_id"), ("SECRET", "secret_access_key"), ("TOKEN", "session_token")):
        script = script.replace(f"={name}", f"={keys[f'aws_{key}']!r}")
    version, arn = json.loads(cluster.run(pod("calling", image, "python3", "-c", script)))
    assert version["emulationMinor"] == "35"
    assert f"{cluster.site.account}:assumed-role/OrganizationAccountAccessRole" in arn


ASK_FOR_TLS = """
import socket, sys, time
asked = bytes.fromhex("0000000804d2162f")  # SSLRequest of PostgreSQL's protocol
while True:
    try:
        with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as client:
            client.sendall(asked)
            print(client.recv(1).decode())
            break
    except ConnectionRefusedError:
        time.sleep(0.1)
"""


def test_a_pod_reaches_a_database_at_the_address_that_rds_gives(cluster: Cluster, image: str) -> None:
    if find_programs() is None:
        pytest.skip("no programs of PostgreSQL")
    aws, account = cluster.site.aws, cluster.site.account
    subnets = cluster.site.described()["resourcesVpcConfig"]["subnetIds"]
    rds = aws.client("rds", account)
    rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="Private", SubnetIds=subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="runs",
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="plinth",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="private",
    )

    def endpoint() -> dict[str, Any] | None:
        (found,) = rds.describe_db_instances(DBInstanceIdentifier="runs")["DBInstances"]
        return dict(found["Endpoint"]) if found["DBInstanceStatus"] == "available" else None

    given = eventually(endpoint)
    place = (given["Address"], str(given["Port"]))
    assert cluster.run(pod("client", image, "python3", "-c", ASK_FOR_TLS, *place)) == "S\n"
    rds.delete_db_instance(DBInstanceIdentifier="runs", SkipFinalSnapshot=True)


def test_a_pod_reaches_no_other_network(cluster: Cluster, image: str) -> None:
    script = (
        "import errno, socket\n"
        "try: socket.create_connection(('192.0.2.1', 443), timeout=60)\n"
        "except OSError as error: print(errno.errorcode[error.errno])"
    )
    assert cluster.run(pod("outward", image, "python3", "-c", script)) in ("ENETUNREACH\n", "EHOSTUNREACH\n")


def test_commands_run_in_a_container_with_its_environment(cluster: Cluster, image: str) -> None:
    cluster.ask(PODS, pod("shell", image, "sleep", "600"))
    eventually(lambda: cluster.ask(f"{PODS}/shell")["status"]["phase"] == "Running")
    described, token = cluster.site.described(), cluster.token
    assert execute(described, token, "shell", "id", "-u") == ("1000\n", "Success")
    assert execute(described, token, "shell", "printenv", "AWS_REGION") == (f"{REGION}\n", "Success")
    said, why = execute(described, token, "shell", "ls", "/missing")
    assert "No such file" in said
    assert "exit code 2" in why


def job(name: str, image: str, *command: str) -> dict[str, Any]:
    specification = {**template(image, *command, terminationMessagePolicy="FallbackToLogsOnError")}
    made = {"backoffLimit": 0, "template": {"spec": {**specification, "restartPolicy": "Never"}}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": made}


def test_a_job_completes_and_a_failed_one_says_why(cluster: Cluster, image: str) -> None:
    jobs = "/apis/batch/v1/namespaces/default/jobs"
    cluster.ask(jobs, job("good", image, "true"))
    cluster.ask(jobs, job("bad", image, "python3", "-c", "raise SystemExit('no data for 2026')"))

    def conditions(name: str) -> dict[str, str]:
        found = cluster.ask(f"{jobs}/{name}")["status"].get("conditions", [])
        return {condition["type"]: condition.get("reason", "") for condition in found if condition["status"] == "True"}

    eventually(lambda: "Complete" in conditions("good"))
    eventually(lambda: conditions("bad").get("Failed") == "BackoffLimitExceeded")
    (failed,) = cluster.ask(f"{PODS}?labelSelector=job-name=bad")["items"]
    ended = failed["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["exitCode"], ended["message"]) == (1, "no data for 2026\n")


def test_a_service_leads_to_a_pod_once_its_probe_succeeds(cluster: Cluster, image: str) -> None:
    serve = "import http.server; http.server.test(http.server.SimpleHTTPRequestHandler, port=8080)"
    probe = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1}
    cluster.ask(PODS, pod("web", image, "python3", "-c", serve, readinessProbe=probe))
    ports = [{"port": 80, "targetPort": 8080}]
    service = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": ports}}
    address = cluster.ask("/api/v1/namespaces/default/services", service)["spec"]["clusterIP"]
    eventually(lambda: ready(cluster, "web"))
    script = (
        "import time, urllib.request\n"
        "for number in range(600):\n"
        f"    try: print(urllib.request.urlopen('http://{address}/', timeout=5).status); break\n"
        "    except OSError: time.sleep(1)"
    )
    assert cluster.run(pod("visitor", image, "python3", "-c", script)) == "200\n"
    described = cluster.site.described()
    assert "Directory listing" in read(described, cluster.token, f"{PODS}/web:8080/proxy/")


NAMES = """
import json, socket, time
found = {}
for name in ("kubernetes", "kubernetes.default.svc", "many.default.svc.cluster.local", "missing", "example.com"):
    for attempt in range(300):
        try:
            found[name] = sorted({info[4][0] for info in socket.getaddrinfo(name, 443)})
            break
        except socket.gaierror as error:
            found[name] = error.errno == socket.EAI_NONAME
            if not name.startswith("many"):
                break
            time.sleep(1)
print(json.dumps(found))
"""


def test_names_of_services_lead_to_their_addresses_and_others_do_not_exist(cluster: Cluster, image: str) -> None:
    cluster.ask(PODS, pod("many", image, "sleep", "600"))
    headless = {"selector": {"app": "many"}, "clusterIP": "None", "ports": [{"port": 80}]}
    cluster.ask("/api/v1/namespaces/default/services", {"metadata": {"name": "many"}, "spec": headless})
    found = json.loads(cluster.run(pod("asking", image, "python3", "-c", NAMES)))
    service = cluster.ask("/api/v1/namespaces/default/services/kubernetes")["spec"]["clusterIP"]
    assert found["kubernetes"] == found["kubernetes.default.svc"] == [service]
    assert found["many.default.svc.cluster.local"] == [cluster.ask(f"{PODS}/many")["status"]["podIP"]]
    assert (found["missing"], found["example.com"]) == (True, True)


def ready(cluster: Cluster, name: str) -> bool:
    conditions = cluster.ask(f"{PODS}/{name}")["status"].get("conditions", [])
    return any((condition["type"], condition["status"]) == ("Ready", "True") for condition in conditions)


def test_a_container_whose_liveness_probe_fails_starts_again(cluster: Cluster, image: str) -> None:
    probe = {"exec": {"command": ["test", "-e", "/alive"]}, "periodSeconds": 1, "failureThreshold": 1}
    made = pod("ill", image, "sleep", "600", livenessProbe=probe)
    made["spec"] |= {"restartPolicy": "Always", "terminationGracePeriodSeconds": 1}
    cluster.ask(PODS, made)
    assert eventually(lambda: restarts(cluster, "ill") >= 1)
    cluster.ask(f"{PODS}/ill", method="DELETE")


def restarts(cluster: Cluster, name: str) -> int:
    states = cluster.ask(f"{PODS}/{name}")["status"].get("containerStatuses") or [{"restartCount": 0}]
    return int(states[0]["restartCount"])


def test_a_restarted_sandbox_runs_the_pods_again(cluster: Cluster, image: str) -> None:
    made = pod("lasting", image, "sleep", "600")
    cluster.ask(PODS, {**made, "spec": {**made["spec"], "restartPolicy": "Always"}})
    eventually(lambda: ready(cluster, "lasting"))
    cluster.site.aws.restart()

    def again() -> bool:
        try:
            return restarts(cluster, "lasting") >= 1 and ready(cluster, "lasting")
        except RefusedError:
            return False

    assert eventually(again)


def test_a_cluster_loses_and_gets_its_node_with_auto_mode(cluster: Cluster) -> None:
    eks, described = cluster.site.eks, cluster.site.described()
    compute = described["computeConfig"]

    def switch(*, on: bool) -> None:
        eks.update_cluster_config(
            name="main",
            computeConfig={**compute, "enabled": True} if on else {"enabled": False},
            kubernetesNetworkConfig={"elasticLoadBalancing": {"enabled": on}},
            storageConfig={"blockStorage": {"enabled": on}},
        )

    switch(on=False)
    assert eventually(lambda: cluster.ask("/api/v1/nodes")["items"] == [])
    switch(on=True)
    assert eventually(lambda: cluster.ask("/api/v1/nodes")["items"])
