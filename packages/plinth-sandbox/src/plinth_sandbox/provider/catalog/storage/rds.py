"""Amazon RDS: DB instances, DB clusters of Aurora, and their groups of subnets and parameters."""

from __future__ import annotations

from plinth_sandbox.provider.functions.storage import rds as functions
from plinth_sandbox.provider.vocabulary import Call, Copy, Name, Resource, Tagging, Update, Wait

_TAGS = Tagging("add_tags_to_resource", "remove_tags_from_resource", address={"ResourceName": "{arn}"})

_CHANGED = [
    "allocatedStorage",
    "autoMinorVersionUpgrade",
    "backupRetentionPeriod",
    "caCertIdentifier",
    "copyTagsToSnapshot",
    "deletionProtection",
    "instanceClass",
    "multiAz",
    "publiclyAccessible",
    "storageType",
]
_FIXED = ["availabilityZone", "dbName", "engine", "identifier", "kmsKeyId", "storageEncrypted", "username"]
"""Inputs of a DB instance that a read returns as they were sent."""
_SENT = ["iamDatabaseAuthenticationEnabled", "parameterGroupName", "port", "vpcSecurityGroupIds"]
_UNREAD = ["engineVersion", "manageMasterUserPassword", "password"]
"""Inputs that no read returns as they were sent. The program names a major version, and RDS answers with the minor
version that it installed."""

_COPIED = [
    "autoMinorVersionUpgrade",
    "availabilityZone",
    "copyTagsToSnapshot",
    "dbSubnetGroupName",
    "deletionProtection",
    "enabledCloudwatchLogsExports",
    "engine",
    "iamDatabaseAuthenticationEnabled",
    "identifier",
    "instanceClass",
    "multiAz",
    "parameterGroupName",
    "port",
    "publiclyAccessible",
    "snapshotIdentifier",
    "vpcSecurityGroupIds",
]
"""Inputs that the vendor's provider sends when it restores a DB instance."""
_COMPLETED = [
    "allocatedStorage",
    "backupRetentionPeriod",
    "caCertIdentifier",
    "engineVersion",
    "manageMasterUserPassword",
    "masterUserSecretKmsKeyId",
    "password",
    "storageType",
]
"""Inputs that it sends when the instance is available. Name of the user, database and key are those of the snapshot."""

