"""A private Kubernetes cluster in EKS Auto Mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.cluster.cluster_roles import ClusterRoles, ClusterRolesArgs
from components.network.https_security_group import https_security_group

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All logs that EKS delivers (EKS API, LogSetup)."""
NODE_POOLS = ("general-purpose", "system")
"""The node pools that EKS provides and keeps up to date."""
ADMINISTRATION = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
"""Access policy with the permissions of the Kubernetes role cluster-admin."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateClusterArgs:
    """Arguments of :class:`PrivateCluster`."""

    cluster_name: str
    """Name of the cluster in the account, up to 100 characters (an EKS limit)."""

    role_name: str
    """Name of the cluster role, and prefix of the names of the node role and of their boundary."""

    version: str
    """Kubernetes version (``1.35``). EKS upgrades a cluster by one minor version at a time, and never downgrades it."""

    account_id: pulumi.Input[str]
    """Id of the account of the cluster."""

    region: str
    """Region of the cluster."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC of the cluster."""

    cidr: IPv4Network
    """CIDR block of the network, whose addresses alone reach the Kubernetes API."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of subnets without a route to the internet, in at least two zones (an EKS precondition)."""

    service_cidr: IPv4Network
    """CIDR block of Kubernetes services, from /24 to /12 (an EKS limit) and outside the network."""

    key_arn: pulumi.Input[str]
    """ARN of the key of the control plane's logs, and of Kubernetes secrets (envelope encryption)."""

    log_retention_days: int
    """Days to keep the logs of the control plane, a period that CloudWatch Logs accepts."""

    administrators: Mapping[str, pulumi.Input[str]]
    """ARNs of the existing roles that administer the cluster, by the stable suffix of their resources' names."""

    members: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """ARNs of the existing roles that enter the cluster as members of a Kubernetes group, by the group's name. Objects
    in the cluster define what the group may do. Default: none."""

    def __post_init__(self) -> None:
        if len(self.subnet_ids) < 2:
            raise ValueError(f"subnet_ids: {self.cluster_name} needs subnets in at least 2 zones")
        if not 12 <= self.service_cidr.prefixlen <= 24 or self.service_cidr.overlaps(self.cidr):
            raise ValueError(f"service_cidr: {self.service_cidr} is not a /12 to /24 outside the network {self.cidr}")
        if not self.administrators:
            raise ValueError(f"administrators: nobody could administer {self.cluster_name}; name at least one role")


