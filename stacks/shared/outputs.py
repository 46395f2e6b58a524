"""Output contracts: the outputs of each kind of stack that other stacks may read.

The name of an attribute is the name of the stack's output.
"""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Output

from settings.data.lake import Part, Zone
from settings.team.delivery import Repository
from settings.types.kinds import DurableKind, Environment, OrganizationalUnitPath, TeamUnit
from settings.types.values import AccountId, OrganizationalUnitId, OrganizationId, Region
from stacks.shared.output_contract import OptionalOutput, OutputContract, OutputList, OutputMap


class OrganizationOutputs(OutputContract):
    """Outputs of the stack ``organization``."""

    organization_id: Output[OrganizationId]
    root_id: Output[str]
    management_account_id: Output[AccountId]
    organizational_units: OutputMap[OrganizationalUnitPath, OrganizationalUnitId]
    accounts: OutputMap[DurableKind, AccountId]
    """Account that each durable kind of the phase lands in."""
    guardrails: OutputMap[str, str]
    """Ids of the policies that other stacks attach to the accounts they create, by name (``no-studio``)."""


class IdentityOutputs(OutputContract):
    """Outputs of the stack ``identity``. All are empty when people sign in without IAM Identity Center."""

    instance_arn: OptionalOutput[str]
    identity_store_id: OptionalOutput[str]
    permission_sets: OutputMap[str, str]
    """ARN of each permission set, by name."""
    groups: OutputMap[str, str]
    """Id of the group of each persona that serves the whole organization."""


class AuditOutputs(OutputContract):
    """Outputs of the stack ``audit``."""

    account_id: Output[AccountId]
    region: Output[Region]
    log_bucket_name: Output[str]
    log_bucket_arn: Output[str]
    """ARN of the log archive, which receives the flow logs of every account."""
    configuration_bucket_name: Output[str]
    """Name of the bucket to which the configuration recorder of every account delivers."""


class AuditReplicaOutputs(OutputContract):
    """Outputs of the stack ``audit-replica``."""

    region: Output[Region]
    """The second region."""
    log_bucket_name: Output[str]
    """Name of the copy of the log archive."""
    key_arn: Output[str]
    """Key of the copy."""


class NetworkOutputs(OutputContract):
    """Outputs of the stack ``network``. Its network, gateway and profile exist only with shared endpoints."""

    account_id: Output[AccountId]
    region: Output[Region]
    dns_rule_group_id: Output[str]
    """DNS firewall rules for every network. They allow the names of AWS and no others."""
    vpc_id: OptionalOutput[str]
    transit_gateway_id: OptionalOutput[str]
    callers_table_id: OptionalOutput[str]
    """Transit gateway route table that leads to the endpoints and nowhere else."""
    endpoints_table_id: OptionalOutput[str]
    """Transit gateway route table of the endpoints. Each network that calls them adds the return route to itself."""
    endpoint_profile_id: OptionalOutput[str]
    """Route 53 Profile that resolves the shared endpoints in other networks."""


class DurableAccountOutputs(OutputContract):
    """Outputs that every durable account's stack has."""

    account_id: Output[AccountId]
    region: Output[Region]
    vpc_id: Output[str]
    private_subnet_ids: OutputList[str]
    key_arn: Output[str]
    permissions_boundary_arn: Output[str]


class ToolingOutputs(DurableAccountOutputs):
    """Outputs of the stack ``tooling``. The security group exists only if a use case has a delivery, or if the
    account builds the platform's image."""

    artifact_bucket: Output[str]
    """Name of the bucket of registered models and build artifacts."""
    build_security_group_id: OptionalOutput[str]
    """Security group of builds."""
    platform_repository: Output[str]
    """Address of the ECR repository of the image with which promotions run."""
    program_url: OptionalOutput[str]
    """HTTPS URL of the CodeCommit repository of the program, if the account builds that image."""
    api_endpoint_id: OptionalOutput[str]
    """VPC endpoint for private APIs, through which the promotion tests them."""
    connection_arn: OptionalOutput[str]
    """Connection to the source provider of the organization, if it is not CodeCommit."""
    package_domain: OptionalOutput[str]
    """CodeArtifact domain of the package repository, if the organization has one."""
    request_table: Output[str]
    """Name of the table in which lead data scientists request use cases."""


class ToolingClusterOutputs(OutputContract):
    """Outputs of the stack ``tooling-cluster``, for stacks that deploy into the cluster."""

    account_id: Output[AccountId]
    region: Output[Region]
    cluster_name: Output[str]
    cluster_arn: Output[str]
    endpoint: Output[str]
    """URL of the Kubernetes API, which only addresses of the tooling network reach."""
    certificate_authority: Output[str]
    """Certificate of the authority that signed the API's certificate, in base64."""
    oidc_issuer: Output[str]
    """URL of the issuer of service account tokens."""
    security_group_id: Output[str]
    """Security group of the control plane and the nodes."""
    node_role_arn: Output[str]
    """Role of the nodes, for node classes."""