INSTANCE = Resource(
    type="aws:rds/instance:Instance",
    create=Call(
        "create_db_instance",
        gives={"id": "DBInstance.DbiResourceId"},
        carries=[
            *_CHANGED,
            *_FIXED,
            *_SENT,
            *_UNREAD,
            "dbSubnetGroupName",
            "enabledCloudwatchLogsExports",
            "masterUserSecretKmsKeyId",
        ],
    ),
    copies={
        "snapshotIdentifier": Copy(
            Call("restore_db_instance_from_db_snapshot", gives={"id": "DBInstance.DbiResourceId"}, carries=_COPIED),
            Call("modify_db_instance", {"ApplyImmediately": True}, carries=_COMPLETED),
        )
    },
    address={"DBInstanceIdentifier": "{identifier}"},
    read=Call(
        "describe_db_instances",
        {"Filters": [{"Name": "dbi-resource-id", "Values": ["{id}"]}]},
        within="DBInstances[0]",
        carries=[*_CHANGED, *_FIXED, "arn", "licenseModel", "resourceId", "status"],
        gives={
            "iamDatabaseAuthenticationEnabled": "DBInstances[0].IAMDatabaseAuthenticationEnabled",
            "enabledCloudwatchLogsExports": "DBInstances[0].EnabledCloudwatchLogsExports",
            "address": "DBInstances[0].Endpoint.Address",
            "port": "DBInstances[0].Endpoint.Port",
            "endpoint": "DBInstances[0].[Endpoint.Address, to_string(Endpoint.Port)] | join(':', @)",
            "hostedZoneId": "DBInstances[0].Endpoint.HostedZoneId",
            "dbSubnetGroupName": "DBInstances[0].DBSubnetGroup.DBSubnetGroupName",
            "parameterGroupName": "DBInstances[0].DBParameterGroups[0].DBParameterGroupName",
            "vpcSecurityGroupIds": "DBInstances[0].VpcSecurityGroups[].VpcSecurityGroupId",
            "masterUserSecrets": "DBInstances[0].MasterUserSecret && [DBInstances[0].MasterUserSecret]",
            "masterUserSecretKmsKeyId": "DBInstances[0].MasterUserSecret.KmsKeyId",
            "engineVersionActual": "DBInstances[0].EngineVersion",
        },
    ),
    update=[
        Update(
            Call("modify_db_instance", {"ApplyImmediately": "{applyImmediately}"}),
            carries=[
                *_CHANGED,
                "engineVersion",
                "iamDatabaseAuthenticationEnabled",
                "parameterGroupName",
                "vpcSecurityGroupIds",
            ],
        ),
        Update(functions.OF_INSTANCES.export_logs, carries=["enabledCloudwatchLogsExports"]),
    ],
    delete=Call(
        "delete_db_instance",
        {
            "DeleteAutomatedBackups": "{deleteAutomatedBackups}",
            "FinalDBSnapshotIdentifier": "{finalSnapshotIdentifier}",
            "SkipFinalSnapshot": "{skipFinalSnapshot}",
        },
    ),
    renames={
        "arn": "DBInstanceArn",
        "caCertIdentifier": "CACertificateIdentifier",
        "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
        "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
        "identifier": "DBInstanceIdentifier",
        "instanceClass": "DBInstanceClass",
        "parameterGroupName": "DBParameterGroupName",
        "password": "MasterUserPassword",
        "resourceId": "DbiResourceId",
        "snapshotIdentifier": "DBSnapshotIdentifier",
        "status": "DBInstanceStatus",
        "username": "MasterUsername",
    },
    defaults={
        "autoMinorVersionUpgrade": True,
        "copyTagsToSnapshot": False,
        "deletionProtection": False,
        "publiclyAccessible": False,
        "storageEncrypted": False,
    },
    computed=[
        "availabilityZone",
        "backupRetentionPeriod",
        "caCertIdentifier",
        "dbSubnetGroupName",
        "engineVersion",
        "kmsKeyId",
        "licenseModel",
        "masterUserSecretKmsKeyId",
        "multiAz",
        "parameterGroupName",
        "port",
        "snapshotIdentifier",
        "storageType",
        "vpcSecurityGroupIds",
    ],
    local=["applyImmediately", "deleteAutomatedBackups", "finalSnapshotIdentifier", "skipFinalSnapshot"],
    unread=[*_UNREAD, "snapshotIdentifier"],
    ready=Wait(
        Call("describe_db_instances"),
        until="DBInstances[0].DBInstanceStatus=='available'",
        failed="DBInstances[0].DBInstanceStatus=='failed'",
    ),
    name=Name("identifier", longest=63, lowercase=True),
    tags=_TAGS,
)

SUBNET_GROUP = Resource(
    type="aws:rds/subnetGroup:SubnetGroup",
    create="create_db_subnet_group",
    identifier="{name}",
    address={"DBSubnetGroupName": "{name}"},
    read=Call(
        "describe_db_subnet_groups",
        within="DBSubnetGroups[0]",
        gives={"subnetIds": "DBSubnetGroups[0].Subnets[].SubnetIdentifier"},
    ),
    update=["modify_db_subnet_group"],
    delete="delete_db_subnet_group",
    renames={"arn": "DBSubnetGroupArn", "description": "DBSubnetGroupDescription", "name": "DBSubnetGroupName"},
    defaults={"description": "Managed by Pulumi"},
    name=Name(longest=255, lowercase=True),
    tags=_TAGS,
)

PARAMETER_GROUP = Resource(
    type="aws:rds/parameterGroup:ParameterGroup",
    create="create_db_parameter_group",
    identifier="{name}",
    address={"DBParameterGroupName": "{name}"},
    read=[
        Call("describe_db_parameter_groups", within="DBParameterGroups[0]"),
        functions.OF_INSTANCES.read_parameters,
    ],
    update=[Update(functions.OF_INSTANCES.set_parameters, carries=["parameters"])],
    delete="delete_db_parameter_group",
    renames={"arn": "DBParameterGroupArn", "family": "DBParameterGroupFamily", "name": "DBParameterGroupName"},
    defaults={"description": "Managed by Pulumi", "parameters.applyMethod": "immediate"},
    name=Name(longest=255, lowercase=True),
    tags=_TAGS,
)

