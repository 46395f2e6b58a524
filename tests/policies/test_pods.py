"""Ways out of a pod: wherever a workload nests it, and on the side of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from policies.kubernetes.inputs.manifests import POD_PATHS, api_version_and_kind
from policies.rule_list import RULES
from tests.policies.case import Situation
from tests.policies.cases.kubernetes.workloads import nested
from tests.policies.checking import findings
from tests.policies.planted.resources.clusters import CONTAINER, POD

WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "a path of the node": ("KU-02", {"volumes": [{"name": "root", "hostPath": {"path": "/"}}]}),
    "the network of the node": ("KU-02", {"hostNetwork": True}),
    "the processes of the node": ("KU-02", {"hostPID": True}),
    **{
        f"a privileged container in {name}": ("KU-02", {name: [CONTAINER, with_context]})
        for name in ("containers", "initContainers", "ephemeralContainers")
        for with_context in [{**CONTAINER, "securityContext": {**CONTAINER["securityContext"], "privileged": True}}]
    },
    "the user root": ("KU-03", {"containers": [{**CONTAINER, "securityContext": {"runAsUser": 0}}]}),
    "a token of the API": ("KU-06", {"automountServiceAccountToken": True}),
}
METADATA = {"httpTokens": "required", "httpPutResponseHopLimit": 2}


def refused_by(type_: str, inputs: dict[str, Any]) -> set[str]:
    return {finding.rule.id for finding in findings(type_, Situation(inputs=inputs), RULES)}


def workload(type_: str, pod: dict[str, Any]) -> dict[str, Any]:
    api_version, kind = api_version_and_kind(type_)
    tree = {"apiVersion": api_version, "kind": kind, "metadata": {"namespace": "runner"}}
    return {**tree, **nested(POD_PATHS[type_], pod)}


@pytest.mark.threat("T-17")
@pytest.mark.parametrize("type_", POD_PATHS)
@pytest.mark.parametrize("way", WAYS)
def test_a_pod_that_reaches_its_node_is_refused_wherever_a_workload_nests_it(type_, way):
    assert refused_by(type_, workload(type_, dict(POD))) == set()
    rule, change = WAYS[way]
    assert refused_by(type_, workload(type_, {**POD, **change})) == {rule}


@pytest.mark.threat("T-17")
def test_nodes_that_give_pods_their_credentials_are_refused():
    assert "EK-07" in refused_by("aws:eks/nodeGroup:NodeGroup", {"nodeRoleArn": "arn:aws:iam::1:role/node"})
    assert "NW-08" in refused_by("aws:ec2/launchTemplate:LaunchTemplate", {"metadataOptions": METADATA})