class PrivateCluster(pulumi.ComponentResource):
    """A cluster whose API only its network reaches, whose access is managed by access entries, and whose nodes EKS runs
    and replaces (Auto Mode).

    Creates: the cluster role and the node role with their permissions boundary; the encrypted log group of the control
    plane, before the cluster, because EKS would create it without key and retention; the security group of the API,
    with one rule: HTTPS from the network; the cluster; one access entry with its policy per administrator;
    one access entry per member.

    Outputs: ``cluster_name``, ``arn``, ``endpoint``, ``certificate_authority``, ``oidc_issuer``, ``security_group_id``,
    ``node_role_arn``.

    Raises: ValueError when the subnets, the range of services or the administrators do not suffice.

    Cost: 0.10 USD per hour for the control plane in standard support (73 USD a month), and the instances of
    pods, with a surcharge of Auto Mode.

    Example::

        cluster = PrivateCluster("cluster", PrivateClusterArgs(
            cluster_name="plinth-tooling", role_name="tooling-cluster", version="1.35", account_id="111111111111",
            region="eu-west-1", vpc_id=network.vpc_id, cidr=IPv4Network("10.0.128.0/19"), subnet_ids=network.subnet_ids,
            service_cidr=IPv4Network("172.20.0.0/16"), key_arn=key.arn, log_retention_days=365,
            administrators={"deployer": deployer.arn},
        ))
    """

    cluster_name: pulumi.Output[str]
    """Name of the cluster; known once its administrators have access."""
    arn: pulumi.Output[str]
    """ARN of the cluster."""
    endpoint: pulumi.Output[str]
    """URL of the Kubernetes API."""
    certificate_authority: pulumi.Output[str]
    """Certificate of the authority that signed the API's certificate, in base64."""
    oidc_issuer: pulumi.Output[str]
    """URL of the issuer of service account tokens."""
    security_group_id: pulumi.Output[str]
    """Id of the security group that EKS creates for the control plane and the nodes."""
    node_role_arn: pulumi.Output[str]
    """ARN of the role of the nodes."""

    def __init__(self, name: str, args: PrivateClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:PrivateCluster", name, None, opts)
        self._name, self._args = name, args
        roles = self._roles()
        cluster = self._cluster(roles, self._log_group(), self._security_group())
        granted = [self._administrator(cluster, suffix, arn) for suffix, arn in args.administrators.items()]
        granted += [self._member(cluster, group, arn) for group, arn in args.members.items()]

        self.cluster_name = pulumi.Output.all(cluster.name, *granted).apply(lambda known: str(known[0]))
        self.arn, self.endpoint = cluster.arn, cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.data.apply(_known)
        self.oidc_issuer = cluster.identities.apply(lambda found: _known((found[0].oidcs or [])[0].issuer))
        self.security_group_id = cluster.vpc_config.cluster_security_group_id.apply(_known)
        self.node_role_arn = roles.node_role_arn
        self.register_outputs(
            {
                "cluster_name": self.cluster_name,
                "arn": self.arn,
                "endpoint": self.endpoint,
                "certificate_authority": self.certificate_authority,
                "oidc_issuer": self.oidc_issuer,
                "security_group_id": self.security_group_id,
                "node_role_arn": self.node_role_arn,
            }
        )

    def _child(self, depends_on: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on) or None)

    def _roles(self) -> ClusterRoles:
        args = ClusterRolesArgs(
            cluster_name=self._args.cluster_name,
            role_name=self._args.role_name,
            account_id=self._args.account_id,
            region=self._args.region,
        )
        return ClusterRoles(self._name, args, self._child())

    def _log_group(self) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            # EKS delivers to the group with this name.
            name=f"/aws/eks/{self._args.cluster_name}/cluster",
            kms_key_id=self._args.key_arn,
            retention_in_days=self._args.log_retention_days,
            opts=self._child(),
        )

    def _security_group(self) -> aws.ec2.SecurityGroup:
        """Creates the group that admits the network to the API. The one that EKS creates admits only its members."""
        return https_security_group(
            f"{self._name}-api",
            rule_name=f"{self._name}-api-https",
            purpose="Kubernetes API",
            label=f"{self._args.cluster_name}-api",
            vpc_id=self._args.vpc_id,
            cidr=self._args.cidr,
            parent=self,
        )

    def _cluster(
        self, roles: ClusterRoles, logs: aws.cloudwatch.LogGroup, group: aws.ec2.SecurityGroup
    ) -> aws.eks.Cluster:
        args = self._args
        return aws.eks.Cluster(
            self._name,
            name=args.cluster_name,
            version=args.version,
            role_arn=roles.cluster_role_arn,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                endpoint_private_access=True,
                endpoint_public_access=False,
                subnet_ids=list(args.subnet_ids),
                security_group_ids=[group.id],
            ),
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=args.key_arn), resources=["secrets"]
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            # Auto Mode: EKS accepts these three only together, and without add-ons that the user manages.
            compute_config=aws.eks.ClusterComputeConfigArgs(
                enabled=True, node_pools=list(NODE_POOLS), node_role_arn=roles.node_role_arn
            ),
            storage_config=aws.eks.ClusterStorageConfigArgs(
                block_storage=aws.eks.ClusterStorageConfigBlockStorageArgs(enabled=True)
            ),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                elastic_load_balancing=aws.eks.ClusterKubernetesNetworkConfigElasticLoadBalancingArgs(enabled=True),
                ip_family="ipv4",
                service_ipv4_cidr=str(args.service_cidr),
            ),
            bootstrap_self_managed_addons=False,
            deletion_protection=True,
            opts=self._child([logs]),
        )

    def _administrator(self, cluster: aws.eks.Cluster, suffix: str, arn: pulumi.Input[str]) -> pulumi.Output[str]:
        """Gives a role the permissions of cluster-admin. Returns an output that is known once it has them."""
        entry = aws.eks.AccessEntry(
            f"{self._name}-access-{suffix}",
            cluster_name=cluster.name,
            principal_arn=arn,
            type="STANDARD",
            opts=self._child(),
        )
        association = aws.eks.AccessPolicyAssociation(
            f"{self._name}-access-{suffix}-policy",
            cluster_name=cluster.name,
            principal_arn=entry.principal_arn,
            policy_arn=ADMINISTRATION,
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=self._child(),
        )
        return association.id

    def _member(self, cluster: aws.eks.Cluster, group: str, arn: pulumi.Input[str]) -> pulumi.Output[str]:
        """Puts a role into a group. Returns an output that is known once it can enter."""
        entry = aws.eks.AccessEntry(
            f"{self._name}-access-{group}",
            cluster_name=cluster.name,
            principal_arn=arn,
            type="STANDARD",
            kubernetes_groups=[group],
            opts=self._child(),
        )
        return entry.id


def _known(value: str | None) -> str:
    """Returns an output that EKS sets on every active cluster."""
    return str(value)
