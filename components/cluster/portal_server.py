"""The portal in a cluster: its pod, its load balancer and the roles with which it reads the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi

from components.cluster.balancing.internal_load_balancer import InternalLoadBalancer, InternalLoadBalancerArgs
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs, allow_proxy
from components.cluster.hardened_deployment import HardenedDeployment, HardenedDeploymentArgs
from components.cluster.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH, BoundedRole, BoundedRoleArgs
from components.identity.workloads.code_permissions import use_key_of_code
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.aws.portal_pods import (
    ADDRESS_VARIABLE,
    COMMAND,
    HEALTH_PATH,
    ISSUER_VARIABLE,
    PORT,
    REGION_VARIABLE,
    SETTINGS_ROLE_VARIABLE,
)
from settings.types.naming import PORTAL, named

WORKLOAD = "portal"
"""Name of the Deployment, of its service account and of the label of its pod."""
READER = "portal-settings"
"""Name of the role in the account of the settings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalServerArgs:
    """Arguments of :class:`PortalServer`."""

    role_name: str
    """Name of the pod's role, and prefix of the name of its boundary."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster."""

    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, whose pods alone may use the role."""

    account_id: pulumi.Input[str]
    """Id of the cluster's account."""

    organization_id: pulumi.Input[str]
    """Id of the organization, of which both accounts are members."""

    settings_account_id: pulumi.Input[str]
    """Id of the account with the repository of the settings."""

    settings_provider: pulumi.ProviderResource
    """Provider of that account, for the role that reads the repository."""

    settings_key_arn: pulumi.Input[str]
    """ARN of the KMS key of that repository."""

    repository: str
    """Name of that repository."""

    region: str
    """Region of the cluster, the repository and IAM Identity Center."""

    image: pulumi.Input[str]
    """Image with Plinth, with its digest."""

    issuer_url: pulumi.Input[str]
    """Issuer URL of the IAM Identity Center instance that people sign in to."""

    address: str
    """Address that browsers open (``https://portal.acme.example``). Its host is a name of the certificate."""

    certificate_arn: str
    """ARN of the load balancer's certificate in ACM, in the account and region of the cluster."""

    network_cidr: str
    """CIDR block of the network, whose addresses alone reach the load balancer."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the subnets of the load balancer, one for each zone."""

    proxy: str
    """Address of the HTTPS proxy through which the pod calls AWS (``http://<host>:<port>``)."""

    proxy_cidr: str
    """CIDR block of the proxy's network."""

    cpus: int
    """vCPUs that the pod requests."""

    memory_gib: int
    """Memory that the pod may use, in GiB."""


