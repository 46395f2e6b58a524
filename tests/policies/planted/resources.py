"""Resources that keep every rule, as functions: what is given to one replaces or adds to its properties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws

ACCOUNT = "123456789012"
BUCKET = f"planted-{ACCOUNT}-eu-west-1-an"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0f6d2d3e-0000-4000-8000-000000000000"
SUBNETS = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
VPC, GROUP = "vpc-0aaaaaaaaaaaaaaaa", "sg-0aaaaaaaaaaaaaaaa"
TAGS = {
    f"plinth:{key}": "planted"
    for key in ("stack", "team", "environment", "lifecycle", "owner", "cost-centre", "data-class")
}
ORGANIZATION = "o-acme123456"
INSTANCE = "arn:aws:sso:::instance/ssoins-1111222233334444"
EVERYTHING = {"Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::planted", "arn:aws:s3:::planted/*"]}
NO_HTTP = {"Effect": "Deny", **EVERYTHING, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
NO_OLD_TLS = {"Effect": "Deny", **EVERYTHING, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@cache
def management() -> aws.Provider:
    """The provider that keeps every rule, one for the whole program."""
    return Planted("management").provider()


class Planted:
    """Makes resources in one account, all of one name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _opts(self, *, protect: bool = False) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(provider=management(), protect=protect)

    def provider(self, **changes: Any) -> aws.Provider:
        return aws.Provider(
            self._name,
            **{
                "region": "eu-west-1",
                "allowed_account_ids": [ACCOUNT],
                "default_tags": {"tags": TAGS},
                **changes,
            },
        )

    def domain(self, **changes: Any) -> None:
        properties = {
            "domain_name": "planted",
            "auth_mode": "SSO",
            "app_network_access_type": "VpcOnly",
            "vpc_id": VPC,
            "subnet_ids": SUBNETS,
            "kms_key_id": KEY,
            "default_user_settings": {"execution_role": f"arn:aws:iam::{ACCOUNT}:role/plinth/people"},
            "domain_settings": {"execution_role_identity_config": "USER_PROFILE_NAME"},
        }
        aws.sagemaker.Domain(self._name, **properties | changes, opts=self._opts())

    def image_version(self, base_image: str) -> None:
        aws.sagemaker.ImageVersion(self._name, image_name="planted", base_image=base_image, opts=self._opts())

    def tracking_server(self, **changes: Any) -> None:
        properties = {
            "tracking_server_name": "planted",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted",
            "artifact_store_uri": f"s3://{BUCKET}/artifacts",
        }
        aws.sagemaker.MlflowTrackingServer(self._name, **properties | changes, opts=self._opts())

    def workgroup(self, **changes: Any) -> None:
        results = {
            "output_location": f"s3://{BUCKET}/queries/",
            "expected_bucket_owner": ACCOUNT,
            "encryption_configuration": {"encryption_option": "SSE_KMS", "kms_key_arn": KEY},
        }
        configuration = {
            "enforce_workgroup_configuration": True,
            "publish_cloudwatch_metrics_enabled": True,
            "bytes_scanned_cutoff_per_query": 10_485_760,
            "result_configuration": results,
        }
        aws.athena.Workgroup(self._name, name="planted", configuration=configuration | changes, opts=self._opts())

    def state_machine(self, **changes: Any) -> None:
        group = self.log_group(name="planted")
        properties = {
            "name": "planted",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted",
            "definition": json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
            "encryption_configuration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": KEY},
            "logging_configuration": {
                "level": "ALL",
                "include_execution_data": False,
                "log_destination": pulumi.Output.concat(group.arn, ":*"),
            },
            "tracing_configuration": {"enabled": True},
        }
        aws.sfn.StateMachine(self._name, **properties | changes, opts=self._opts())

    def spark(self, **changes: Any) -> None:
        encrypted = ("spark.authenticate", "spark.io.encryption.enabled", "spark.network.crypto.enabled")
        properties = {
            "name": "planted",
            "type": "spark",
            "release_label": "emr-7.12.0",
            "network_configuration": {"subnet_ids": SUBNETS, "security_group_ids": ["sg-0123456789abcdef0"]},
            "maximum_capacity": {"cpu": "16 vCPU", "memory": "64 GB"},
            "monitoring_configuration": {"managed_persistence_monitoring_configuration": {"enabled": False}},
            "runtime_configurations": [
                {"classification": "spark-defaults", "properties": dict.fromkeys(encrypted, "true")}
            ],
        }
        aws.emrserverless.Application(self._name, **properties | changes, opts=self._opts())

    def api(self, *, types: str = "PRIVATE", validator: str | None = "everything") -> None:
        operation = {"security": [{"signature": []}], "responses": {"200": {"description": "well"}}}
        asked = {"x-amazon-apigateway-authtype": "awsSigv4", "type": "apiKey", "name": "Authorization", "in": "header"}
        body = {
            "openapi": "3.0.1",
            "info": {"title": "planted", "version": "1"},
            "paths": {"/planted": {"get": operation}},
            "components": {"securitySchemes": {"signature": asked}},
            **({} if validator is None else {"x-amazon-apigateway-request-validator": validator}),
        }
        aws.apigateway.RestApi(
            self._name,
            name="planted",
            body=json.dumps(body),
            endpoint_configuration={"types": types},
            opts=self._opts(),
        )

    def table(self, **changes: Any) -> None:
        properties = {
            "name": "planted",
            "hash_key": "claim",
            "attributes": [{"name": "claim", "type": "S"}],
            "billing_mode": "PAY_PER_REQUEST",
            "point_in_time_recovery": {"enabled": True},
            "server_side_encryption": {"enabled": True, "kms_key_arn": KEY},
        }
        aws.dynamodb.Table(self._name, **properties | changes, opts=self._opts())

    def event_bus(self, **changes: Any) -> None:
        dead_letters = {"arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:planted"}
        properties = {"name": "planted", "kms_key_identifier": KEY, "dead_letter_config": dead_letters}
        aws.cloudwatch.EventBus(self._name, **properties | changes, opts=self._opts())
        sending = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "events:PutEvents",
            "Resource": f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/planted",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
        }
        aws.cloudwatch.EventBusPolicy(self._name, event_bus_name="planted", policy=document(sending), opts=self._opts())

    def event_target(self, **changes: Any) -> None:
        properties = {
            "rule": "planted",
            "arn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:planted",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted",
            "dead_letter_config": {"arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:planted"},
        }
        aws.cloudwatch.EventTarget(self._name, **properties | changes, opts=self._opts())

    def catalogue_policy(self, *statements: Mapping[str, Any]) -> None:
        refusal = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "glue:*",
            "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}},
        }
        aws.glue.ResourcePolicy(self._name, policy=document(refusal, *statements), opts=self._opts())

    def lake_settings(self, **changes: Any) -> None:
        administrator = f"arn:aws:iam::{ACCOUNT}:role/plinth/deployer"
        aws.lakeformation.DataLakeSettings(self._name, **{"admins": [administrator]} | changes, opts=self._opts())

    def data_grant(self, **changes: Any) -> None:
        tags = {"resource_type": "TABLE", "expressions": [{"key": "team-planted", "values": ["dev"]}]}
        properties = {
            "principal": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted-development-execution",
            "permissions": ["SELECT"],
            "lf_tag_policy": tags,
        }
        aws.lakeformation.Permissions(self._name, **properties | changes, opts=self._opts())

    def feature_group(self, *, online_key: str | None = KEY, table: str | None = "planted") -> None:
        """With a role and tags of its own, as long as its table has a name."""
        role = self.role()
        stored = f"s3://acme-lake-curated-{ACCOUNT}-eu-west-1-an/features/planted"
        group = aws.sagemaker.FeatureGroup(
            self._name,
            feature_group_name="planted",
            role_arn=role.arn,
            record_identifier_feature_name="card",
            event_time_feature_name="seen_at",
            feature_definitions=[
                {"feature_name": "card", "feature_type": "String"},
                {"feature_name": "seen_at", "feature_type": "String"},
            ],
            online_store_config={"enable_online_store": True, "security_config": {"kms_key_id": online_key}},
            offline_store_config={
                "s3_storage_config": {"s3_uri": stored, "kms_key_id": KEY},
                "data_catalog_config": {"database": "features", "table_name": table},
            },
            opts=self._opts(),
        )
        aws.lakeformation.ResourceLfTags(
            self._name,
            table={"database_name": "features", "name": table or "planted"},
            lf_tags=[{"key": "class", "value": "internal"}],
            opts=pulumi.ResourceOptions.merge(self._opts(), pulumi.ResourceOptions(depends_on=[group])),
        )

    def bucket(self, *, protect: bool = False, **changes: Any) -> aws.s3.Bucket:
        properties = {
            "bucket": f"{self._name.lower()}-{ACCOUNT}-eu-west-1-an",
            "bucket_namespace": "account-regional",
        }
        return aws.s3.Bucket(self._name, **properties | changes, opts=self._opts(protect=protect))

    def public_access_block(self, **changes: Any) -> None:
        blocks = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        properties = {"bucket": BUCKET, **dict.fromkeys(blocks, True)}
        aws.s3.BucketPublicAccessBlock(self._name, **properties | changes, opts=self._opts())

    def ownership(self, object_ownership: str = "BucketOwnerEnforced") -> None:
        rule = {"object_ownership": object_ownership}
        aws.s3.BucketOwnershipControls(self._name, bucket=BUCKET, rule=rule, opts=self._opts())

    def encryption(self, **changes: Any) -> None:
        default = {"sse_algorithm": "aws:kms", "kms_master_key_id": KEY} | changes
        rules: Any = [{"apply_server_side_encryption_by_default": default, "bucket_key_enabled": True}]
        aws.s3.BucketServerSideEncryptionConfiguration(self._name, bucket=BUCKET, rules=rules, opts=self._opts())

    def versioning(self, status: str = "Enabled") -> None:
        configuration = {"status": status}
        aws.s3.BucketVersioning(self._name, bucket=BUCKET, versioning_configuration=configuration, opts=self._opts())

    def logging(self, target_bucket: str = "logs") -> None:
        aws.s3.BucketLogging(
            self._name, bucket=BUCKET, target_bucket=target_bucket, target_prefix="planted/", opts=self._opts()
        )

    def bucket_policy(
        self,
        *statements: Mapping[str, Any],
        bucket: pulumi.Input[str] = BUCKET,
        known_with: pulumi.Input[str] = "",
    ) -> None:
        """The policy is known once ``known_with`` is."""
        policy = pulumi.Output.from_input(known_with).apply(lambda _: document(*statements or (NO_HTTP, NO_OLD_TLS)))
        aws.s3.BucketPolicy(self._name, bucket=bucket, policy=policy, opts=self._opts())

    def drop_point(self, folder: str) -> None:
        """Of the team fraud for the dataset fraud-scores: jobs of production write into a folder."""
        point = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/fraud--fraud-scores--drop"
        taking = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Action": "s3:PutObject",
            "Resource": f"{point}/object/{folder}/*",
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
                "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/plinth/fraud-production-execution"},
            },
        }
        aws.s3.AccessPoint(
            self._name, name="fraud--fraud-scores--drop", bucket=BUCKET, policy=document(taking), opts=self._opts()
        )

    def key(self, *, protect: bool = False, **changes: Any) -> aws.kms.Key:
        administer = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
            "Resource": "*",
        }
        properties = {"enable_key_rotation": True, "policy": document(administer)}
        return aws.kms.Key(self._name, **properties | changes, opts=self._opts(protect=protect))

    def role(self, trust: Mapping[str, Any] | None = None, **changes: Any) -> aws.iam.Role:
        by_sagemaker = {
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **(trust or by_sagemaker)}
        properties = {
            "name": self._name,
            "path": "/plinth/",
            "assume_role_policy": document(statement),
            "permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/plinth/boundary",
        }
        return aws.iam.Role(self._name, **properties | changes, opts=self._opts())

    def policy(self, action: str, resource: str | None = None, not_resource: str | None = None) -> None:
        where = {"Resource": resource} if resource else {"NotResource": not_resource}
        statement = document({"Effect": "Allow", "Action": action, **where})
        aws.iam.Policy(self._name, policy=statement, opts=self._opts())

    def attachment(self, policy_arn: str) -> None:
        aws.iam.RolePolicyAttachment(self._name, role=self._name, policy_arn=policy_arn, opts=self._opts())

    def user(self) -> None:
        aws.iam.User(self._name, opts=self._opts())

    def gateway(self) -> None:
        aws.ec2.InternetGateway(self._name, vpc_id=VPC, opts=self._opts())

    def nat_gateway(self) -> None:
        aws.ec2.NatGateway(self._name, subnet_id=SUBNETS[0], connectivity_type="public", opts=self._opts())

    def subnet(self, **changes: Any) -> None:
        properties = {"vpc_id": VPC, "cidr_block": "10.1.8.0/24"}
        aws.ec2.Subnet(self._name, **properties | changes, opts=self._opts())

    def metadata_defaults(self, **changes: Any) -> None:
        properties = {"http_tokens": "required", "http_put_response_hop_limit": 1}
        aws.ec2.InstanceMetadataDefaults(self._name, **properties | changes, opts=self._opts())

    def log_group(self, **changes: Any) -> aws.cloudwatch.LogGroup:
        properties = {"retention_in_days": 365, "kms_key_id": KEY}
        return aws.cloudwatch.LogGroup(self._name, **properties | changes, opts=self._opts())

    def egress_rule(self, cidr_ipv4: str = "10.1.0.0/19") -> None:
        aws.vpc.SecurityGroupEgressRule(
            self._name, security_group_id=GROUP, ip_protocol="-1", cidr_ipv4=cidr_ipv4, opts=self._opts()
        )

    def ingress_rule(self, cidr_ipv4: str = "10.0.0.0/8") -> None:
        aws.vpc.SecurityGroupIngressRule(
            self._name,
            security_group_id=GROUP,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=cidr_ipv4,
            opts=self._opts(),
        )

    def endpoint(self, **changes: Any) -> None:
        ours = {"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION}
        allow = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
        properties = {
            "vpc_id": VPC,
            "service_name": "com.amazonaws.eu-west-1.kms",
            "vpc_endpoint_type": "Interface",
            "subnet_ids": SUBNETS,
            "security_group_ids": [GROUP],
            "private_dns_enabled": True,
            "policy": document({**allow, "Condition": {"StringEquals": ours}}),
        }
        aws.ec2.VpcEndpoint(self._name, **properties | changes, opts=self._opts())

    def unit(self, name: str) -> aws.organizations.OrganizationalUnit:
        return aws.organizations.OrganizationalUnit(name, name=name, parent_id="ou-abcd-12345678", opts=self._opts())

    def account(self, environment: str = "production", **changes: Any) -> None:
        """With a budget and a contact, which every account has."""
        properties = {
            "name": self._name,
            "email": f"aws+{self._name}@acme.example",
            "parent_id": "ou-abcd-12345678",
            "close_on_deletion": False,
            "tags": {"plinth:environment": environment, "plinth:owner": "planted@acme.example"},
        }
        account = aws.organizations.Account(self._name, **properties | changes, opts=self._opts())
        self.budget(account.id)
        self.contact(account.id)

    def budget(self, account_id: pulumi.Input[str] = ACCOUNT) -> None:
        aws.budgets.Budget(
            self._name,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount="1",
            limit_unit="USD",
            cost_filters=[{"name": "LinkedAccount", "values": [account_id]}],
            notifications=[
                {
                    "notification_type": "ACTUAL",
                    "comparison_operator": "GREATER_THAN",
                    "threshold": 80,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_email_addresses": ["planted@acme.example"],
                }
            ],
            opts=self._opts(),
        )

    def contact(self, account_id: pulumi.Input[str] | None = None) -> None:
        """Of the management account, where no other is named."""
        aws.account.AlternativeContact(
            self._name,
            account_id=account_id,
            alternate_contact_type="SECURITY",
            name="planted",
            title="planted",
            email_address="planted@acme.example",
            phone_number="1",
            opts=self._opts(),
        )

    def delegations(self) -> None:
        """Of what watches over all accounts, but for GuardDuty."""
        aws.securityhub.OrganizationAdminAccount(self._name, admin_account_id=ACCOUNT, opts=self._opts())
        aws.inspector2.DelegatedAdminAccount(self._name, account_id=ACCOUNT, opts=self._opts())
        aws.cloudtrail.OrganizationDelegatedAdminAccount(self._name, account_id=ACCOUNT, opts=self._opts())
        for service in ("access-analyzer.amazonaws.com", "config.amazonaws.com"):
            aws.organizations.DelegatedAdministrator(
                f"{self._name}-{service}", account_id=ACCOUNT, service_principal=service, opts=self._opts()
            )

    def organization(self, **changes: Any) -> None:
        aws.organizations.Organization(self._name, **changes, opts=self._opts())

    def network(self, cidr_block: str = "10.1.8.0/22") -> None:
        """A network on record, without subnets or endpoints."""
        vpc = aws.ec2.Vpc(self._name, cidr_block=cidr_block, opts=self._opts())
        aws.ec2.FlowLog(
            self._name,
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=f"arn:aws:s3:::acme-log-archive-{ACCOUNT}-eu-west-1-an",
            opts=self._opts(),
        )

    def alarm(self, **changes: Any) -> None:
        properties = {
            "comparison_operator": "GreaterThanThreshold",
            "evaluation_periods": 1,
            "metric_name": "planted",
            "namespace": "Plinth",
            "period": 60,
            "statistic": "Sum",
            "threshold": 1,
            "alarm_actions": [f"arn:aws:sns:eu-west-1:{ACCOUNT}:planted"],
        }
        aws.cloudwatch.MetricAlarm(self._name, **properties | changes, opts=self._opts())

    def trail(self, **changes: Any) -> None:
        data = {"field_selectors": [{"field": "eventCategory", "equals": ["Data"]}]}
        properties = {
            "s3_bucket_name": BUCKET,
            "is_multi_region_trail": True,
            "is_organization_trail": True,
            "enable_log_file_validation": True,
            "kms_key_id": KEY,
            "advanced_event_selectors": [data],
        }
        aws.cloudtrail.Trail(self._name, **properties | changes, opts=self._opts())

    def permission_set(self, name: str, action: str) -> None:
        permissions = aws.ssoadmin.PermissionSet(
            self._name, name=name, instance_arn=INSTANCE, session_duration="PT4H", opts=self._opts()
        )
        allowed = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::planted/*"}
        aws.ssoadmin.PermissionSetInlinePolicy(
            self._name,
            instance_arn=INSTANCE,
            permission_set_arn=permissions.arn,
            inline_policy=document(allowed),
            opts=self._opts(),
        )

    def object_lock(self) -> None:
        """Without a term, so that nothing is locked that does not ask for it."""
        aws.s3.BucketObjectLockConfiguration(
            self._name, bucket=BUCKET, object_lock_enabled="Enabled", opts=self._opts()
        )

    def share(self, **changes: Any) -> None:
        aws.ram.ResourceShare(self._name, **changes, opts=self._opts())

    def lifecycle(self) -> None:
        rule = {
            "id": "expire",
            "status": "Enabled",
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            "noncurrent_version_expiration": {"noncurrent_days": 90},
        }
        rules: Any = [rule]
        aws.s3.BucketLifecycleConfiguration(self._name, bucket=BUCKET, rules=rules, opts=self._opts())

    def recorder_status(self, *, is_enabled: bool = True) -> None:
        aws.cfg.RecorderStatus(self._name, name=self._name, is_enabled=is_enabled, opts=self._opts())

    def baseline(self) -> None:
        """What every account has first."""
        group: Any = {"all_supported": True, "include_global_resource_types": True}
        role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        aws.cfg.Recorder(self._name, role_arn=role, recording_group=group, opts=self._opts())
        self.recorder_status()
        aws.cfg.DeliveryChannel(self._name, s3_bucket_name=BUCKET, opts=self._opts())
        aws.accessanalyzer.Analyzer(self._name, analyzer_name=self._name, type="ACCOUNT", opts=self._opts())
        aws.iam.AccountPasswordPolicy(self._name, minimum_password_length=16, opts=self._opts())
        aws.ebs.EncryptionByDefault(self._name, enabled=True, opts=self._opts())
        aws.ebs.SnapshotBlockPublicAccess(self._name, state="block-all-sharing", opts=self._opts())
        aws.ec2.ImageBlockPublicAccess(self._name, state="block-new-sharing", opts=self._opts())
        self.metadata_defaults()
        aws.ec2.VpcBlockPublicAccessOptions(
            self._name, internet_gateway_block_mode="block-bidirectional", opts=self._opts()
        )
        blocks = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        aws.s3.AccountPublicAccessBlock(self._name, **dict.fromkeys(blocks, True), opts=self._opts())
        aws.ssm.ServiceSetting(
            self._name,
            setting_id="/ssm/documents/console/public-sharing-permission",
            setting_value="Disable",
            opts=self._opts(),
        )