CLUSTER_PARAMETER_GROUP = Resource(
    type="aws:rds/clusterParameterGroup:ClusterParameterGroup",
    create="create_db_cluster_parameter_group",
    identifier="{name}",
    address={"DBClusterParameterGroupName": "{name}"},
    read=[
        Call("describe_db_cluster_parameter_groups", within="DBClusterParameterGroups[0]"),
        functions.OF_CLUSTERS.read_parameters,
    ],
    update=[Update(functions.OF_CLUSTERS.set_parameters, carries=["parameters"])],
    delete="delete_db_cluster_parameter_group",
    renames={
        "arn": "DBClusterParameterGroupArn",
        "family": "DBParameterGroupFamily",
        "name": "DBClusterParameterGroupName",
    },
    defaults={"description": "Managed by Pulumi", "parameters.applyMethod": "immediate"},
    name=Name(longest=255, lowercase=True),
    tags=_TAGS,
)

_CLUSTER_CHANGED = ["backupRetentionPeriod", "copyTagsToSnapshot", "deletionProtection"]
_CLUSTER_FIXED = ["databaseName", "engine", "kmsKeyId", "masterUsername", "storageEncrypted"]
"""Inputs of a DB cluster that a read returns as they were sent."""
_CLUSTER_SENT = [
    "dbClusterParameterGroupName",
    "iamDatabaseAuthenticationEnabled",
    "serverlessv2ScalingConfiguration",
    "vpcSecurityGroupIds",
]
_CLUSTER_UNREAD = ["engineVersion", "manageMasterUserPassword", "masterPassword"]

CLUSTER = Resource(
    type="aws:rds/cluster:Cluster",
    create=Call(
        "create_db_cluster",
        carries=[
            *_CLUSTER_CHANGED,
            *_CLUSTER_FIXED,
            *_CLUSTER_SENT,
            *_CLUSTER_UNREAD,
            "clusterIdentifier",
            "dbSubnetGroupName",
            "enabledCloudwatchLogsExports",
            "masterUserSecretKmsKeyId",
            "port",
        ],
    ),
    identifier="{clusterIdentifier}",
    address={"DBClusterIdentifier": "{clusterIdentifier}"},
    read=Call(
        "describe_db_clusters",
        within="DBClusters[0]",
        carries=[
            *_CLUSTER_CHANGED,
            *_CLUSTER_FIXED,
            "arn",
            "clusterResourceId",
            "endpoint",
            "hostedZoneId",
            "port",
            "readerEndpoint",
            "serverlessv2ScalingConfiguration",
        ],
        gives={
            "clusterMembers": "DBClusters[0].DBClusterMembers[].DBInstanceIdentifier",
            "dbClusterParameterGroupName": "DBClusters[0].DBClusterParameterGroup",
            "dbSubnetGroupName": "DBClusters[0].DBSubnetGroup",
            "enabledCloudwatchLogsExports": "DBClusters[0].EnabledCloudwatchLogsExports",
            "engineVersionActual": "DBClusters[0].EngineVersion",
            "iamDatabaseAuthenticationEnabled": "DBClusters[0].IAMDatabaseAuthenticationEnabled",
            "masterUserSecretKmsKeyId": "DBClusters[0].MasterUserSecret.KmsKeyId",
            "masterUserSecrets": "DBClusters[0].MasterUserSecret && [DBClusters[0].MasterUserSecret]",
            "vpcSecurityGroupIds": "DBClusters[0].VpcSecurityGroups[].VpcSecurityGroupId",
        },
    ),
    update=[
        Update(
            Call("modify_db_cluster", {"ApplyImmediately": "{applyImmediately}"}),
            carries=[*_CLUSTER_CHANGED, *_CLUSTER_SENT, "engineVersion"],
        ),
        Update(functions.OF_CLUSTERS.export_logs, carries=["enabledCloudwatchLogsExports"]),
    ],
    delete=Call(
        "delete_db_cluster",
        {
            "DeleteAutomatedBackups": "{deleteAutomatedBackups}",
            "FinalDBSnapshotIdentifier": "{finalSnapshotIdentifier}",
            "SkipFinalSnapshot": "{skipFinalSnapshot}",
        },
    ),
    renames={
        "arn": "DBClusterArn",
        "clusterIdentifier": "DBClusterIdentifier",
        "clusterResourceId": "DbClusterResourceId",
        "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
        "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
        "masterPassword": "MasterUserPassword",
        "serverlessv2ScalingConfiguration": "ServerlessV2ScalingConfiguration",
    },
    defaults={"copyTagsToSnapshot": False, "deletionProtection": False, "storageEncrypted": False},
    computed=[
        "backupRetentionPeriod",
        "clusterMembers",
        "databaseName",
        "dbClusterParameterGroupName",
        "dbSubnetGroupName",
        "engineVersion",
        "kmsKeyId",
        "masterUserSecretKmsKeyId",
        "port",
        "vpcSecurityGroupIds",
    ],
    local=["applyImmediately", "deleteAutomatedBackups", "finalSnapshotIdentifier", "skipFinalSnapshot"],
    unread=_CLUSTER_UNREAD,
    ready=Wait(
        Call("describe_db_clusters"),
        until="DBClusters[0].Status=='available'",
        failed="DBClusters[0].Status=='failed'",
    ),
    name=Name("clusterIdentifier", longest=63, lowercase=True),
    tags=_TAGS,
)