class PortalServer(pulumi.ComponentResource):
    """A pod that serves the portal to browsers in the network of the cluster.

    People sign in with a code that they allow at IAM Identity Center, so there is no client secret, and the pod acts
    with their permission sets. Its own role may assume one other role, which reads the repository of the settings, and
    do nothing else. Sessions are in the memory of the process, so there is one pod, and no key with which cookies are
    encrypted: people sign in again after the pod was replaced.

    ``opts`` need a provider of the account and one of the cluster.

    Creates: the namespace with its guards; the network policy for the proxy; two roles of IAM with their boundaries,
    and the association of the pod's; the Deployment; its load balancer.

    Outputs: ``address``, ``load_balancer_host``.

    Cost: the instance of its pod, and the load balancer.

    Example::

        PortalServer("portal", PortalServerArgs(
            role_name="tooling-portal", cluster_name=cluster.cluster_name, cluster_arn=cluster.arn,
            account_id="111111111111", settings_account_id="444444444444", settings_provider=governance_provider,
            settings_key_arn=key.arn, repository="plinth-settings", region="eu-west-1", image=image,
            issuer_url=issuer_url,
            address="https://portal.acme.example", certificate_arn="arn:aws:acm:eu-west-1:111111111111:certificate/…",
            network_cidr="10.0.128.0/19", subnet_ids=network.subnet_ids, proxy="http://proxy.acme.example:3128",
            proxy_cidr="10.0.64.0/22", organization_id="o-acme", cpus=1, memory_gib=2,
        ), pulumi.ResourceOptions(providers=[account_provider, cluster_provider]))
    """

    address: pulumi.Output[str]
    """Address that browsers open; known once the pod can serve."""
    load_balancer_host: pulumi.Output[str]
    """DNS name of the load balancer, to which the name of the portal leads."""

    def __init__(self, name: str, args: PortalServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:PortalServer", name, None, opts)
        self._name, self._args = name, args
        self._namespace = self._guarded_namespace()
        allow_proxy(f"{name}-proxy", self._namespace, args.proxy, args.proxy_cidr, parent=self)
        pod_role_arn = self._pod_role()
        reader_role_arn = self._reader_role(pod_role_arn)
        served = self._serve(reader_role_arn)
        self.address = served.apply(lambda _: args.address)
        self.load_balancer_host = self._balance()
        self.register_outputs({"address": self.address, "load_balancer_host": self.load_balancer_host})

    def _guarded_namespace(self) -> pulumi.Output[str]:
        args = self._args
        pods = 2
        """One more while an update replaces the pod."""
        guarded = GuardedNamespaceArgs(
            namespace=PORTAL, cpus=pods * args.cpus, memory_gib=pods * args.memory_gib, pods=pods, load_balancers=1
        )
        return GuardedNamespace(f"{self._name}-namespace", guarded, self._child()).namespace

    def _pod_role(self) -> pulumi.Output[str]:
        args = self._args
        permissions = _pod_may(args)
        boundary = RoleCeiling(
            f"{self._name}-boundary",
            RoleCeilingArgs(
                policy_name=named("policy", args.role_name, "boundary"),
                description="Ceiling of the pod of the portal",
                statements=permissions,
            ),
            self._child(),
        )
        identity = WorkloadIdentityArgs(
            cluster_name=args.cluster_name,
            cluster_arn=args.cluster_arn,
            account_id=args.account_id,
            namespace=PORTAL,
            service_account=WORKLOAD,
            role_name=args.role_name,
            description="The pod of the portal, which reads the settings",
            permissions=permissions,
            boundary_arn=boundary.arn,
        )
        return WorkloadIdentity(f"{self._name}-identity", identity, self._child()).role_arn

    def _reader_role(self, pod_role_arn: pulumi.Output[str]) -> pulumi.Output[str]:
        """Creates the role in the account of the settings. Returns its ARN, which is known once it may read."""
        args = self._args
        opts = pulumi.ResourceOptions(parent=self, provider=args.settings_provider)
        permissions = [
            Statement(
                sid="ReadTheSettings",
                actions=["codecommit:GetBlob", "codecommit:GetBranch", "codecommit:GetFolder"],
                resources=[arn_of("codecommit", args.region, args.settings_account_id, args.repository)],
            ),
            use_key_of_code([args.settings_key_arn], args.region),
        ]
        boundary = RoleCeiling(
            f"{self._name}-settings-boundary",
            RoleCeilingArgs(
                policy_name=named("policy", READER, "boundary"),
                description="Ceiling of the role with which the portal reads the settings",
                statements=permissions,
            ),
            opts,
        )
        role = BoundedRoleArgs(
            role_name=READER,
            description="The portal reads the settings",
            trust=_assumed_by_the_pod(pod_role_arn, args),
            permissions=permissions,
            boundary_arn=boundary.arn,
        )
        return BoundedRole(f"{self._name}-settings", role, opts).arn

    def _serve(self, reader_role_arn: pulumi.Output[str]) -> pulumi.Output[str]:
        """Runs the pod once its roles exist. Returns an output that is known once it can serve."""
        args = self._args
        deployment = HardenedDeploymentArgs(
            workload=WORKLOAD,
            namespace=self._namespace,
            image=args.image,
            command=COMMAND,
            port=PORT,
            health_path=HEALTH_PATH,
            replicas=1,
            cpus=args.cpus,
            memory_gib=args.memory_gib,
            environment={
                ADDRESS_VARIABLE: args.address,
                ISSUER_VARIABLE: args.issuer_url,
                SETTINGS_ROLE_VARIABLE: reader_role_arn,
                REGION_VARIABLE: args.region,
                "HOME": "/tmp",
                "HTTPS_PROXY": args.proxy,
            },
        )
        return HardenedDeployment(f"{self._name}-server", deployment, self._child()).url

    def _balance(self) -> pulumi.Output[str]:
        """Creates the load balancer. It needs no pods, so it does not wait for them."""
        args = self._args
        balancer = InternalLoadBalancerArgs(
            namespace=self._namespace,
            workload=WORKLOAD,
            port=PORT,
            health_path=HEALTH_PATH,
            certificate_arn=args.certificate_arn,
            cidr=IPv4Network(args.network_cidr),
            subnet_ids=args.subnet_ids,
        )
        return InternalLoadBalancer(f"{self._name}-balancer", balancer, self._child()).host

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)


def _pod_may(args: PortalServerArgs) -> list[Statement]:
    """Builds all permissions of the pod's role: to become the reader of the settings. Session tags of pods are
    transitive, so they are sent again."""
    reader = arn_of("iam", "", args.settings_account_id, f"role{ROLE_PATH}{READER}")
    return [
        Statement(
            sid="BecomeTheReaderOfSettings",
            actions=["sts:AssumeRole", "sts:TagSession"],
            resources=[reader],
            conditions={"StringEquals": {"aws:ResourceOrgID": args.organization_id}},
        )
    ]


def _assumed_by_the_pod(pod_role_arn: pulumi.Output[str], args: PortalServerArgs) -> Statement:
    """Allows the pod to assume the role. EKS Pod Identity sets the tags, which no request can change."""
    tags = {
        "eks-cluster-arn": args.cluster_arn,
        "kubernetes-namespace": PORTAL,
        "kubernetes-service-account": WORKLOAD,
    }
    return Statement(
        sid="AssumedByThePodOfThePortal",
        principals={"AWS": [pod_role_arn]},
        actions=["sts:AssumeRole", "sts:TagSession"],
        conditions={
            "StringEquals": {
                "aws:PrincipalOrgID": args.organization_id,
                **{f"aws:PrincipalTag/{key}": value for key, value in tags.items()},
            }
        },
    )
