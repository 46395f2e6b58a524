"""Planted violations: for each rule, resources that violate only that rule; and a program that is compliant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.policies.planted.resources import BUCKET, EVERYTHING, NO_HTTP, NO_OLD_TLS, Planted
from tests.policies.planted.resources.base import GROUP, SUBNETS
from tests.policies.planted.resources.clusters import NETWORKING, RBAC
from tests.policies.planted.resources.jobs import INSIDE
from tests.policies.planted.resources.models import IMAGE

EVERY_PRINCIPAL = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::planted/*"}
OTHER_ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::222222222222:role/reader"},
    "Action": "s3:PutBucketPolicy",
    "Resource": "arn:aws:s3:::planted",
}
EXPERIMENTER = "arn:aws:iam::123456789012:role/plinth/fraud-experimentation-execution"
NO_OTHER_NETWORK = {
    "Effect": "Deny",
    **EVERYTHING,
    "Condition": {"StringNotEqualsIfExists": {"aws:VpceOrgID": "o-planted1234"}},
}
EVERY_NETWORK_EXCEPTED = {
    "Effect": "Deny",
    **EVERYTHING,
    "Condition": {"NotIpAddressIfExists": {"aws:SourceIp": "0.0.0.0/0"}},
}
EVERY_TABLE = {"resource_type": "TABLE", "expressions": [{"key": "zone", "values": ["curated"]}]}
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:planted"
STRANGERS_TOPIC = "arn:aws:sns:eu-west-1:222222222222:planted"
POLICY_IN_A_STATE = json.dumps(
    {
        "StartAt": "Open",
        "States": {
            "Open": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:putBucketPolicy",
                "Arguments": {"Policy": {"Statement": [{"Effect": "Allow", "Principal": "*"}]}},
                "End": True,
            }
        },
    }
)
MODEL_PACKAGES = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/*"
TOO_MANY = [f"arn:aws:s3:::planted-{number}/*" for number in range(250)]
"""More resources than a managed policy can name."""
WEB_IDENTITY = {
    "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
}

DEVELOPMENT, TEAM = "fraud-development", "fraud"
PREPRODUCTION, PRODUCTION = "fraud-preproduction", "fraud-production"
CLUSTER = "governance"
DATASET = "data-lake--fraud-scores"
LAKE, NETWORK, ORGANIZATION, IDENTITY, AUDIT = "data-lake", "network", "organization", "identity", "audit"


@dataclass(frozen=True)
class Violation:
    """A planted violation, named after the rule's id, and the stack in which the rule refuses it."""

    plant: Callable[[Planted], object]
    stack: str = DEVELOPMENT
    also: tuple[str, ...] = ()
    """Other rules that the same resources unavoidably violate."""
    named: str | None = None
    """Name of the refused resource, if it is not the planted one. For a missing resource, it is the provider."""


def nothing(_planted: Planted) -> None:
    """Plants no resource, because the violation is that a resource is missing."""