_MEMBER_CHANGED = [
    "autoMinorVersionUpgrade",
    "caCertIdentifier",
    "copyTagsToSnapshot",
    "instanceClass",
    "promotionTier",
    "publiclyAccessible",
]

CLUSTER_INSTANCE = Resource(
    type="aws:rds/clusterInstance:ClusterInstance",
    create=Call(
        "create_db_instance",
        carries=[*_MEMBER_CHANGED, "availabilityZone", "clusterIdentifier", "engine", "identifier"],
    ),
    identifier="{identifier}",
    address={"DBInstanceIdentifier": "{identifier}"},
    read=Call(
        "describe_db_instances",
        within="DBInstances[0]",
        carries=[
            *_MEMBER_CHANGED,
            "arn",
            "availabilityZone",
            "clusterIdentifier",
            "dbiResourceId",
            "engine",
            "kmsKeyId",
            "storageEncrypted",
        ],
        gives={
            "dbParameterGroupName": "DBInstances[0].DBParameterGroups[0].DBParameterGroupName",
            "dbSubnetGroupName": "DBInstances[0].DBSubnetGroup.DBSubnetGroupName",
            "endpoint": "DBInstances[0].Endpoint.Address",
            "engineVersionActual": "DBInstances[0].EngineVersion",
            "port": "DBInstances[0].Endpoint.Port",
        },
    ),
    update=[Update(Call("modify_db_instance", {"ApplyImmediately": "{applyImmediately}"}), carries=_MEMBER_CHANGED)],
    delete=Call("delete_db_instance", {"SkipFinalSnapshot": True}),
    renames={
        "arn": "DBInstanceArn",
        "caCertIdentifier": "CACertificateIdentifier",
        "clusterIdentifier": "DBClusterIdentifier",
        "identifier": "DBInstanceIdentifier",
        "instanceClass": "DBInstanceClass",
    },
    defaults={
        "autoMinorVersionUpgrade": True,
        "copyTagsToSnapshot": False,
        "promotionTier": 0,
        "publiclyAccessible": False,
    },
    computed=["availabilityZone", "caCertIdentifier", "dbParameterGroupName", "dbSubnetGroupName"],
    local=["applyImmediately"],
    ready=Wait(Call("describe_db_instances"), until="DBInstances[0].DBInstanceStatus=='available'"),
    name=Name("identifier", longest=63, lowercase=True),
    tags=_TAGS,
)

RESOURCES = [INSTANCE, SUBNET_GROUP, PARAMETER_GROUP, CLUSTER, CLUSTER_INSTANCE, CLUSTER_PARAMETER_GROUP]
