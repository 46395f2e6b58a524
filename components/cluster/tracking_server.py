"""An MLflow tracking server in a cluster, with its database, its bucket and its IAM roles."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.batch.v1 import JobSpecArgs
from pulumi_kubernetes.core.v1 import PodTemplateSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from components.cluster.balancing.internal_load_balancer import InternalLoadBalancer, InternalLoadBalancerArgs
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs
from components.cluster.hardened_deployment import NAME_LABEL, HardenedDeployment, HardenedDeploymentArgs
from components.cluster.hardened_pod import HardenedPodArgs, hardened_pod
from components.cluster.tracking_permissions import PREPARER, SERVER, TrackingStores, preparer_may, server_may
from components.cluster.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.identity.iam.statements import Statement
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from components.storage.database_parts import PORT as DATABASE_PORT
from settings.types.aws.database_authorities import AUTHORITIES_VARIABLE, RDS_AUTHORITIES
from settings.types.naming import named

PORT = 8080
HEALTH_PATH = "/health"
DATABASE_USER = "mlflow"
"""User of the database that the server signs in as, with a token of IAM."""
_SERVE, _PREPARE = ("python", "-m", "runtime.tracking.serve"), ("python", "-m", "runtime.tracking.prepare")
_PREPARING_CPUS, _PREPARING_GIB = 1, 1
_SHORT_DIGEST = 12
"""Characters of a digest in the name of a Job."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackingEntrance:
    """A load balancer through which clients outside the cluster reach a tracking server."""

    certificate_arn: str
    """ARN of its certificate in ACM, in the account and region of the cluster."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of its subnets, one for each zone."""

    further_cidrs: Sequence[IPv4Network] = ()
    """CIDR blocks of further networks, whose clients come through an endpoint service."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackingServerArgs:
    """Arguments of :class:`TrackingServer`."""

    server_name: str
    """Name of the server, of its namespace, and in the tokens of its clients."""

    role_name: str
    """Name of the server's role, and prefix of the names of the other role and of their boundary."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster."""

    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, whose pods alone may use the roles."""

    account_id: pulumi.Input[str]
    """Id of the cluster's account."""

    region: str
    """Region of the cluster, the database and the bucket."""

    network_cidr: str
    """CIDR block of the network of the database."""

    repository: pulumi.Input[str]
    """Address of the ECR repository of the image."""

    image_digest: str
    """Digest of the image (``sha256:…``)."""

    clients: Mapping[str, Sequence[str]]
    """ARNs of the IAM roles that may log and read runs, by workspace of MLflow. A role has one workspace."""

    database: str
    """Name of the database."""

    stores: TrackingStores
    """The database, the bucket and the key of the server."""

    replicas: int
    """Number of pods, at least 1."""

    cpus: int
    """vCPUs that each pod requests."""

    memory_gib: int
    """Memory that each pod may use, in GiB."""

    entrance: TrackingEntrance | None = None
    """Load balancer in front of the pods. Default: none, so that only pods of the cluster reach the server."""


