"""EKS."""

from __future__ import annotations

from plinth_sandbox.provider.functions.containers.clusters import set_logs
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update, Wait

CLUSTER = Resource(
    type="aws:eks/cluster:Cluster",
    create=Call(
        "create_cluster", {"logging": {"clusterLogging": [{"types": "{enabledClusterLogTypes}", "enabled": True}]}}
    ),
    address={"name": "{id}"},
    read=Call(
        "describe_cluster",
        within="cluster",
        gives={
            "enabledClusterLogTypes": "cluster.logging.clusterLogging[?enabled].types[]",
            "identities": "[{oidcs: [{issuer: cluster.identity.oidc.issuer}]}]",
        },
    ),
    update=[
        Update(Call("update_cluster_version", carries=["version"])),
        Update(Call("update_cluster_config", carries=["accessConfig"])),
        Update(
            Call("update_cluster_config", carries=["computeConfig", "kubernetesNetworkConfig", "storageConfig"]),
        ),
        Update(Call("update_cluster_config", carries=["deletionProtection"])),
        Update(Call("update_cluster_config", carries=["upgradePolicy"])),
        Update(Call("update_cluster_config", carries=["vpcConfig"])),
        Update(Call("update_cluster_config", carries=["zonalShiftConfig"])),
        Update(set_logs, carries=["enabledClusterLogTypes"]),
    ],
    delete="delete_cluster",
    identifier="{name}",
    renames={"vpcConfig": "resourcesVpcConfig"},
    computed=[
        "accessConfig",
        "kubernetesNetworkConfig",
        "upgradePolicy",
        "version",
        "vpcConfig.clusterSecurityGroupId",
        "vpcConfig.publicAccessCidrs",
        "vpcConfig.vpcId",
    ],
    unread=["bootstrapSelfManagedAddons"],
    volatile=["platformVersion", "status"],
    replaces=[
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
        "encryptionConfig",
        "kubernetesNetworkConfig.ipFamily",
        "kubernetesNetworkConfig.serviceIpv4Cidr",
    ],
    ready=Wait(Call("describe_cluster"), until="cluster.status=='ACTIVE'", failed="cluster.status=='FAILED'"),
    name=Name(longest=100),
    tags=Tagging(),
)

ACCESS_ENTRY = Resource(
    type="aws:eks/accessEntry:AccessEntry",
    create="create_access_entry",
    address={"clusterName": "{clusterName}", "principalArn": "{principalArn}"},
    read=Call("describe_access_entry", within="accessEntry"),
    update=["update_access_entry"],
    delete="delete_access_entry",
    identifier="{clusterName}:{/principalArn}",
    renames={"userName": "username"},
    defaults={"type": "STANDARD"},
    computed=["kubernetesGroups", "userName"],
    volatile=["modifiedAt"],
    name=None,
    tags=Tagging(address={"resourceArn": "{accessEntryArn}"}),
)

ACCESS_POLICY_ASSOCIATION = Resource(
    type="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    create="associate_access_policy",
    address={"clusterName": "{clusterName}", "principalArn": "{principalArn}"},
    read=Call(
        "list_associated_access_policies",
        within="associatedAccessPolicies[?policyArn=='{policyArn}'] | [0]",
    ),
    delete=Call("disassociate_access_policy", {"policyArn": "{policyArn}"}),
    identifier="{clusterName}#{principalArn}#{policyArn}",
    name=None,
)

POD_IDENTITY_ASSOCIATION = Resource(
    type="aws:eks/podIdentityAssociation:PodIdentityAssociation",
    create=Call("create_pod_identity_association", gives={"associationId": "association.associationId"}),
    address={"clusterName": "{clusterName}", "associationId": "{associationId}"},
    read=Call("describe_pod_identity_association", within="association"),
    update=["update_pod_identity_association"],
    delete="delete_pod_identity_association",
    identifier="{clusterName},{associationId}",
    defaults={"disableSessionTags": False},
    name=None,
    tags=Tagging(address={"resourceArn": "{associationArn}"}),
)

RESOURCES = [CLUSTER, ACCESS_ENTRY, ACCESS_POLICY_ASSOCIATION, POD_IDENTITY_ASSOCIATION]