VIOLATIONS: Mapping[str, Violation] = {
    "ST-11": Violation(lambda planted: planted.event_target(dead_letter_config=None)),
    "EB-01": Violation(lambda planted: planted.event_bus(kms_key_identifier=None)),
    "CB-01": Violation(lambda planted: planted.build_project(vpc_config=None), "tooling", ("ST-02",)),
    "CB-02": Violation(lambda planted: planted.webhook("PULL_REQUEST_CREATED"), "tooling"),
    "CB-04": Violation(
        lambda planted: planted.build_project(
            environment={
                "compute_type": "BUILD_GENERAL1_SMALL",
                "image": "aws/codebuild/standard:7.0",
                "type": "LINUX_CONTAINER",
                "privileged_mode": True,
            }
        ),
        "tooling",
        ("ST-02",),
    ),
    "CC-01": Violation(lambda planted: planted.code_repository(kms_key_id=None), "tooling"),
    "EC-01": Violation(lambda planted: planted.image_repository(image_tag_mutability="MUTABLE"), "tooling"),
    "CA-01": Violation(lambda planted: planted.package_domain(encryption_key=None), "tooling"),
    "SF-01": Violation(lambda planted: planted.state_machine(tracing_configuration={"enabled": False})),
    "AG-01": Violation(lambda planted: planted.api(types="REGIONAL")),
    "AG-02": Violation(lambda planted: planted.api(validator=None)),
    "LM-01": Violation(lambda planted: planted.function(vpc_config=None)),
    "EM-01": Violation(lambda planted: planted.spark(maximum_capacity=None)),
    "DD-01": Violation(lambda planted: planted.table(point_in_time_recovery={"enabled": False})),
    "RD-01": Violation(lambda planted: planted.database(publicly_accessible=True)),
    "RD-02": Violation(lambda planted: planted.database(backup_retention_period=1)),
    "RD-03": Violation(lambda planted: planted.database(iam_database_authentication_enabled=False)),
    "RD-04": Violation(lambda planted: planted.parameter_group([{"name": "rds.force_ssl", "value": "0"}])),
    "RD-05": Violation(lambda planted: planted.database(enabled_cloudwatch_logs_exports=["upgrade"])),
    "CW-01": Violation(lambda planted: planted.log_group(retention_in_days=30)),
    "CW-02": Violation(lambda planted: planted.metrics_link("AWS::CloudWatch::Metric", "AWS::Logs::LogGroup")),
    "AT-01": Violation(lambda planted: planted.workgroup(enforce_workgroup_configuration=False)),
    "GL-01": Violation(lambda planted: planted.catalog_policy(EVERY_PRINCIPAL), also=("ST-06",)),
    "LF-01": Violation(lambda planted: planted.lake_settings(allow_external_data_filtering=True)),
    "LF-02": Violation(lambda planted: planted.data_grant(permissions=["ALL"])),
    "LF-03": Violation(lambda planted: planted.data_grant(principal=EXPERIMENTER), also=("ST-10",)),
    "LF-04": Violation(lambda planted: planted.partitioned_table("customer", readable=["amount"])),
    "IA-01": Violation(
        lambda planted: planted.policy("*", "*"),
        also=("IA-02", "IA-05", "IA-06", "IA-12", "IA-13", "IA-14", "KM-03", "ST-19"),
    ),
    "IA-02": Violation(lambda planted: planted.policy("sns:*", "arn:aws:sns:eu-west-1:123456789012:planted")),
    "IA-03": Violation(
        lambda planted: (planted.role(), planted.attachment("arn:aws:iam::aws:policy/AdministratorAccess"))
    ),
    "IA-04": Violation(lambda planted: planted.role(permissions_boundary=None)),
    "IA-05": Violation(lambda planted: planted.policy("iam:PassRole", "arn:aws:iam::123456789012:role/plinth/a")),
    "IA-06": Violation(lambda planted: planted.policy("lambda:UpdateFunctionCode", FUNCTION)),
    "IA-07": Violation(
        lambda planted: planted.role(trust={"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}), also=("ST-05",)
    ),
    "IA-08": Violation(
        lambda planted: planted.role(trust={"Principal": {"Service": "sagemaker.amazonaws.com"}}), also=("ST-05",)
    ),
    "IA-09": Violation(lambda planted: planted.role(trust=WEB_IDENTITY), also=("ST-05",)),
    "IA-10": Violation(lambda planted: planted.user(), also=("OR-08",)),
    "IA-11": Violation(lambda planted: planted.policy("s3:GetObject", not_resource="arn:aws:s3:::b"), also=("IA-02",)),
    "IA-12": Violation(lambda planted: planted.policy("sagemaker:UpdateModelPackage", MODEL_PACKAGES)),
    "IA-13": Violation(lambda planted: planted.policy("s3:PutObject", "arn:aws:s3:::acme-lake-raw/*")),
    "IA-14": Violation(lambda planted: planted.role(max_session_duration=7200)),
    "IA-15": Violation(lambda planted: planted.policy("s3:GetObject", TOO_MANY)),
    "IA-16": Violation(lambda planted: planted.attached_boundary()),
    "IA-17": Violation(lambda planted: planted.policy("s3:GetObject", "arn:aws-cn:s3:::planted/scores.csv")),
    "IA-18": Violation(
        lambda planted: planted.bucket_policy(NO_HTTP, NO_OLD_TLS, EVERY_NETWORK_EXCEPTED),
    ),
    "KM-01": Violation(lambda planted: planted.key(enable_key_rotation=False)),
    "KM-02": Violation(lambda planted: planted.key(policy=None)),
    "KM-03": Violation(lambda planted: planted.key(deletion_window_in_days=7, protect=True), LAKE),
    "NW-01": Violation(lambda planted: planted.gateway()),
    "NW-02": Violation(lambda planted: planted.subnet(map_public_ip_on_launch=True)),
    "NW-03": Violation(lambda planted: planted.ingress_rule("0.0.0.0/0")),
    "NW-04": Violation(lambda planted: planted.egress_rule("0.0.0.0/0")),
    "NW-05": Violation(lambda planted: planted.endpoint(private_dns_enabled=False)),
    "NW-06": Violation(lambda planted: planted.endpoint(policy=None)),
    "NW-07": Violation(lambda planted: planted.share(allow_external_principals=True)),
    "NW-08": Violation(lambda planted: planted.metadata_defaults(http_tokens="optional")),
    "NW-09": Violation(lambda planted: planted.firewall(delete_protection=False)),
    "OR-01": Violation(lambda planted: planted.organization(enabled_policy_types=["TAG_POLICY"]), ORGANIZATION),
    "OR-02": Violation(lambda planted: planted.trail(is_multi_region_trail=False)),
    "OR-03": Violation(lambda planted: planted.delegations(), ORGANIZATION, named="management"),
    "OR-04": Violation(lambda planted: planted.account(close_on_deletion=True), TEAM),
    "OR-05": Violation(lambda planted: planted.provider(default_tags={"tags": {"plinth:team": "planted"}})),
    "OR-06": Violation(lambda planted: planted.provider(allowed_account_ids=None)),
    "OR-07": Violation(lambda planted: planted.key(), LAKE),
    "OR-08": Violation(lambda planted: planted.account_alias()),
    "OR-09": Violation(lambda planted: planted.alarm(alarm_actions=[STRANGERS_TOPIC])),
    "OR-11": Violation(lambda planted: planted.parameter("s3://strangers-scores/a.csv")),
    "OR-12": Violation(lambda planted: planted.parameter("https://collector.example.org/in")),
    "OR-13": Violation(
        lambda planted: planted.state_machine(
            definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Image": "python:3.12"}}})
        )
    ),
    "OR-14": Violation(lambda planted: planted.provider(insecure=True)),
    "OR-10": Violation(lambda planted: planted.state_machine(definition=POLICY_IN_A_STATE)),
    "S3-01": Violation(lambda planted: planted.public_access_block(block_public_policy=False)),
    "S3-02": Violation(lambda planted: planted.ownership("ObjectWriter")),
    "S3-03": Violation(lambda planted: planted.encryption(sse_algorithm="AES256", kms_master_key_id=None)),
    "S3-04": Violation(lambda planted: planted.versioning("Suspended")),
    "S3-05": Violation(lambda planted: planted.logging(BUCKET)),
    "S3-06": Violation(lambda planted: planted.bucket_policy(NO_OLD_TLS)),
    "S3-07": Violation(lambda planted: planted.bucket_policy(NO_HTTP, NO_OLD_TLS, EVERY_PRINCIPAL), also=("ST-06",)),
    "S3-08": Violation(lambda planted: planted.bucket_policy(NO_HTTP, NO_OLD_TLS, OTHER_ACCOUNT), also=("ST-06",)),
    "S3-09": Violation(lambda planted: planted.bucket_policy(), LAKE),
    "S3-10": Violation(lambda planted: planted.bucket(force_destroy=True, protect=True), LAKE, ("ST-04",)),
    "S3-11": Violation(lambda planted: planted.bucket(bucket="planted", bucket_namespace=None), also=("ST-04",)),
    "S3-12": Violation(
        lambda planted: planted.bucket(bucket="planted-logs-123456789012-eu-west-1-an"), also=("ST-04",)
    ),
    "SE-01": Violation(
        lambda planted: planted.parameter("postgres://scoring:hunter2@db.acme.example/scores"), also=("OR-12", "SE-02")
    ),
    "SE-02": Violation(lambda planted: planted.deployment(env=[{"name": "DB_PWD", "value": "hunter2"}]), CLUSTER),
    "SN-01": Violation(lambda planted: planted.subscription("stranger@elsewhere.example")),
    "SM-01": Violation(lambda planted: planted.domain(app_network_access_type="PublicInternetOnly")),
    "SM-02": Violation(lambda planted: planted.domain(kms_key_id=None)),
    "SM-03": Violation(lambda planted: planted.domain(auth_mode="IAM")),
    "SM-04": Violation(
        lambda planted: planted.domain(
            domain_settings={
                "execution_role_identity_config": "USER_PROFILE_NAME",
                "docker_settings": {"enable_docker_access": "ENABLED"},
            }
        )
    ),
    "SM-05": Violation(lambda planted: planted.domain(), PRODUCTION),
    "SM-06": Violation(lambda planted: planted.notebook(direct_internet_access="Enabled")),
    "SM-07": Violation(lambda planted: planted.notebook(root_access="Enabled")),
    "SM-08": Violation(lambda planted: planted.notebook(platform_identifier="notebook-al2-v3")),
    "SM-09": Violation(lambda planted: planted.model(enable_network_isolation=False)),
    "SM-10": Violation(
        lambda planted: planted.model(vpc_config={"subnets": SUBNETS[:1], "security_group_ids": [GROUP]})
    ),
    "SM-13": Violation(lambda planted: planted.endpoint_configuration(kms_key_arn=None)),
    "SM-14": Violation(lambda planted: planted.endpoint_configuration({"initial_instance_count": 1}), PRODUCTION),
    "SM-15": Violation(lambda planted: planted.endpoint_configuration({"enable_ssm_access": True})),
    "SM-16": Violation(lambda planted: planted.endpoint_configuration(data_capture_config=None), PRODUCTION),
    "SM-17": Violation(lambda planted: planted.served(deployment_config=None), PRODUCTION, ("ST-08",)),
    "SM-18": Violation(lambda planted: planted.feature_group(online_key=None), LAKE),
    "ST-19": Violation(lambda planted: planted.feature_group(table=None), LAKE),
    "SM-11": Violation(
        lambda planted: planted.image_version("public.ecr.aws/docker/library/python:3.12"), also=("OR-13",)
    ),
    "SM-12": Violation(lambda planted: planted.model(primary_container={"image": IMAGE}), PRODUCTION),
    "SM-19": Violation(
        lambda planted: planted.data_quality(network_config={**INSIDE, "enable_network_isolation": False})
    ),
    "SM-20": Violation(lambda planted: planted.monitoring_schedule(stopping_conditions=[])),
    "SM-21": Violation(lambda planted: planted.pipeline({"VpcConfig": None})),
    "SM-22": Violation(lambda planted: planted.pipeline(role_arn=EXPERIMENTER)),
    "SM-23": Violation(lambda planted: planted.package_group()),
    "SM-24": Violation(lambda planted: planted.package_group_policy("sagemaker:UpdateModelPackage")),
    "SM-25": Violation(
        lambda planted: planted.tracking_server(artifact_store_uri="s3://planted/artifacts"), also=("OR-11",)
    ),
    "ST-01": Violation(lambda planted: planted.network()),
    "ST-02": Violation(lambda planted: planted.alarm(alarm_actions=[])),
    "ST-03": Violation(lambda planted: planted.network("172.17.0.0/16"), NETWORK),
    "ST-04": Violation(lambda planted: planted.bucket()),
    "ST-05": Violation(lambda planted: planted.attachment("arn:aws:iam::aws:policy/SecurityAudit")),
    "ST-06": Violation(
        lambda planted: planted.bucket_policy(NO_HTTP, NO_OLD_TLS, {**OTHER_ACCOUNT, "Action": "s3:GetObject"})
    ),
    "ST-07": Violation(lambda planted: planted.log_group(kms_key_id=planted.key().arn)),
    "ST-08": Violation(lambda planted: planted.served(), PRODUCTION),
    "ST-10": Violation(
        lambda planted: (
            planted.bucket_policy(NO_HTTP, NO_OLD_TLS, NO_OTHER_NETWORK, {**OTHER_ACCOUNT, "Action": "s3:GetObject"}),
            planted.data_grant(lf_tag_policy=EVERY_TABLE),
        ),
        LAKE,
        ("ST-06",),
    ),
    "ST-13": Violation(lambda planted: planted.account("development"), TEAM, named="management"),
    "ST-14": Violation(lambda planted: planted.subnet(assign_ipv6_address_on_creation=True), PRODUCTION),
    "ST-15": Violation(lambda planted: planted.log_group(), PRODUCTION, named="management"),
    "ST-16": Violation(lambda planted: planted.unit("ST-16"), ORGANIZATION),
    "EK-01": Violation(
        lambda planted: planted.cluster(vpc_config={"subnet_ids": SUBNETS, "endpoint_private_access": True}), CLUSTER
    ),
    "EK-02": Violation(lambda planted: planted.cluster(encryption_config=None), CLUSTER),
    "EK-03": Violation(lambda planted: planted.cluster(enabled_cluster_log_types=["api"]), CLUSTER),
    "EK-04": Violation(lambda planted: planted.cluster(access_config={"authentication_mode": "CONFIG_MAP"}), CLUSTER),
    "EK-05": Violation(lambda planted: planted.pod_identity(service_account="default"), CLUSTER),
    "EK-06": Violation(lambda planted: planted.cluster(version="1.33"), CLUSTER),
    "EK-07": Violation(lambda planted: planted.node_group(launch_template=None), CLUSTER),
    "EK-08": Violation(lambda planted: planted.cluster_provider(skipUpdateUnreachable="true"), CLUSTER),
    "KU-01": Violation(lambda planted: planted.manifest("v1", "ConfigMap", apiVersion="apps/v1"), CLUSTER),
    "KU-02": Violation(lambda planted: planted.deployment({"hostNetwork": True}), CLUSTER),
    "KU-03": Violation(lambda planted: planted.deployment({"securityContext": {"runAsUser": 0}}), CLUSTER),
    "KU-04": Violation(
        lambda planted: planted.deployment(image="public.ecr.aws/docker/library/python"), CLUSTER, ("OR-13",)
    ),
    "KU-05": Violation(lambda planted: planted.deployment(resources={"limits": {"cpu": "1"}}), CLUSTER),
    "KU-06": Violation(lambda planted: planted.deployment({"automountServiceAccountToken": None}), CLUSTER),
    "KU-07": Violation(
        lambda planted: planted.manifest(RBAC, "Role", rules=[{"resources": ["*"], "verbs": ["get"]}]), CLUSTER
    ),
    "KU-08": Violation(lambda planted: planted.manifest("v1", "ConfigMap", metadata={"name": "a"}), CLUSTER),
    "KU-09": Violation(lambda planted: planted.manifest("v1", "Secret"), CLUSTER),
    "KU-10": Violation(lambda planted: planted.namespace(guarded=False), CLUSTER),
    "KU-11": Violation(lambda planted: planted.manifest("v1", "Service", spec={"type": "NodePort"}), CLUSTER),
    "KU-12": Violation(lambda planted: planted.admission_policy(failurePolicy="Ignore"), CLUSTER),
    "KU-13": Violation(lambda planted: planted.storage_class(encrypted="false"), CLUSTER),
    "KU-14": Violation(
        lambda planted: planted.manifest(NETWORKING, "NetworkPolicy", spec={"podSelector": {}, "ingress": [{}]}),
        CLUSTER,
    ),
    "KU-15": Violation(lambda planted: planted.deployment({"tolerations": [{"operator": "Exists"}]}), CLUSTER),
    "KU-16": Violation(
        lambda planted: planted.deployment({"hostAliases": [{"ip": "10.0.0.1", "hostnames": ["sts"]}]}), CLUSTER
    ),
    "KU-17": Violation(
        lambda planted: planted.manifest("v1", "PersistentVolumeClaim", spec={"volumeName": "others"}), CLUSTER
    ),
    "KU-18": Violation(
        lambda planted: planted.manifest(RBAC, "Role", rules=[{**OF_PODS, "verbs": ["create"]}]), CLUSTER
    ),
    "KU-19": Violation(
        lambda planted: planted.manifest("v1", "Service", spec={"type": "LoadBalancer"}), CLUSTER, ("KU-11",)
    ),
}
OF_PODS = {"apiGroups": [""], "resources": ["pods"]}
IDLE = {"name": "idle", "image": IMAGE}
"""A container that says nothing about its privileges and quantities."""
ANY_ORGANIZATION = {"StringLike": {"aws:PrincipalOrgID": "o-*"}}
STRANGER = {"AWS": "arn:aws:iam::222222222222:role/reader"}
ANY_RESOURCE = {"ArnLike": {"aws:SourceArn": "arn:aws:*:*:*:*"}}
PARTIAL_WILDCARDS: Sequence[tuple[str, Violation]] = (
    (
        "ST-06",
        Violation(
            lambda _: Planted("accounts").topic_policy("*", {"StringLike": {"aws:PrincipalAccount": ["1*", "2*"]}}),
            named="accounts",
        ),
    ),
    (
        "ST-06",
        Violation(
            lambda _: Planted("networks").queue_policy("*", {"StringLike": {"aws:SourceVpc": "vpc-*"}}),
            named="networks",
        ),
    ),
    (
        "ST-06",
        Violation(
            lambda _: Planted("resources").topic_policy({"Service": "events.amazonaws.com"}, ANY_RESOURCE),
            named="resources",
        ),
    ),
    (
        "ST-06",
        Violation(
            lambda _: Planted("strangers").topic_policy(
                STRANGER, {"StringEquals": {"aws:PrincipalOrgID": "o-stranger1234"}}
            ),
            named="strangers",
        ),
    ),
    ("ST-06", Violation(lambda _: Planted("queue").queue_policy(STRANGER, ANY_ORGANIZATION), named="queue")),
    (
        "NW-06",
        Violation(lambda _: Planted("callers").endpoint_for(ANY_ORGANIZATION), also=("ST-06",), named="callers"),
    ),
    (
        "IA-07",
        Violation(
            lambda _: Planted("trust").role(trust={"Principal": STRANGER, "Condition": ANY_ORGANIZATION}),
            also=("ST-06",),
            named="trust",
        ),
    ),
    (
        "IA-08",
        Violation(
            lambda _: Planted("service").role(
                trust={"Principal": {"Service": "sagemaker.amazonaws.com"}, "Condition": ANY_RESOURCE}
            ),
            named="service",
        ),
    ),
)
"""Conditions that seem to name somebody, and name nobody or a stranger."""
FURTHER_VIOLATIONS: Sequence[tuple[str, Violation]] = (
    ("KU-03", Violation(lambda _: Planted("cron").cron_job(initContainers=[IDLE]), CLUSTER, ("KU-05",), "cron")),
    ("KU-10", Violation(lambda _: Planted("level").namespace("baseline"), CLUSTER, named="level")),
    (
        "KU-18",
        Violation(
            lambda _: Planted("reader").manifest(
                RBAC, "ClusterRole", rules=[{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
            ),
            CLUSTER,
            named="reader",
        ),
    ),
    ("IA-06", Violation(lambda planted: planted.wide_policy_in_a_component(), also=("IA-02", "KM-03"))),
    *PARTIAL_WILDCARDS,
    ("NW-03", Violation(lambda _: Planted("public").ingress_rule("198.51.0.0/16"), named="public")),
    (
        "S3-06",
        Violation(
            lambda _: Planted("folder").bucket_policy({**NO_HTTP, "Resource": "arn:aws:s3:::planted/a/*"}, NO_OLD_TLS),
            named="folder",
        ),
    ),
    ("S3-03", Violation(lambda planted: planted.encryption_in_a_component())),
    ("IA-14", Violation(lambda planted: planted.permission_set("DataScientist-development", "s3:PutObject"), AUDIT)),
    ("OR-02", Violation(nothing, AUDIT, named="management")),
    ("OR-03", Violation(nothing, AUDIT, named="management")),
    ("S3-10", Violation(lambda planted: planted.object_lock(), AUDIT)),
    ("SM-19", Violation(lambda planted: planted.monitoring_schedule(definition="elsewhere"))),
    ("SM-21", Violation(lambda planted: planted.training_job(remote_debug_config={"enable_remote_debug": True}))),
    ("SM-21", Violation(lambda planted: planted.tuning_job(stopping_condition={"max_wait_time_in_seconds": 3600}))),
    ("S3-10", Violation(nothing, AUDIT, named="management")),
    ("ST-15", Violation(nothing, AUDIT, named="management")),
)
"""Further violations of some rules: components with the types of exempt ones, permission sets, jobs outside pipelines,
a schedule with another stack's job definition, and resources missing from the audit stack."""
PLANTED: Sequence[tuple[str, Violation]] = (*VIOLATIONS.items(), *FURTHER_VIOLATIONS)
STACKS = tuple(dict.fromkeys(violation.stack for _, violation in PLANTED))


def break_every_rule_of(stack: str) -> None:
    if stack != VIOLATIONS["ST-15"].stack:
        Planted("baseline").baseline()
    if stack == ORGANIZATION:
        Planted("baseline").contact()
        Planted("baseline").budget()
    for rule, violation in PLANTED:
        if violation.stack == stack:
            violation.plant(Planted(rule))


def rehearse_production() -> None:
    """Creates everything that is planted in production, except the difference that ST-14 refuses."""
    for rule, violation in VIOLATIONS.items():
        if violation.stack == PRODUCTION and rule != "ST-14":
            violation.plant(Planted(rule))
    Planted("ST-14").subnet()


def keep_every_rule() -> None:
    planted = Planted("planted")
    planted.provider()
    planted.component()
    planted.baseline()
    planted.domain()
    planted.notebook()
    planted.model()
    planted.bucket()
    planted.public_access_block()
    planted.ownership()
    planted.encryption()
    planted.versioning()
    planted.lifecycle()
    planted.logging()
    planted.bucket_policy()
    planted.key()
    planted.role()
    planted.policy("s3:GetObject", "arn:aws:s3:::planted/*")
    planted.attachment("arn:aws:iam::aws:policy/SecurityAudit")
    planted.subnet()
    planted.ingress_rule()
    planted.egress_rule()
    planted.endpoint()
    planted.log_group()
    planted.alarm()
    planted.trail()
    planted.endpoint_configuration()
    planted.monitoring_schedule(definition=planted.data_quality().name)
    planted.training_job()
    planted.tuning_job()
    planted.pipeline()
    planted.package_group_policy()
    planted.share(allow_external_principals=False)


def put_development_beside_experiments() -> None:
    """Violates ACC-05 in a first preview, in which the ids of both units are unknown."""
    planted = Planted("planted")
    loose, strict = planted.unit("experiments"), planted.unit("pipelines")
    units = {"experimentation": loose, "development": loose, "preproduction": strict, "production": strict}
    for environment, unit in units.items():
        Planted(environment).account(environment, parent_id=unit.id)


def publish_what_only_the_deployment_knows() -> None:
    """Creates a policy that contains a key's id, so that a preview does not know it."""
    planted = Planted("planted")
    planted.bucket_policy(NO_HTTP, NO_OLD_TLS, EVERY_PRINCIPAL, known_with=planted.key().key_id)


def in_an_account(plant: Callable[[Planted], object]) -> Callable[[], None]:
    """Returns a program that plants a violation in an account with its baseline."""

    def program() -> None:
        Planted("baseline").baseline()
        plant(Planted("planted"))

    return program


PROGRAMS: Mapping[str, Callable[[], object]] = {
    **{f"every rule of {stack}": lambda stack=stack: break_every_rule_of(stack) for stack in STACKS},
    "no rule": keep_every_rule,
    "a rehearsal": rehearse_production,
    "a production that is not rehearsed": in_an_account(lambda planted: planted.subnet()),
    "development beside experiments": put_development_beside_experiments,
    "a gateway": in_an_account(lambda planted: planted.nat_gateway()),
    "a role without boundary": in_an_account(lambda planted: planted.role(permissions_boundary=None)),
    "a domain": in_an_account(lambda planted: planted.domain()),
    "results in the own folder": lambda: Planted("planted").delivery_access_point(
        "results/fraud-scores/fraud/production"
    ),
    "results in another folder": lambda: Planted("planted").delivery_access_point("cards"),
    "a model in service": in_an_account(lambda planted: planted.supported_endpoint()),
    "a model without notification": in_an_account(lambda planted: planted.supported_endpoint(subscribed=False)),
    "a workload": lambda: Planted("runner").runner(),
    "unknown": publish_what_only_the_deployment_knows,
}
"""Programs by a description of what they violate."""
