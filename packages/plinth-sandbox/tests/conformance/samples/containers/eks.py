"""Samples of EKS."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
PROVIDER_TAG = {"from": "provider"}


def _role(name: str, service: str, *actions: str) -> Need:
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": list(actions)}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return ("aws:iam/role:Role", {"name": name, "path": "/plinth/", "assumeRolePolicy": trust})


def _subnet(zone: str, cidr: str) -> Need:
    return (
        "aws:ec2/subnet:Subnet",
        {"vpcId": "{vpc.id}", "cidrBlock": cidr, "availabilityZone": f"eu-west-1{zone}"},
    )


PLACE: dict[str, Need] = {
    "vpc": ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}),
    "one": _subnet("a", "10.0.0.0/24"),
    "two": _subnet("b", "10.0.1.0/24"),
    "group": (
        "aws:ec2/securityGroup:SecurityGroup",
        {"name": "api-{n}", "description": "API", "vpcId": "{vpc.id}"},
    ),
    "key": ("aws:kms/key:Key", {}),
    "control": _role("control-{n}", "eks", "sts:AssumeRole", "sts:TagSession"),
    "nodes": _role("nodes-{n}", "ec2", "sts:AssumeRole"),
}
AUTO_MODE = {
    "computeConfig": {
        "enabled": True,
        "nodePools": ["general-purpose", "system"],
        "nodeRoleArn": "{nodes.outputs.arn}",
    },
    "storageConfig": {"blockStorage": {"enabled": True}},
    "kubernetesNetworkConfig": {
        "elasticLoadBalancing": {"enabled": True},
        "ipFamily": "ipv4",
        "serviceIpv4Cidr": "172.20.0.0/16",
    },
    "bootstrapSelfManagedAddons": False,
}
INPUTS: dict[str, Any] = {
    "name": "sample-{n}",
    "roleArn": "{control.outputs.arn}",
    "version": "1.34",
    "vpcConfig": {
        "subnetIds": ["{one.id}", "{two.id}"],
        "securityGroupIds": ["{group.id}"],
        "endpointPrivateAccess": True,
        "endpointPublicAccess": False,
    },
    "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
    "encryptionConfig": {"provider": {"keyArn": "{key.outputs.arn}"}, "resources": ["secrets"]},
    "enabledClusterLogTypes": ["api", "audit", "authenticator"],
    "upgradePolicy": {"supportType": "STANDARD"},
    "deletionProtection": False,
    **AUTO_MODE,
}


def _cluster(aws: Aws, it: Kept) -> dict[str, Any]:
    client = aws("eks")
    found = client.describe_cluster(name=it.id)["cluster"]
    network = found["resourcesVpcConfig"]
    logs = {type_ for group in found["logging"]["clusterLogging"] if group["enabled"] for type_ in group["types"]}
    return {
        "what": [found["name"], found["version"], found["roleArn"], found["status"]],
        "network": [network["subnetIds"], network["securityGroupIds"], network["vpcId"]],
        "open": (network["endpointPublicAccess"], network["endpointPrivateAccess"]),
        "access": found["accessConfig"],
        "key": found["encryptionConfig"][0],
        "logs": logs,
        "group of logs": [g["logGroupName"] for g in aws("logs").describe_log_groups()["logGroups"]].count(
            f"/aws/eks/{it.id}/cluster"
        ),
        "upgrades": found["upgradePolicy"]["supportType"],
        "protected": found["deletionProtection"],
        "compute": found["computeConfig"],
        "services": found["kubernetesNetworkConfig"]["serviceIpv4Cidr"],
        "outputs": (
            it.outputs["endpoint"] == found["endpoint"],
            it.outputs["identities"][0]["oidcs"][0]["issuer"] == found["identity"]["oidc"]["issuer"],
            it.outputs["certificateAuthority"] == found["certificateAuthority"],
            it.outputs["vpcConfig"]["clusterSecurityGroupId"] == network["clusterSecurityGroupId"],
        ),
        "tags": client.list_tags_for_resource(resourceArn=it.outputs["arn"])["tags"],
    }


_SEEN = {
    "what": ["sample-{n}", "1.34", "{control.outputs.arn}", "ACTIVE"],
    "network": [["{one.id}", "{two.id}"], ["{group.id}"], "{vpc.id}"],
    "open": (False, True),
    "access": INPUTS["accessConfig"],
    "key": INPUTS["encryptionConfig"],
    "logs": {"api", "audit", "authenticator"},
    "group of logs": 1,
    "upgrades": "STANDARD",
    "protected": False,
    "compute": AUTO_MODE["computeConfig"],
    "services": "172.20.0.0/16",
    "outputs": (True, True, True, True),
    "tags": {**PROVIDER_TAG, "own": "1"},
}


def _entry(aws: Aws, it: Kept) -> dict[str, Any]:
    client, names = aws("eks"), {name: it.outputs[name] for name in ("clusterName", "principalArn")}
    found = client.describe_access_entry(**names)["accessEntry"]
    listed = client.list_access_entries(clusterName=names["clusterName"])["accessEntries"]
    return {
        "what": (found["type"], found["kubernetesGroups"], found["username"]),
        "listed": it.outputs["principalArn"] in listed,
        "tags": client.list_tags_for_resource(resourceArn=it.outputs["accessEntryArn"])["tags"],
    }


def _associations(aws: Aws, it: Kept) -> list[tuple[str, Any]]:
    names = {name: it.outputs[name] for name in ("clusterName", "principalArn")}
    found = aws("eks").list_associated_access_policies(**names)["associatedAccessPolicies"]
    return [(access_policy["policyArn"], access_policy["accessScope"]["type"]) for access_policy in found]


CLUSTER: dict[str, Need] = {**PLACE, "cluster": ("aws:eks/cluster:Cluster", {**INPUTS, "name": "needed-{n}"})}
ENTRY: Need = (
    "aws:eks/accessEntry:AccessEntry",
    {"clusterName": "{cluster.id}", "principalArn": "{control.outputs.arn}"},
)


def _pods(aws: Aws, it: Kept) -> dict[str, Any]:
    client, names = aws("eks"), {"clusterName": it.outputs["clusterName"]}
    found = client.describe_pod_identity_association(**names, associationId=it.outputs["associationId"])["association"]
    listed = client.list_pod_identity_associations(**names, namespace=found["namespace"])["associations"]
    return {
        "what": [found["namespace"], found["serviceAccount"], found["roleArn"], found["disableSessionTags"]],
        "listed": [association["associationId"] for association in listed].count(it.outputs["associationId"]),
        "tags": client.list_tags_for_resource(resourceArn=it.outputs["associationArn"])["tags"],
    }


_PODS = ("sts:AssumeRole", "sts:TagSession")

SAMPLES = [
    Sample(
        type="aws:eks/podIdentityAssociation:PodIdentityAssociation",
        needs={
            **CLUSTER,
            "one_role": _role("pods-{n}", "pods.eks", *_PODS),
            "other_role": _role("others-{n}", "pods.eks", *_PODS),
        },
        inputs={
            "clusterName": "{cluster.id}",
            "namespace": "tracking",
            "serviceAccount": "server",
            "roleArn": "{one_role.outputs.arn}",
            "tags": {"own": "1"},
        },
        look=_pods,
        seen={
            "what": ["tracking", "server", "{one_role.outputs.arn}", False],
            "listed": 1,
            "tags": {**PROVIDER_TAG, "own": "1"},
        },
        change={"roleArn": "{other_role.outputs.arn}", "tags": {"own": "2"}},
        seen_changed={
            "what": ["tracking", "server", "{other_role.outputs.arn}", False],
            "listed": 1,
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"serviceAccount": "worker"},
        drift=lambda aws, it: aws("eks").update_pod_identity_association(
            clusterName=it.outputs["clusterName"], associationId=it.outputs["associationId"], disableSessionTags=True
        ),
        drifts="disableSessionTags",
        remove=lambda aws, it: aws("eks").delete_pod_identity_association(
            clusterName=it.outputs["clusterName"], associationId=it.outputs["associationId"]
        ),
    ),
    Sample(
        type="aws:eks/cluster:Cluster",
        needs=PLACE,
        inputs={**INPUTS, "tags": {"own": "1"}},
        look=_cluster,
        seen=_SEEN,
        change={
            "version": "1.35",
            "enabledClusterLogTypes": ["audit", "scheduler"],
            "upgradePolicy": {"supportType": "EXTENDED"},
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN,
            "what": ["sample-{n}", "1.35", "{control.outputs.arn}", "ACTIVE"],
            "logs": {"audit", "scheduler"},
            "upgrades": "EXTENDED",
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"name": "other-{n}"},
        drift=lambda aws, it: aws("eks").update_cluster_config(
            name=it.id, resourcesVpcConfig={"endpointPublicAccess": True}
        ),
        drifts="vpcConfig",
        remove=lambda aws, it: aws("eks").delete_cluster(name=it.id),
    ),
    Sample(
        type="aws:eks/accessEntry:AccessEntry",
        needs=CLUSTER,
        inputs={
            "clusterName": "{cluster.id}",
            "principalArn": "{control.outputs.arn}",
            "kubernetesGroups": ["viewers"],
            "userName": "platform",
            "type": "STANDARD",
            "tags": {"own": "1"},
        },
        look=_entry,
        seen={"what": ("STANDARD", ["viewers"], "platform"), "listed": True, "tags": {**PROVIDER_TAG, "own": "1"}},
        change={"kubernetesGroups": ["builders"], "tags": {"own": "2"}},
        seen_changed={
            "what": ("STANDARD", ["builders"], "platform"),
            "listed": True,
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"principalArn": "{nodes.outputs.arn}"},
        drift=lambda aws, it: aws("eks").update_access_entry(
            clusterName=it.outputs["clusterName"], principalArn=it.outputs["principalArn"], kubernetesGroups=["others"]
        ),
        drifts="kubernetesGroups",
        remove=lambda aws, it: aws("eks").delete_access_entry(
            clusterName=it.outputs["clusterName"], principalArn=it.outputs["principalArn"]
        ),
    ),
    Sample(
        type="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        needs={**CLUSTER, "entry": ENTRY},
        inputs={
            "clusterName": "{cluster.id}",
            "principalArn": "{entry.outputs.principalArn}",
            "policyArn": ADMIN,
            "accessScope": {"type": "cluster"},
        },
        look=_associations,
        seen=[(ADMIN, "cluster")],
        replace={"policyArn": VIEW},
        remove=lambda aws, it: aws("eks").disassociate_access_policy(
            clusterName=it.outputs["clusterName"], principalArn=it.outputs["principalArn"], policyArn=ADMIN
        ),
    ),
]
