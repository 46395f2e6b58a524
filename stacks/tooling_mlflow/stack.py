"""The MLflow tracking server in the Kubernetes cluster, with its database, its bucket and its key.

It has a stack of its own, so that a cluster without it is the same, and because its data outlive the cluster.
"""

from __future__ import annotations

import pulumi

from components.cluster.tracking_permissions import TrackingStores
from components.cluster.tracking_server import TrackingEntrance, TrackingServer, TrackingServerArgs
from components.network.private_link_service import PrivateLinkService, PrivateLinkServiceArgs
from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.storage.postgres_database import PostgresDatabase, PostgresDatabaseArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.organization.cluster.tooling_cluster import ClusterSettings
from settings.organization.cluster.tracking_server import TrackingServerSettings
from settings.types.aws.bucket_names import organization_bucket_name
from settings.types.naming import TOOLING_ACCESS_LOGS, TRACKING_ARTIFACTS, TRACKING_SERVER, named
from stacks.shared.exports import export
from stacks.shared.outputs import OrganizationOutputs, ToolingClusterOutputs, ToolingMlflowOutputs, ToolingOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.providers.cluster import cluster_provider
from stacks.shared.references import read

DATABASE = "mlflow"


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the server. It names no team: the settings list the roles of its clients."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    tooling = read(ToolingOutputs, StackIdentity("tooling"))
    cluster = read(ToolingClusterOutputs, StackIdentity("tooling-cluster"))
    settings, server = _settings(stack, foundation)
    account_id = organization.accounts["tooling"]
    account = account_provider(foundation, stack, foundation.account_of_stack(stack), account_id)
    opts = pulumi.ResourceOptions(provider=account)

    key_arn = _key(stack, foundation, account_id, opts).arn
    bucket = _bucket(foundation, organization, account_id, key_arn, opts)
    database = PostgresDatabase(
        "database", _database(server, settings.log_retention_days, tooling, cluster, key_arn), opts
    )
    args = TrackingServerArgs(
        server_name=TRACKING_SERVER,
        role_name=stack.name,
        cluster_name=cluster.cluster_name,
        cluster_arn=cluster.cluster_arn,
        account_id=account_id,
        region=foundation.organization.home_region,
        network_cidr=str(foundation.organization.address_plan.kind_block("tooling")),
        repository=tooling.platform_repository,
        image_digest=server.image,
        clients=server.clients,
        database=DATABASE,
        stores=TrackingStores(
            database_address=database.address,
            database_port=database.port,
            database_resource_id=database.resource_id,
            secret_arn=database.secret_arn,
            bucket_name=bucket.bucket_name,
            bucket_arn=bucket.arn,
            key_arn=key_arn,
        ),
        replicas=server.replicas,
        cpus=server.cpus,
        memory_gib=server.memory_gib,
        entrance=_entrance(foundation, server, tooling),
    )
    providers = [account, cluster_provider(foundation, stack, cluster)]
    built = TrackingServer("mlflow", args, pulumi.ResourceOptions(providers=providers))
    link = _private_link(foundation, server, account_id, built, opts)
    export(
        ToolingMlflowOutputs,
        tracking_uri=built.tracking_uri,
        load_balancer_host=built.load_balancer_host,
        server_name=TRACKING_SERVER,
        endpoint_service_name=link and link.service_name,
        domain_record=link and link.domain_record,
        database_arn=database.arn,
        artifact_bucket=bucket.bucket_name,
    )


def _settings(stack: StackIdentity, foundation: Foundation) -> tuple[ClusterSettings, TrackingServerSettings]:
    settings = foundation.organization.tooling_cluster
    if settings is None or settings.mlflow is None:
        raise ValueError(f"the stack {stack.name} needs tooling_cluster.mlflow")
    return settings, settings.mlflow


def _key(
    stack: StackIdentity, foundation: Foundation, account_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> EncryptionKey:
    """Creates the key of the records, which outlives the stack as its backups do."""
    args = EncryptionKeyArgs(
        alias=f"plinth/{stack.name}",
        description="Records and artifacts of runs in the tracking server",
        account_id=account_id,
        region=foundation.organization.home_region,
        services=["rds", "s3", "secretsmanager"],
        durable=True,
    )
    return EncryptionKey("key", args, opts)


def _bucket(
    foundation: Foundation,
    organization: OrganizationOutputs,
    account_id: pulumi.Output[str],
    key_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> PrivateBucket:
    args = PrivateBucketArgs(
        bucket_name=_bucket_name(foundation, account_id, TRACKING_ARTIFACTS),
        key_arn=key_arn,
        organization_id=organization.organization_id,
        log_bucket_name=_bucket_name(foundation, account_id, TOOLING_ACCESS_LOGS),
    )
    return PrivateBucket("artifacts", args, opts)


def _bucket_name(foundation: Foundation, account_id: pulumi.Output[str], purpose: str) -> pulumi.Output[str]:
    settings = foundation.organization
    return account_id.apply(
        lambda known: organization_bucket_name(settings.name, purpose, account_id=known, region=settings.home_region)
    )


def _entrance(
    foundation: Foundation, server: TrackingServerSettings, tooling: ToolingOutputs
) -> TrackingEntrance | None:
    """Returns the load balancer. Clients of the endpoint service have addresses of the networks of teams."""
    if server.certificate is None:
        return None
    return TrackingEntrance(
        certificate_arn=server.certificate,
        subnet_ids=tooling.private_subnet_ids.first(ZONES_OF_SHARED_NETWORKS),
        further_cidrs=[] if server.private_link is None else [foundation.organization.address_plan.supernet],
    )


def _private_link(
    foundation: Foundation,
    server: TrackingServerSettings,
    account_id: pulumi.Input[str],
    built: TrackingServer,
    opts: pulumi.ResourceOptions,
) -> PrivateLinkService | None:
    """Offers the load balancer to the accounts of the clients."""
    link = server.private_link
    if link is None or server.host is None or built.load_balancer_host is None:
        return None
    args = PrivateLinkServiceArgs(
        label=TRACKING_SERVER,
        load_balancer_host=built.load_balancer_host,
        account_id=account_id,
        region=foundation.organization.home_region,
        host=server.host,
        verified=link.verified,
        account_ids=server.client_accounts,
    )
    return PrivateLinkService("private-link", args, opts)


def _database(
    server: TrackingServerSettings,
    log_retention_days: int,
    tooling: ToolingOutputs,
    cluster: ToolingClusterOutputs,
    key_arn: pulumi.Input[str],
) -> PostgresDatabaseArgs:
    """Returns the arguments of the database, which nodes and pods of the cluster reach."""
    return PostgresDatabaseArgs(
        identifier=named("DB instance", TRACKING_SERVER),
        database=DATABASE,
        instance_class=server.instance_class,
        storage_gib=server.storage_gib,
        snapshot=server.restore_from,
        backup_days=server.backup_days,
        log_retention_days=log_retention_days,
        vpc_id=tooling.vpc_id,
        subnet_ids=tooling.private_subnet_ids.first(ZONES_OF_SHARED_NETWORKS),
        client_security_group_id=cluster.security_group_id,
        key_arn=key_arn,
    )