class ToolingPlatformOutputs(OutputContract):
    """Outputs of the stack ``tooling-platform``, for stacks of tools in the cluster."""

    storage_class: Output[str]
    """Name of the default storage class, whose volumes are encrypted."""
    namespaces: OutputMap[str, str]
    """Name of each namespace of the settings, by itself: a tool that reads it here exists after the guards."""
    load_balancer_hosts: OutputMap[str, str]
    """DNS name of the load balancer of each namespace that has one."""


class ToolingRunnerOutputs(OutputContract):
    """Outputs of the stack ``tooling-runner``, for commands that start Jobs."""

    namespace: Output[str]
    """Namespace of the Jobs; known once it has its guards."""
    service_account: Output[str]
    """Service account of the pods of Jobs; known once it may use its lease and its role."""
    image: Output[str]
    """Image of Jobs with its digest."""
    role_arn: Output[str]
    """ARN of the role of the pods, which assumes the deployer roles of accounts."""
    launcher_role_arn: OptionalOutput[str]
    """ARN of the role that starts Jobs; known once it may. None if only administrators of the cluster start Jobs."""


class ToolingMlflowOutputs(OutputContract):
    """Outputs of the stack ``tooling-mlflow``, for clients of the tracking server and for whoever restores it."""

    tracking_uri: Output[str]
    """URL of the tracking server, which pods of the cluster reach."""
    load_balancer_host: OptionalOutput[str]
    """DNS name of the load balancer of the tracking server, if it has one."""
    server_name: Output[str]
    """Name of the tracking server, which clients sign in their tokens."""
    endpoint_service_name: OptionalOutput[str]
    """Name of the endpoint service, if networks of teams reach the server; known once they can use its host name."""
    domain_record: OptionalOutput[dict[str, str]]
    """Record that shows AWS who owns the host name: its name, type and value."""
    database_arn: Output[str]
    """ARN of the DB instance with the records of runs."""
    artifact_bucket: Output[str]
    """Name of the bucket with the artifacts of runs."""


class ToolingPortalOutputs(OutputContract):
    """Outputs of the stack ``tooling-portal``, for whoever leads the name of the portal to it."""

    address: Output[str]
    """Address that browsers open."""
    load_balancer_host: Output[str]
    """DNS name of the load balancer of the portal."""


class ToolingCiOutputs(OutputContract):
    """Outputs of the stack ``tooling-ci``, for whoever stores the tokens of the runners."""

    token_secrets: OutputMap[str, str]
    """ARN of the secret with the token of the runner of each team."""
    job_namespaces: OutputMap[str, str]
    """Namespace of the jobs of each team; known once its runner may start."""
    job_role_arns: OutputMap[str, str]
    """ARN of the role of the jobs of each team. Empty if the organization has no package repository."""
    job_images: OutputList[str]
    """Images in which jobs may run, as definitions of jobs name them. The first one is the default."""


class DataLakeOutputs(DurableAccountOutputs):
    """Outputs of the stack ``data-lake``."""

    zone_buckets: OutputMap[Zone, str]
    """Name of the bucket of each zone."""
    access_log_bucket: Output[str]
    """Name of the bucket that receives the access logs of all buckets of the lake."""
    endpoint_security_group_id: OptionalOutput[str]
    """Security group of the network's own endpoints; None when endpoints are shared."""
    gateway_prefix_list_ids: OutputList[str]
    """Prefix lists of the network's gateway endpoints, in the order of the settings."""


class DataCatalogOutputs(OutputContract):
    """Outputs of the stack ``data-catalog``."""

    databases: OutputMap[Part, str]
    """Name of the database that holds one part of every dataset, by part."""
    features_database: Output[str]
    """Name of the database of the offline feature stores."""


class LakeReplicaOutputs(OutputContract):
    """Outputs of the stack ``lake-replica``. Stacks of object datasets read them, and so does a restore."""

    region: Output[Region]
    """The second region."""
    zone_buckets: OutputMap[Zone, str]
    """Name of the replica bucket of each zone."""
    access_log_bucket: Output[str]
    """Name of the bucket that receives the access logs of all replica buckets."""
    key_arn: Output[str]
    """Key of the replica buckets."""


class EtlOutputs(OutputContract):
    """Outputs of the stack ``etl``, used by datasets that have an ETL job or a crawler."""

    script_bucket: Output[str]
    """Name of the bucket that holds the scripts."""
    security_configuration: Output[str]
    """Glue security configuration, which encrypts the output of jobs and crawlers."""
    connections: OutputList[str]
    """Glue connections that attach jobs and crawlers to the network, one for each subnet."""
    dead_letter_queue_arn: Output[str]
    """Queue for events that could not be delivered and for notifications of failed runs."""


class DatasetOutputs(OutputContract):
    """Outputs of a dataset's stack."""

    table: Output[str]
    """Name of the dataset's table in the database of each part."""
    locations: OutputMap[Part, str]
    """Location of each part: ``s3://…/``."""
    replica_bucket: OptionalOutput[str]
    """Name of the bucket in the second region that has a copy of an object dataset; None if the lake has no second
    region."""
    access_points: OutputMap[str, str]
    """Access point alias of each team that reads an object dataset. It replaces the bucket name:
    ``s3://<alias>/…``."""
    drop_points: OutputMap[str, str]
    """Access point alias that each team's jobs write results to."""


