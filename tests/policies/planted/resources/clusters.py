"""Compliant resources: clusters of EKS, and objects of the Kubernetes API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws

from settings.types.aws.cluster_access import kubeconfig
from tests.policies.planted.resources.base import ACCOUNT, KEY, SUBNETS, Planter
from tests.policies.planted.resources.models import IMAGE

NETWORKING = "networking.k8s.io/v1"
RBAC = "rbac.authorization.k8s.io/v1"
CONTAINER: Mapping[str, Any] = {
    "name": "worker",
    "image": IMAGE,
    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}
POD: Mapping[str, Any] = {
    "serviceAccountName": "runner",
    "automountServiceAccountToken": False,
    "containers": [CONTAINER],
}


KUBECONFIG = kubeconfig("planted", "eu-west-1", "planted", ACCOUNT, "https://planted.eks.amazonaws.com", "QQ==")


@cache
def cluster_provider() -> pulumi.ProviderResource:
    """Returns the provider of the cluster that the whole program shares."""
    return pulumi.ProviderResource("kubernetes", "cluster", {"kubeconfig": KUBECONFIG})


class Clusters(Planter):
    def cluster_provider(self, **changes: Any) -> None:
        pulumi.ProviderResource("kubernetes", self._name, {"kubeconfig": KUBECONFIG, **changes})

    def cluster(self, **changes: Any) -> None:
        properties: dict[str, Any] = {
            "name": self._name,
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/cluster",
            "version": "1.35",
            "upgrade_policy": {"support_type": "STANDARD"},
            "vpc_config": {
                "subnet_ids": SUBNETS,
                "endpoint_private_access": True,
                "endpoint_public_access": False,
            },
            "access_config": {"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False},
            "encryption_config": {"provider": {"key_arn": KEY}, "resources": ["secrets"]},
            "enabled_cluster_log_types": ["audit", "authenticator"],
        }
        aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=f"/aws/eks/{self._name}/cluster",
            retention_in_days=365,
            kms_key_id=KEY,
            opts=self._opts(),
        )
        aws.eks.Cluster(self._name, **properties | changes, opts=self._opts())

    def node_group(self, **changes: Any) -> None:
        properties: dict[str, Any] = {
            "cluster_name": "tooling",
            "node_role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/node",
            "scaling_config": {"desired_size": 2, "max_size": 2, "min_size": 2},
            "subnet_ids": SUBNETS,
            "launch_template": {"id": "lt-0aaaaaaaaaaaaaaaa", "version": "1"},
        }
        aws.eks.NodeGroup(self._name, **properties | changes, opts=self._opts())

    def pod_identity(self, **changes: Any) -> None:
        properties = {
            "cluster_name": "tooling",
            "namespace": "runner",
            "service_account": "worker",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/worker",
        }
        aws.eks.PodIdentityAssociation(self._name, **properties | changes, opts=self._opts())

    def manifest(self, api_version: str, kind: str, **members: Any) -> None:
        """Creates an object as the Kubernetes provider's SDK does: with its ``apiVersion`` and ``kind``."""
        group = api_version if "/" in api_version else f"core/{api_version}"
        inputs = {"apiVersion": api_version, "kind": kind, "metadata": {"namespace": "runner"}, **members}
        pulumi.CustomResource(
            f"kubernetes:{group}:{kind}", self._name, inputs, pulumi.ResourceOptions(provider=cluster_provider())
        )

    def deployment(self, pod: Mapping[str, Any] | None = None, **changes: Any) -> None:
        """Creates a Deployment whose only container has the changes."""
        template = {"spec": {**POD, "containers": [{**CONTAINER, **changes}], **(pod or {})}}
        self.manifest("apps/v1", "Deployment", spec={"template": template})

    def cron_job(self, **pod: Any) -> None:
        template = {"spec": {**POD, **pod}}
        self.manifest("batch/v1", "CronJob", spec={"jobTemplate": {"spec": {"template": template}}})

    def namespace(self, level: str = "restricted", *, guarded: bool = True) -> None:
        labels = {"pod-security.kubernetes.io/enforce": level}
        self.manifest("v1", "Namespace", metadata={"name": self._name, "labels": labels})
        if guarded:
            inside = {"namespace": self._name}
            spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
            named = Clusters(f"{self._name}-guard")
            named.manifest(NETWORKING, "NetworkPolicy", metadata=inside, spec=spec)
            named.manifest("v1", "ResourceQuota", metadata=inside, spec={"hard": {"requests.cpu": "4"}})
            named.manifest("v1", "LimitRange", metadata=inside, spec={"limits": [{"type": "Container"}]})

    def admission_policy(self, **spec: Any) -> None:
        self.manifest("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", metadata={}, spec=spec)

    def storage_class(self, **parameters: str) -> None:
        driver = "ebs.csi.eks.amazonaws.com"
        self.manifest("storage.k8s.io/v1", "StorageClass", metadata={}, provisioner=driver, parameters=parameters)

    def runner(self) -> None:
        """Creates a namespace with everything that one workload needs."""
        self.namespace()
        self.manifest("v1", "ServiceAccount", automountServiceAccountToken=False)
        self.manifest("v1", "ConfigMap", data={"team": "fraud"})
        self.manifest("v1", "Service", spec={"type": "ClusterIP"})
        rule = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "update"]}
        self.manifest(RBAC, "Role", rules=[rule])
        self.admission_policy()
        self.storage_class(encrypted="true")
        subject = {"kind": "ServiceAccount", "name": "runner", "namespace": "runner"}
        self.manifest(RBAC, "RoleBinding", roleRef={"kind": "Role", "name": "runner"}, subjects=[subject])
        self.deployment()
        self.cron_job(initContainers=[CONTAINER])