class TrackingServer(pulumi.ComponentResource):
    """Pods that serve the API and the pages of MLflow inside the cluster, to the IAM roles of its clients and to nobody
    else. Each client works in the workspace of its role, and sees no other.

    The server signs in to its database with tokens of its IAM role and keeps artifacts in its bucket, so that clients
    need neither a password nor access to the bucket. Before the server starts, a Job creates the user of the database
    and upgrades the tables. The Job alone may read the password of the master user. A new image runs a new Job.

    ``opts`` need a provider of the account and one of the cluster.

    Creates: the namespace with its guards; network policies for clients in the cluster and for the database; the
    permissions boundary and two roles of IAM, with their associations; the service account and the Job; the server; its
    load balancer -> ``entrance`` is given.

    Outputs: ``tracking_uri``, ``load_balancer_host``.

    Raises: ValueError when there is no replica.

    Cost: the instances of its pods. The database and the bucket are separate.

    Example::

        TrackingServer("mlflow", TrackingServerArgs(
            server_name="plinth-mlflow", role_name="tooling-mlflow", cluster_name=cluster.cluster_name,
            cluster_arn=cluster.arn, account_id="111111111111", region="eu-west-1", network_cidr="10.0.128.0/19",
            repository=repository.url, image_digest="sha256:…", database="mlflow", stores=stores,
            clients={"fraud": ["arn:aws:iam::222222222222:role/plinth/job"]}, replicas=2, cpus=1, memory_gib=2,
        ), pulumi.ResourceOptions(providers=[account_provider, cluster_provider]))
    """

    tracking_uri: pulumi.Output[str]
    """URL of the server inside the cluster; known once its pods can serve."""
    load_balancer_host: pulumi.Output[str] | None
    """DNS name of the load balancer, or None without one."""

    def __init__(self, name: str, args: TrackingServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:TrackingServer", name, None, opts)
        self._name, self._args = name, args
        self._image = pulumi.Output.concat(args.repository, "@", args.image_digest)
        self._namespace = self._guarded_namespace()
        self._allow_traffic()
        identities = self._identities()
        prepared = self._prepare(identities[PREPARER])
        self.tracking_uri = self._serve(after=[prepared.id, identities[SERVER].role_arn])
        self.load_balancer_host = self._balance(args.entrance) if args.entrance is not None else None
        self.register_outputs({"tracking_uri": self.tracking_uri, "load_balancer_host": self.load_balancer_host})

    def _guarded_namespace(self) -> pulumi.Output[str]:
        args = self._args
        pods = args.replicas + 1
        """One more while an update replaces pods."""
        guarded = GuardedNamespaceArgs(
            namespace=args.server_name,
            cpus=pods * args.cpus + _PREPARING_CPUS,
            memory_gib=pods * args.memory_gib + _PREPARING_GIB,
            pods=pods + 1,
            load_balancers=1,
        )
        opts = pulumi.ResourceOptions(parent=self)
        return GuardedNamespace(f"{self._name}-namespace", guarded, opts).namespace

    def _allow_traffic(self) -> None:
        """Allows clients in all namespaces to reach the server, which asks for their role, and all pods the database,
        which also admits members of its clients' security group only."""
        anywhere = NetworkPolicyPeerArgs(namespace_selector=LabelSelectorArgs())
        network = NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=self._args.network_cidr))
        policies = {
            "clients": NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(match_labels={NAME_LABEL: SERVER}),
                policy_types=["Ingress"],
                ingress=[NetworkPolicyIngressRuleArgs(from_=[anywhere], ports=[_tcp(PORT)])],
            ),
            "database": NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(),
                policy_types=["Egress"],
                egress=[NetworkPolicyEgressRuleArgs(to=[network], ports=[_tcp(DATABASE_PORT)])],
            ),
        }
        for suffix, spec in policies.items():
            kubernetes.networking.v1.NetworkPolicy(
                f"{self._name}-{suffix}",
                metadata=ObjectMetaArgs(name=f"allow-{suffix}", namespace=self._namespace),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _identities(self) -> dict[str, WorkloadIdentity]:
        """Creates the roles of both service accounts."""
        args = self._args
        permissions = {
            SERVER: server_may(args.stores, args.region, args.account_id, DATABASE_USER),
            PREPARER: preparer_may(args.stores, args.region, args.account_id, DATABASE_USER),
        }
        boundary = RoleCeiling(
            f"{self._name}-boundary",
            RoleCeilingArgs(
                policy_name=named("policy", args.role_name, "boundary"),
                description="Ceiling of the roles of the tracking server",
                statements=list({each.sid: each for every in permissions.values() for each in every}.values()),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return {
            SERVER: self._identity(SERVER, args.role_name, "Serves MLflow", permissions[SERVER], boundary.arn),
            PREPARER: self._identity(
                PREPARER,
                named("role", args.role_name, PREPARER),
                "Prepares the database of MLflow",
                permissions[PREPARER],
                boundary.arn,
            ),
        }

    def _identity(
        self,
        account: str,
        role_name: str,
        description: str,
        permissions: Sequence[Statement],
        boundary_arn: pulumi.Input[str],
    ) -> WorkloadIdentity:
        identity = WorkloadIdentityArgs(
            cluster_name=self._args.cluster_name,
            cluster_arn=self._args.cluster_arn,
            account_id=self._args.account_id,
            namespace=self._args.server_name,
            service_account=account,
            role_name=role_name,
            description=description,
            permissions=permissions,
            boundary_arn=boundary_arn,
        )
        return WorkloadIdentity(f"{self._name}-{account}-identity", identity, pulumi.ResourceOptions(parent=self))

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        args = self._args
        return {
            "AWS_REGION": args.region,
            AUTHORITIES_VARIABLE: RDS_AUTHORITIES,
            "TRACKING_DATABASE_HOST": args.stores.database_address,
            "TRACKING_DATABASE_NAME": args.database,
            "TRACKING_DATABASE_PORT": pulumi.Output.from_input(args.stores.database_port).apply(str),
            "TRACKING_DATABASE_USER": DATABASE_USER,
        }

    def _prepare(self, identity: WorkloadIdentity) -> kubernetes.batch.v1.Job:
        """Runs a Job once for each image. Its name contains the digest, because a Job cannot change."""
        metadata = ObjectMetaArgs(name=PREPARER, namespace=self._namespace)
        account = kubernetes.core.v1.ServiceAccount(
            f"{self._name}-{PREPARER}-account",
            metadata=metadata,
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        pod = HardenedPodArgs(
            image=self._image,
            command=_PREPARE,
            service_account=PREPARER,
            environment={**self._environment(), "TRACKING_MASTER_SECRET": self._args.stores.secret_arn},
            cpus=_PREPARING_CPUS,
            memory_gib=_PREPARING_GIB,
            restart="Never",
        )
        short = self._args.image_digest.removeprefix("sha256:")[:_SHORT_DIGEST]
        labels = {NAME_LABEL: PREPARER}
        return kubernetes.batch.v1.Job(
            f"{self._name}-{PREPARER}",
            metadata=ObjectMetaArgs(name=f"{PREPARER}-{short}", namespace=self._namespace, labels=labels),
            spec=JobSpecArgs(
                # The database may not accept connections yet, and a new identity takes seconds to reach the nodes.
                backoff_limit=6,
                template=PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=labels), spec=hardened_pod(pod)),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account, identity]),
        )

    def _serve(self, *, after: Sequence[pulumi.Output[str]]) -> pulumi.Output[str]:
        """Runs the server once the outputs ``after`` are known: its image is known no sooner."""
        args = self._args
        image = pulumi.Output.all(self._image, *after).apply(lambda known: str(known[0]))
        server: Mapping[str, pulumi.Input[str]] = {
            "TRACKING_ARTIFACTS": pulumi.Output.concat("s3://", args.stores.bucket_name),
            "TRACKING_CLIENTS": json.dumps({name: list(roles) for name, roles in args.clients.items()}, sort_keys=True),
            "TRACKING_PORT": str(PORT),
            "TRACKING_SERVER": args.server_name,
        }
        deployment = HardenedDeploymentArgs(
            workload=SERVER,
            namespace=self._namespace,
            image=image,
            command=_SERVE,
            port=PORT,
            health_path=HEALTH_PATH,
            replicas=args.replicas,
            cpus=args.cpus,
            memory_gib=args.memory_gib,
            environment={**self._environment(), **server},
        )
        return HardenedDeployment(f"{self._name}-server", deployment, pulumi.ResourceOptions(parent=self)).url

    def _balance(self, entrance: TrackingEntrance) -> pulumi.Output[str]:
        """Creates the load balancer. It needs no pods, so it does not wait for them."""
        balancer = InternalLoadBalancerArgs(
            namespace=self._namespace,
            workload=SERVER,
            port=PORT,
            health_path=HEALTH_PATH,
            certificate_arn=entrance.certificate_arn,
            cidr=IPv4Network(self._args.network_cidr),
            subnet_ids=entrance.subnet_ids,
            further_cidrs=entrance.further_cidrs,
        )
        return InternalLoadBalancer(f"{self._name}-balancer", balancer, pulumi.ResourceOptions(parent=self)).host


def _tcp(port: int) -> NetworkPolicyPortArgs:
    return NetworkPolicyPortArgs(port=port, protocol="TCP")