class FeatureGroupOutputs(OutputContract):
    """Outputs of a feature group's stack."""

    arn: Output[str]
    """ARN that other accounts use to read the online store."""
    table: OptionalOutput[str]
    """Name of the offline store's table in the features database."""
    location: OptionalOutput[str]
    """Location of the offline store: ``s3://…/``."""


class GovernanceOutputs(DurableAccountOutputs):
    """Outputs of the stack ``governance``."""

    runner_role_arn: OptionalOutput[str]
    """Role of the tasks that run stack operations; None when there is no account to deploy into."""
    review_role_arn: Output[str]
    """Role of reviews of pull requests."""
    catalog: Output[str]
    """Name of the table of teams and requests."""
    request_project: OptionalOutput[str]
    """ARN of the build project that carries out requests; None if people run them."""
    settings_url: OptionalOutput[str]
    """URL of the repository from which these builds take the settings."""
    sink_arn: Output[str]
    """ARN of the sink to which accounts link that share the metrics of their models."""


class TeamOutputs(OutputContract):
    """Outputs of a team's stack."""

    organizational_units: OutputMap[TeamUnit, OrganizationalUnitId]
    accounts: OutputMap[Environment, AccountId]
    """Account that each environment of the phase lands in."""


class UseCaseOutputs(OutputContract):
    """Outputs of a use case's stack."""

    clone_urls: OutputMap[Repository, str]
    """HTTPS URL of each repository in CodeCommit, which builds read."""
    source_urls: OutputMap[Repository, str]
    """HTTPS URL of each repository at the source provider, to which people push. Empty with CodeCommit."""
    build_project: Output[str]
    """Name of the project that builds the build repository."""
    image_repositories: OutputMap[str, str]
    """Address of the ECR repository of each image."""
    model_package_groups: OutputMap[str, str]
    """ARN of the model package group of each permanent branch."""
    artifact_bucket: Output[str]
    """Name of the bucket of registered models."""
    minimum_gates: OutputMap[str, Mapping[str, float]]
    """Limits that the gates of the project may not undercut, by metric: ``{"f1": {"at_least": 0.8}}``."""
    role_arns: OutputMap[str, str]
    """ARN of each role: ``integration`` and ``promotion`` in the tooling account, ``operator`` and ``pipeline`` in
    development, and for each environment to which models are released, ``release-<environment>``,
    ``serving-<environment>`` and ``predict-<environment>``."""


class TeamDataOutputs(OutputContract):
    """Outputs of the stack of a team's data access."""

    tag: Output[str]
    """Key of the LF-tag on the datasets that the team reads."""
    workgroups: OutputMap[Environment, str]
    """Athena workgroup of each environment."""
    data_apis: OutputMap[Environment, str]
    """URL of the data API of each environment that has one."""


class EnvironmentOutputs(OutputContract):
    """Outputs of the stack of a team's environment."""

    account_id: Output[AccountId]
    region: Output[Region]
    vpc_id: Output[str]
    private_subnet_ids: OutputList[str]
    key_arn: Output[str]
    bucket_name: Output[str]
    bucket_arn: Output[str]
    access_log_bucket_name: Output[str]
    workload_security_group_id: Output[str]
    """Security group of jobs."""
    studio_security_group_id: OptionalOutput[str]
    """Security group of Studio apps, in environments that have a Studio."""
    permissions_boundary_arn: Output[str]
    role_arns: OutputMap[str, str]
    spark_application_id: OptionalOutput[str]
    """EMR Serverless application, in environments that have Spark."""
    api_endpoint_id: OptionalOutput[str]
    """VPC endpoint of private APIs, in environments that have a data API."""


class IntakeOutputs(OutputContract):
    """Outputs of the stack of an environment's intakes."""

    state_machines: OutputMap[str, str]
    """ARN of each intake's state machine, which a person starts to retry the intake."""
    queues: OutputMap[str, str]
    """URL of the queue of each Glue step, which a pipeline's Callback step sends to."""
    role_arn: OptionalOutput[str]
    """Role that queries the lake, in environments that have an intake."""
    claims_table: Output[str]
    """Name of the DynamoDB table that records which events were already processed."""
    dead_letter_queue_url: Output[str]
    """URL of the dead-letter queue of intakes and Glue steps."""


class StudioOutputs(OutputContract):
    """Outputs of the stack of an environment's Studio. Stacks of further users repeat those of the first."""

    account_id: Output[AccountId]
    region: Output[Region]
    domain_id: Output[str]
    url: Output[str]
    """Sign-in URL of the domain."""
    application_arn: OptionalOutput[str]
    """Identity Center application of the domain; None when people sign in without Identity Center."""
    bucket_name: Output[str]
    bucket_arn: Output[str]
    """ARN of the bucket for people's own work and the files they share."""
    user_role_arns: OutputMap[str, str]
    """Role of each user whom this stack holds."""
