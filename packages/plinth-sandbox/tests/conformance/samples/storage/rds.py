"""Samples of RDS."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample


def _subnet(zone: str, number: int) -> Need:
    return (
        "aws:ec2/subnet:Subnet",
        {"vpcId": "{vpc.id}", "cidrBlock": f"10.0.{number}.0/24", "availabilityZone": f"eu-west-1{zone}"},
    )


PLACE: dict[str, Need] = {
    "vpc": ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}),
    "one": _subnet("a", 0),
    "two": _subnet("b", 1),
    "three": _subnet("c", 2),
}
GROUPS: dict[str, Need] = {
    **PLACE,
    "subnets": ("aws:rds/subnetGroup:SubnetGroup", {"name": "sample-{n}", "subnetIds": ["{one.id}", "{two.id}"]}),
    "parameters": ("aws:rds/parameterGroup:ParameterGroup", {"name": "sample-{n}", "family": "postgres18"}),
    "group": (
        "aws:ec2/securityGroup:SecurityGroup",
        {"name": "database-{n}", "description": "Database", "vpcId": "{vpc.id}"},
    ),
    "key": ("aws:kms/key:Key", {}),
}
INSTANCE: dict[str, Any] = {
    "identifier": "sample-{n}",
    "engine": "postgres",
    "engineVersion": "18",
    "instanceClass": "db.t4g.medium",
    "allocatedStorage": 20,
    "storageType": "gp3",
    "storageEncrypted": True,
    "kmsKeyId": "{key.outputs.arn}",
    "multiAz": True,
    "dbName": "records",
    "username": "plinth",
    "manageMasterUserPassword": True,
    "masterUserSecretKmsKeyId": "{key.outputs.arn}",
    "iamDatabaseAuthenticationEnabled": True,
    "caCertIdentifier": "rds-ca-rsa2048-g1",
    "dbSubnetGroupName": "{subnets.id}",
    "vpcSecurityGroupIds": ["{group.id}"],
    "publiclyAccessible": False,
    "parameterGroupName": "{parameters.id}",
    "backupRetentionPeriod": 7,
    "copyTagsToSnapshot": True,
    "deleteAutomatedBackups": False,
    "deletionProtection": False,
    "skipFinalSnapshot": True,
    "autoMinorVersionUpgrade": True,
    "enabledCloudwatchLogsExports": ["postgresql"],
    "applyImmediately": True,
}


def _instance(aws: Aws, it: Kept) -> dict[str, Any]:
    name = it.outputs["identifier"]
    (found,) = aws("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return {
        "what": [found["DBInstanceClass"], found["AllocatedStorage"], found["StorageType"], found["DBName"]],
        "key": [found["KmsKeyId"], found["MasterUserSecret"]["KmsKeyId"]],
        "groups": [found["DBSubnetGroup"]["DBSubnetGroupName"], found["VpcSecurityGroups"][0]["VpcSecurityGroupId"]],
        "parameters": found["DBParameterGroups"][0]["DBParameterGroupName"],
        "switches": [
            found["StorageEncrypted"],
            found["MultiAZ"],
            found["IAMDatabaseAuthenticationEnabled"],
            found["PubliclyAccessible"],
            found["DeletionProtection"],
        ],
        "backups": found["BackupRetentionPeriod"],
        "logs": found["EnabledCloudwatchLogsExports"],
    }


SEEN: dict[str, Any] = {
    "what": ["db.t4g.medium", 20, "gp3", "records"],
    "key": ["{key.outputs.arn}", "{key.outputs.arn}"],
    "groups": ["{subnets.id}", "{group.id}"],
    "parameters": "{parameters.id}",
    "switches": [True, True, True, False, False],
    "backups": 7,
    "logs": ["postgresql"],
}


CLUSTER_NEEDS: dict[str, Need] = {
    **{name: need for name, need in GROUPS.items() if name != "parameters"},
    "parameters": (
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        {"name": "sample-{n}", "family": "aurora-postgresql16"},
    ),
}
CLUSTER: dict[str, Any] = {
    "clusterIdentifier": "sample-{n}",
    "engine": "aurora-postgresql",
    "engineVersion": "16",
    "databaseName": "records",
    "masterUsername": "plinth",
    "manageMasterUserPassword": True,
    "masterUserSecretKmsKeyId": "{key.outputs.arn}",
    "iamDatabaseAuthenticationEnabled": True,
    "storageEncrypted": True,
    "kmsKeyId": "{key.outputs.arn}",
    "dbSubnetGroupName": "{subnets.id}",
    "dbClusterParameterGroupName": "{parameters.id}",
    "vpcSecurityGroupIds": ["{group.id}"],
    "backupRetentionPeriod": 7,
    "copyTagsToSnapshot": True,
    "deleteAutomatedBackups": False,
    "deletionProtection": False,
    "skipFinalSnapshot": True,
    "enabledCloudwatchLogsExports": ["postgresql"],
    "serverlessv2ScalingConfiguration": {"minCapacity": 0, "maxCapacity": 2, "secondsUntilAutoPause": 600},
    "applyImmediately": True,
}
MEMBER: dict[str, Any] = {
    "identifier": "member-{n}",
    "clusterIdentifier": "{cluster.id}",
    "engine": "aurora-postgresql",
    "instanceClass": "db.serverless",
    "publiclyAccessible": False,
    "caCertIdentifier": "rds-ca-rsa4096-g1",
    "copyTagsToSnapshot": True,
    "promotionTier": 2,
    "applyImmediately": True,
}


def _cluster(aws: Aws, it: Kept) -> dict[str, Any]:
    (found,) = aws("rds").describe_db_clusters(DBClusterIdentifier=it.id)["DBClusters"]
    return {
        "what": [found["Engine"], found["EngineVersion"], found["DatabaseName"]],
        "capacity": found["ServerlessV2ScalingConfiguration"],
        "key": [found["KmsKeyId"], found["MasterUserSecret"]["KmsKeyId"]],
        "groups": [found["DBSubnetGroup"], found["VpcSecurityGroups"][0]["VpcSecurityGroupId"]],
        "parameters": found["DBClusterParameterGroup"],
        "switches": [
            found["StorageEncrypted"],
            found["IAMDatabaseAuthenticationEnabled"],
            found["CopyTagsToSnapshot"],
            found["DeletionProtection"],
        ],
        "backups": found["BackupRetentionPeriod"],
        "logs": found["EnabledCloudwatchLogsExports"],
    }


SEEN_CLUSTER: dict[str, Any] = {
    "what": ["aurora-postgresql", "16.8", "records"],
    "capacity": {"MinCapacity": 0.0, "MaxCapacity": 2.0, "SecondsUntilAutoPause": 600},
    "key": ["{key.outputs.arn}", "{key.outputs.arn}"],
    "groups": ["{subnets.id}", "{group.id}"],
    "parameters": "{parameters.id}",
    "switches": [True, True, True, False],
    "backups": 7,
    "logs": ["postgresql"],
}


def _member(aws: Aws, it: Kept) -> list[Any]:
    (found,) = aws("rds").describe_db_instances(DBInstanceIdentifier=it.id)["DBInstances"]
    members = ("DBClusterIdentifier", "DBInstanceClass", "PromotionTier", "CACertificateIdentifier")
    return [*(found[member] for member in members), found["CopyTagsToSnapshot"]]


def _cluster_parameters(aws: Aws, it: Kept) -> dict[str, str]:
    client = aws("rds")
    found = client.describe_db_cluster_parameters(DBClusterParameterGroupName=it.id, Source="user")["Parameters"]
    return {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in found}


def _parameters(aws: Aws, it: Kept) -> dict[str, str]:
    found = aws("rds").describe_db_parameters(DBParameterGroupName=it.id, Source="user")["Parameters"]
    return {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in found}


def _subnets(aws: Aws, it: Kept) -> list[str]:
    (found,) = aws("rds").describe_db_subnet_groups(DBSubnetGroupName=it.id)["DBSubnetGroups"]
    return sorted(subnet["SubnetAvailabilityZone"]["Name"] for subnet in found["Subnets"])


SAMPLES = [
    Sample(
        type="aws:rds/subnetGroup:SubnetGroup",
        needs=PLACE,
        inputs={"name": "sample-{n}", "description": "Private", "subnetIds": ["{one.id}", "{two.id}"]},
        look=_subnets,
        seen=["eu-west-1a", "eu-west-1b"],
        change={"subnetIds": ["{one.id}", "{two.id}", "{three.id}"]},
        seen_changed=["eu-west-1a", "eu-west-1b", "eu-west-1c"],
        replace={"name": "sample-{n}-renamed"},
        drift=lambda aws, it: aws("rds").modify_db_subnet_group(
            DBSubnetGroupName=it.id,
            DBSubnetGroupDescription="Changed",
            SubnetIds=[it.known[name].id for name in ("one", "two", "three")],
        ),
        drifts="description",
        remove=lambda aws, it: aws("rds").delete_db_subnet_group(DBSubnetGroupName=it.id),
    ),
    Sample(
        type="aws:rds/parameterGroup:ParameterGroup",
        inputs={
            "name": "sample-{n}",
            "description": "TLS",
            "family": "postgres18",
            "parameters": [{"name": "rds.force_ssl", "value": "1"}],
        },
        look=_parameters,
        seen={"rds.force_ssl": "1"},
        change={
            "parameters": [
                {"name": "log_statement", "value": "ddl"},
                {"name": "max_connections", "value": "200", "applyMethod": "pending-reboot"},
            ]
        },
        seen_changed={"log_statement": "ddl", "max_connections": "200"},
        replace={"family": "postgres17"},
        drift=lambda aws, it: aws("rds").modify_db_parameter_group(
            DBParameterGroupName=it.id,
            Parameters=[{"ParameterName": "log_statement", "ParameterValue": "all", "ApplyMethod": "immediate"}],
        ),
        drifts="parameters",
        remove=lambda aws, it: aws("rds").delete_db_parameter_group(DBParameterGroupName=it.id),
    ),
    Sample(
        type="aws:rds/instance:Instance",
        needs=GROUPS,
        inputs=INSTANCE,
        look=_instance,
        seen=SEEN,
        change={
            "instanceClass": "db.m7g.large",
            "allocatedStorage": 40,
            "backupRetentionPeriod": 14,
            "enabledCloudwatchLogsExports": ["upgrade"],
        },
        seen_changed={
            **SEEN,
            "what": ["db.m7g.large", 40, "gp3", "records"],
            "backups": 14,
            "logs": ["upgrade"],
        },
        replace={"dbName": "others"},
        drift=lambda aws, it: aws("rds").modify_db_instance(
            DBInstanceIdentifier=it.outputs["identifier"], BackupRetentionPeriod=1
        ),
        drifts="backupRetentionPeriod",
        remove=lambda aws, it: aws("rds").delete_db_instance(
            DBInstanceIdentifier=it.outputs["identifier"], SkipFinalSnapshot=True
        ),
        not_imported=(
            "applyImmediately",
            "engineVersion",
            "manageMasterUserPassword",
            "skipFinalSnapshot",
        ),
    ),
    Sample(
        type="aws:rds/clusterParameterGroup:ClusterParameterGroup",
        inputs={
            "name": "sample-{n}",
            "description": "TLS",
            "family": "aurora-postgresql16",
            "parameters": [{"name": "rds.force_ssl", "value": "1"}],
        },
        look=_cluster_parameters,
        seen={"rds.force_ssl": "1"},
        change={"parameters": [{"name": "log_statement", "value": "ddl"}]},
        seen_changed={"log_statement": "ddl"},
        replace={"family": "aurora-postgresql15"},
        drift=lambda aws, it: aws("rds").modify_db_cluster_parameter_group(
            DBClusterParameterGroupName=it.id,
            Parameters=[{"ParameterName": "log_statement", "ParameterValue": "all", "ApplyMethod": "immediate"}],
        ),
        drifts="parameters",
        remove=lambda aws, it: aws("rds").delete_db_cluster_parameter_group(DBClusterParameterGroupName=it.id),
    ),
    Sample(
        type="aws:rds/cluster:Cluster",
        needs=CLUSTER_NEEDS,
        inputs=CLUSTER,
        look=_cluster,
        seen=SEEN_CLUSTER,
        change={
            "backupRetentionPeriod": 14,
            "enabledCloudwatchLogsExports": ["instance"],
            "serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 4},
        },
        seen_changed={
            **SEEN_CLUSTER,
            "backups": 14,
            "capacity": {"MinCapacity": 0.5, "MaxCapacity": 4.0},
            "logs": ["instance"],
        },
        replace={"databaseName": "others"},
        drift=lambda aws, it: aws("rds").modify_db_cluster(DBClusterIdentifier=it.id, BackupRetentionPeriod=2),
        drifts="backupRetentionPeriod",
        remove=lambda aws, it: aws("rds").delete_db_cluster(DBClusterIdentifier=it.id, SkipFinalSnapshot=True),
        not_imported=("applyImmediately", "engineVersion", "manageMasterUserPassword", "skipFinalSnapshot"),
    ),
    Sample(
        type="aws:rds/clusterInstance:ClusterInstance",
        needs={**CLUSTER_NEEDS, "cluster": ("aws:rds/cluster:Cluster", CLUSTER)},
        inputs=MEMBER,
        look=_member,
        seen=["{cluster.id}", "db.serverless", 2, "rds-ca-rsa4096-g1", True],
        change={"promotionTier": 3, "caCertIdentifier": "rds-ca-rsa2048-g1"},
        seen_changed=["{cluster.id}", "db.serverless", 3, "rds-ca-rsa2048-g1", True],
        replace={"identifier": "member-{n}-renamed"},
        drift=lambda aws, it: aws("rds").modify_db_instance(DBInstanceIdentifier=it.id, PromotionTier=5),
        drifts="promotionTier",
        remove=lambda aws, it: aws("rds").delete_db_instance(DBInstanceIdentifier=it.id, SkipFinalSnapshot=True),
        not_imported=("applyImmediately",),
    ),
]
