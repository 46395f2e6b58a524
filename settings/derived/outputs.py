"""Output contracts: what one stack promises to others. A field's name is the name of the stack's output."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from settings.data.lake import Part, Zone
from settings.types.kinds import DurableKind, Environment, OrganizationalUnitPath, TeamUnit
from settings.types.values import AccountId, List, OrganizationalUnitId, OrganizationId, Region


class OutputContract(BaseModel):
    """Read by other stacks, so fields are only ever added."""

    # More may have been written by a newer program than the one that reads.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    @classmethod
    def output_names(cls) -> tuple[str, ...]:
        return tuple(cls.model_fields)


class OrganizationOutputs(OutputContract):
    """What the stack ``organization`` promises."""

    organization_id: OrganizationId
    root_id: str
    management_account_id: AccountId
    organizational_units: Mapping[OrganizationalUnitPath, OrganizationalUnitId]
    accounts: Mapping[DurableKind, AccountId]
    """Of every durable kind of the phase, the account that it lands in."""
    guardrails: Mapping[str, str]
    """Policies that other stacks attach to the accounts they make, by name (``no-studio``)."""


class IdentityOutputs(OutputContract):
    """What the stack ``identity`` promises. All is empty where people sign in without IAM Identity Center."""

    instance_arn: str | None
    identity_store_id: str | None
    permission_sets: Mapping[str, str]
    """Name of a permission set -> its ARN."""
    groups: Mapping[str, str]
    """Persona whose group is everybody's -> id of that group."""


class AuditOutputs(OutputContract):
    """What the stack ``audit`` promises."""

    account_id: AccountId
    region: Region
    log_bucket_name: str
    log_bucket_arn: str
    """The archive, which every account's flow logs are delivered to."""


class NetworkOutputs(OutputContract):
    """What the stack ``network`` promises. Its network, gateway and profile exist only where endpoints are shared."""

    account_id: AccountId
    region: Region
    dns_rule_group_id: str
    """Rules of the DNS firewall for every network: AWS's names, and no others."""
    vpc_id: str | None
    transit_gateway_id: str | None
    callers_table_id: str | None
    """Route table of the transit gateway that leads to the endpoints and nowhere else."""
    endpoints_table_id: str | None
    """Route table by which the endpoints answer; each network that calls them adds the route to itself."""
    endpoint_profile_id: str | None
    """Route 53 Profile by which other networks find the shared endpoints."""


class DurableAccountOutputs(OutputContract):
    """What the stack of every durable account promises, and ``tooling`` no more than that."""

    account_id: AccountId
    region: Region
    vpc_id: str
    private_subnet_ids: List[str]
    key_arn: str
    permissions_boundary_arn: str


class DataLakeOutputs(DurableAccountOutputs):
    """What the stack ``data-lake`` promises beyond what every durable account does."""

    zone_buckets: Mapping[Zone, str]
    """Name of the bucket of each zone."""
    access_log_bucket: str
    """Name of the bucket that takes the access logs of all buckets of the lake."""
    databases: Mapping[Part, str]
    """Name of the database in which a part of every dataset is published."""
    features_database: str
    """Name of the database of offline stores of features."""
    endpoint_security_group_id: str | None
    """Group of the network's own endpoints; None where endpoints are shared."""
    gateway_prefix_list_ids: List[str]
    """Addresses behind the network's gateways, in the order of their names in the settings."""


class EtlOutputs(OutputContract):
    """What the stack ``etl`` promises to datasets that say how they are made."""

    script_bucket: str
    """Bucket of the scripts."""
    security_configuration: str
    """Encryption of everything that a job or crawler leaves."""
    connections: List[str]
    """By which jobs and crawlers join the network, one in each subnet."""
    dead_letter_queue_arn: str
    """Where events that reached nothing are kept, and what is told of runs that failed."""


class DatasetOutputs(OutputContract):
    """What the stack of a dataset promises."""

    table: str
    """Its name in the database of each part."""
    locations: Mapping[Part, str]
    """Where each part lies: ``s3://…/``."""
    access_points: Mapping[str, str]
    """Of a folder of objects the alias of each team's access point, for the place of a bucket's name:
    ``s3://<alias>/…``."""
    drop_points: Mapping[str, str]
    """Of results the alias by which each team's jobs lay them down."""


class FeatureGroupOutputs(OutputContract):
    """What the stack of a group of features promises."""

    arn: str
    """By which other accounts name it when they read its online store."""
    table: str | None
    """Name of its offline store in the database of features."""
    location: str | None
    """Where its offline store lies: ``s3://…/``."""


class GovernanceOutputs(DurableAccountOutputs):
    """What the stack ``governance`` promises beyond what every durable account does."""

    runner_role_arn: str | None
    """Role of the tasks that run stack operations; None where there is no account to deploy into."""


class TeamOutputs(OutputContract):
    """What a team's stack promises."""

    organizational_units: Mapping[TeamUnit, OrganizationalUnitId]
    accounts: Mapping[Environment, AccountId]
    """Of every environment of the phase, the account that it lands in."""


class TeamDataOutputs(OutputContract):
    """What the stack of a team's data promises."""

    tag: str
    """Key of the LF-tag that datasets carry for the team to read them."""
    workgroups: Mapping[Environment, str]
    """In which each environment asks."""
    data_apis: Mapping[Environment, str] = {}
    """URL by environment, where datasets are served."""


class EnvironmentOutputs(OutputContract):
    """What the stack of a team's environment promises."""

    account_id: AccountId
    region: Region
    vpc_id: str
    private_subnet_ids: List[str]
    key_arn: str
    bucket_name: str
    bucket_arn: str
    access_log_bucket_name: str
    workload_security_group_id: str
    """Group of jobs."""
    studio_security_group_id: str | None
    """Doors of Studio's apps; there where people work."""
    permissions_boundary_arn: str
    role_arns: Mapping[str, str]
    spark_application_id: str | None = None
    """On which jobs of Spark are started, where there is Spark."""
    api_endpoint_id: str | None = None
    """By which private APIs are asked, where there is a data API."""


class IntakeOutputs(OutputContract):
    """What the stack of an environment's intakes promises."""

    state_machines: Mapping[str, str]
    """ARN by intake: what a person starts who tries again."""
    queues: Mapping[str, str]
    """URL by step that Glue does: what a pipeline's Callback step sends to."""
    role_arn: str | None
    """Role that asks the lake, where there is an intake."""
    claims_table: str
    """Where intakes claim what they do."""
    dead_letter_queue_url: str
    """Where what failed is kept."""


class StudioOutputs(OutputContract):
    """What the stack of an environment's Studio promises; those of further users say the same again."""

    account_id: AccountId
    region: Region
    domain_id: str
    url: str
    """Where people enter."""
    bucket_name: str
    bucket_arn: str
    """Where people keep their own work, and what they share."""
    user_role_arns: Mapping[str, str]
    """Role by user, of those whom this stack holds."""
