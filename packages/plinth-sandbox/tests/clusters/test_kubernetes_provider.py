"""The Kubernetes plugin with the real engine and a real API server."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from pulumi import automation

from clusters.api import RefusedError, call, eventually
from clusters.pods import template
from engine_stacks import Deploy, Program, operations, resource, stack_name, state
from plinth_sandbox.kubernetes.administrator import ADMINISTRATOR
from plinth_sandbox.kubernetes.certificates import Certificates
from plinth_sandbox.kubernetes.control_plane import ControlPlane
from plinth_sandbox.kubernetes.node.pause import PAUSE_NAME
from plinth_sandbox.kubernetes.node.programs import NodePrograms
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings, NodeSettings

pytestmark = pytest.mark.nightly

META = kubernetes.meta.v1.ObjectMetaArgs


HEAD = """
import pulumi, pulumi_kubernetes
from pulumi import Output
inside = pulumi.ResourceOptions(provider=pulumi_kubernetes.Provider("here", kubeconfig=KUBECONFIG))

def Any(name, properties, **options):
    version = properties["apiVersion"]
    token = f"kubernetes:{'core/' if '/' not in version else ''}{version}:{properties['kind']}"
    own = pulumi.ResourceOptions(version=pulumi_kubernetes._utilities.get_version(), **options)
    return pulumi.CustomResource(token, name, properties, pulumi.ResourceOptions.merge(inside, own))
"""


@pytest.fixture
def stack_of_file(
    pulumi_home: Path, kubeconfig: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[..., automation.Stack]:
    """Like `stack`, with the program in its own process, because a program that fails in this process leaves threads
    behind."""
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps({"name": "clusters", "runtime": runtime}))
    made = automation.create_stack(stack_name(request), work_dir=str(tmp_path))

    def with_program(text: str, chosen: str = kubeconfig) -> automation.Stack:
        (tmp_path / "__main__.py").write_text(HEAD.replace("KUBECONFIG", repr(chosen)) + text + "\n")
        return made

    return with_program


@pytest.fixture
def kubeconfig(control_plane: ControlPlane) -> str:
    return kubeconfig_of(control_plane)


def kubeconfig_of(control_plane: ControlPlane) -> str:
    pair = Certificates(control_plane.directory / "certificates").client(ADMINISTRATOR, "system:masters")
    cluster = {"server": control_plane.server, "certificate-authority-data": encoded(control_plane.authority)}
    user = {
        "client-certificate-data": encoded(pair.certificate.read_text()),
        "client-key-data": encoded(pair.key.read_text()),
    }
    content = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    return json.dumps(content)


@pytest.fixture
def here(kubeconfig: str) -> Callable[[], pulumi.ResourceOptions]:
    """Returns a function that makes the options of resources in the control plane."""
    return lambda: pulumi.ResourceOptions(
        provider=kubernetes.Provider("here", kubeconfig=pulumi.Output.secret(kubeconfig))
    )


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_objects_are_created_unchanged_updated_and_deleted(
    stack: Deploy, here: Callable, control_plane: ControlPlane
) -> None:
    def program(quota: str) -> Program:
        def run() -> None:
            inside = here()
            team = kubernetes.core.v1.Namespace("team", metadata=META(name="team"), opts=inside)
            kubernetes.core.v1.ResourceQuota(
                "quota",
                metadata=META(name="quota", namespace="team"),
                spec=kubernetes.core.v1.ResourceQuotaSpecArgs(hard={"requests.cpu": quota}),
                opts=pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[team])),
            )
            kubernetes.core.v1.ConfigMap("generated", data={"a": "1"}, opts=inside)

        return run

    deployed = stack(program("1500m"))
    assert operations(deployed) == {"create": 5}
    deployed.up()
    assert operations(deployed) == {"same": 5}
    path = "/api/v1/namespaces/team/resourcequotas/quota"
    assert call(control_plane, "GET", path)["spec"]["hard"] == {"requests.cpu": "1500m"}
    assert resource(deployed, "quota")["id"] == "team/quota"
    assert "managedFields" not in state(deployed)
    changed = stack(program("2"))
    assert operations(changed) == {"same": 4, "update": 1}
    changed.up()
    assert call(control_plane, "GET", path)["spec"]["hard"] == {"requests.cpu": "2"}
    changed.destroy()
    with pytest.raises(RefusedError) as gone:
        call(control_plane, "GET", "/api/v1/namespaces/team")
    assert gone.value.code == 404


def test_an_object_that_exists_is_refused_unless_the_provider_may_take_it_over(
    stack_of_file: Callable[..., automation.Stack], kubeconfig: str, control_plane: ControlPlane
) -> None:
    program = """
known = pulumi_kubernetes.Provider("known", kubeconfig=KUBECONFIG, upsert_existing_objects=UPSERT)
metadata = pulumi_kubernetes.meta.v1.ObjectMetaArgs(name="existing", namespace="default")
pulumi_kubernetes.core.v1.ConfigMap(
    "existing", metadata=metadata, data={"owner": "plinth"}, opts=pulumi.ResourceOptions(provider=known)
)
""".replace("KUBECONFIG", repr(kubeconfig))
    path = "/api/v1/namespaces/default/configmaps"
    content = {"metadata": {"name": "existing"}, "data": {"kept": "yes"}}
    uid = call(control_plane, "POST", path, content)["metadata"]["uid"]
    deployed = stack_of_file(program.replace("UPSERT", "False"))
    with pytest.raises(automation.CommandError, match="ConfigMap default/existing exists already; import it"):
        deployed.up()
    assert call(control_plane, "GET", f"{path}/existing")["data"] == content["data"]
    deployed = stack_of_file(program.replace("UPSERT", "True"))
    deployed.up()
    live = call(control_plane, "GET", f"{path}/existing")
    assert live["metadata"]["uid"] == uid
    assert live["data"] == {"owner": "plinth", "kept": "yes"}
    deployed.destroy()
    with pytest.raises(RefusedError):
        call(control_plane, "GET", f"{path}/existing")


def patch(control_plane: ControlPlane, path: str, content: dict) -> dict:
    """Changes an object as another client does."""
    return call(control_plane, "PATCH", path, content, content_type="application/merge-patch+json")


def test_drift_is_what_others_changed_and_an_update_corrects_it(
    stack: Deploy, here: Callable, control_plane: ControlPlane
) -> None:
    def program() -> None:
        metadata = META(name="settings", labels={"owner": "plinth"})
        kubernetes.core.v1.ConfigMap("settings", metadata=metadata, data={"mode": "strict"}, opts=here())

    path = "/api/v1/namespaces/default/configmaps/settings"
    deployed = stack(program)
    deployed.up()
    patch(control_plane, path, {"metadata": {"annotations": {"others": "may"}}, "data": {"added": "by others"}})
    deployed.refresh()
    assert operations(deployed) == {"same": 3}
    patch(control_plane, path, {"metadata": {"labels": {"owner": None}}, "data": {"mode": "loose"}})
    deployed.refresh()
    assert operations(deployed) == {"same": 2, "update": 1}
    deployed.up()
    live = call(control_plane, "GET", path)
    assert live["metadata"]["labels"] == {"owner": "plinth"}
    assert live["data"] == {"mode": "strict", "added": "by others"}
    call(control_plane, "DELETE", path)
    deployed.refresh()
    assert operations(deployed) == {"same": 2, "create": 1}


def test_secrets_stay_secret_in_the_state_and_in_messages(
    stack: Deploy, here: Callable, control_plane: ControlPlane
) -> None:
    def program(kind: str) -> Program:
        def run() -> None:
            inside = here()
            kubernetes.core.v1.Secret(
                "password",
                metadata=META(name="password"),
                type=kind,
                string_data={"password": "hunter2-of-the-test"},
                opts=inside,
            )
            value = pulumi.Output.secret("hush-of-the-test")
            kubernetes.core.v1.ConfigMap("mixed", metadata=META(name="mixed"), data={"plain": value}, opts=inside)

        return run

    deployed = stack(program("Opaque"))
    deployed.up()
    live = call(control_plane, "GET", "/api/v1/namespaces/default/secrets/password")
    assert base64.b64decode(live["data"]["password"]) == b"hunter2-of-the-test"
    deployed.refresh()
    assert operations(deployed) == {"same": 4}
    assert resource(deployed, "password")["id"] == "default/password"
    for text in ("hunter2-of-the-test", encoded("hunter2-of-the-test"), "hush-of-the-test"):
        assert text not in state(deployed)
    replaced = stack(program("example.com/other"))
    assert operations(replaced)["replace"] == 1  # the type of a Secret is immutable
    replaced.up()
    assert call(control_plane, "GET", "/api/v1/namespaces/default/secrets/password")["type"] == "example.com/other"


def test_a_preview_refuses_unknown_fields_and_hides_secrets(
    stack_of_file: Callable, control_plane: ControlPlane
) -> None:
    faulty = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "datas": {"a": "b"}}
    with pytest.raises(automation.CommandError, match=r'field not declared in schema|unknown field "datas"'):
        stack_of_file(f"Any('faulty', {faulty})").preview()
    metadata = "{'name': 'x', 'labels': {'l': Output.secret('-hunter2 of the test-')}}"
    labelled = f"{{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {metadata}}}"
    with pytest.raises(automation.CommandError, match=r"Invalid value: .*\[secret\]") as error:
        stack_of_file(f"Any('leaking', {labelled})").preview()
    assert "hunter2" not in str(error.value)


DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "queues.plinth.example"},
    "spec": {
        "group": "plinth.example",
        "scope": "Namespaced",
        "names": {"kind": "Queue", "plural": "queues", "singular": "queue"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
                    }
                },
            }
        ],
    },
}
QUEUE = {
    "apiVersion": "plinth.example/v1",
    "kind": "Queue",
    "metadata": {"name": "first", "namespace": "default"},
    "spec": {"size": 3},
}
PRESENT = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "present", "namespace": "default"},
    "data": {"by": "hand"},
}


def test_a_definition_and_its_objects_deploy_in_one_update_and_objects_can_be_imported(
    stack_of_file: Callable, control_plane: ControlPlane
) -> None:
    call(control_plane, "POST", "/api/v1/namespaces/default/configmaps", PRESENT)
    program = f"""
definition = Any("definition", {DEFINITION})
Any("queue", {QUEUE}, depends_on=[definition])
Any("present", {PRESENT}, import_="default/present")
"""
    deployed = stack_of_file(program)
    assert operations(deployed) == {"create": 4, "import": 1}
    deployed.up()
    path = "/apis/plinth.example/v1/namespaces/default/queues/first"
    assert call(control_plane, "GET", path)["spec"] == {"size": 3}
    assert operations(deployed) == {"same": 5}
    deployed.destroy()
    with pytest.raises(RefusedError):
        call(control_plane, "GET", path)


def workload(name: str, namespace: str, **annotations: str) -> dict:
    container = {"name": "main", "image": "registry.example/main:1", "securityContext": {"privileged": True}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "annotations": annotations},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }


def test_a_workload_that_cannot_run_fails_with_the_reason_and_warnings_are_shown(
    stack_of_file: Callable, control_plane: ControlPlane
) -> None:
    for name, label in (("enforcing", "enforce"), ("warning", "warn")):
        labels = {f"pod-security.kubernetes.io/{label}": "restricted"}
        metadata = {"name": name, "labels": labels}
        call(
            control_plane, "POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        )
        eventually(lambda name=name: call(control_plane, "GET", f"/api/v1/namespaces/{name}/serviceaccounts/default"))
    with pytest.raises(automation.CommandError, match=r"violates PodSecurity .*restricted"):
        stack_of_file(f"Any('refused', {workload('refused', 'enforcing')})").up()
    with pytest.raises(automation.CommandError, match=r"has no node on which a pod could run"):
        stack_of_file(f"Any('pending', {workload('pending', 'warning')})").up()
    waiting = workload("pending", "warning", **{"pulumi.com/skipAwait": "true"})
    text = stack_of_file(f"Any('pending', {waiting})").up().stdout
    assert "would violate PodSecurity" in text
    assert "allowPrivilegeEscalation" in text


def test_a_workload_is_ready_when_its_pods_are_and_one_without_its_image_never_is(
    stack_of_file: Callable, program: Path, node_programs: NodePrograms, tmp_path: Path
) -> None:
    node = NodeSettings(name="i-ready", programs=str(node_programs.built), packages=str(node_programs.packages))
    with_node = ControlPlane(tmp_path / "cluster", program, ControlPlaneSettings(node=node))
    with_node.start()
    try:
        kubeconfig = kubeconfig_of(with_node)
        good, bad = workload("good", "default"), workload("bad", "default")
        good["spec"]["template"]["spec"] = template(PAUSE_NAME)
        stack_of_file(f"Any('good', {good})", kubeconfig).up()
        status = call(with_node, "GET", "/apis/apps/v1/namespaces/default/deployments/good")["status"]
        assert status["availableReplicas"] == 1
        soon = "custom_timeouts=pulumi.CustomTimeouts(create='5s')"
        with pytest.raises(automation.CommandError, match=r"timed out after 5 s; 0 of 1 pods are ready"):
            stack_of_file(f"Any('good', {good}); Any('bad', {bad}, {soon})", kubeconfig).up()
    finally:
        with_node.stop()
