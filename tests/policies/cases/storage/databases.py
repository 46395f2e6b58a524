"""Cases of policies/security/rules/storage/databases.py."""

from __future__ import annotations

from tests.policies.case import OWN_ACCOUNT, Case, Situation, but, stack_context

KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"
PARAMETER_GROUPS = ("aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup")
TOOLING = stack_context(kind="tooling-mlflow")
GOVERNANCE = stack_context(kind="governance")

CLUSTERS = [
    Case(
        rule="RD-01",
        type=CLUSTER,
        compliant=Situation(
            inputs={"dbSubnetGroupName": "private", "storageEncrypted": True, "kmsKeyId": KEY}, context=GOVERNANCE
        ),
        refused={
            "has an empty subnet group": but({"dbSubnetGroupName": ""}),
            "is not encrypted": but({"storageEncrypted": False}),
            "uses the key of AWS": but({"kmsKeyId": "alias/aws/rds"}),
            "has a public address": but({"publiclyAccessible": True}),
        },
    ),
    Case(
        rule="RD-01",
        type=MEMBER,
        compliant=Situation(inputs={"publiclyAccessible": False}, context=GOVERNANCE),
        optional=frozenset({"publiclyAccessible"}),
        refused={"has a public address": but({"publiclyAccessible": True})},
    ),
    Case(
        rule="RD-02",
        type=CLUSTER,
        compliant=Situation(
            inputs={
                "backupRetentionPeriod": 7,
                "deletionProtection": True,
                "skipFinalSnapshot": False,
                "deleteAutomatedBackups": False,
            },
            context=GOVERNANCE,
        ),
        optional=frozenset({"skipFinalSnapshot"}),
        refused={
            "keeps backups for 6 days": but({"backupRetentionPeriod": 6}),
            "is not protected": but({"deletionProtection": False}),
            "leaves no snapshot": but({"skipFinalSnapshot": True}),
            "deletes its backups": but({"deleteAutomatedBackups": True}),
        },
    ),
    Case(
        rule="RD-03",
        type=CLUSTER,
        compliant=Situation(
            inputs={
                "manageMasterUserPassword": True,
                "masterUserSecretKmsKeyId": KEY,
                "iamDatabaseAuthenticationEnabled": True,
            },
            context=GOVERNANCE,
        ),
        refused={
            "has a password": but({"masterPassword": "chosen-by-hand"}),
            "has a password that is not in the state": but({"masterPasswordWo": "chosen-by-hand"}),
            "manages its password itself": but({"manageMasterUserPassword": False}),
            "keeps its password with the key of AWS": but({"masterUserSecretKmsKeyId": "alias/aws/secretsmanager"}),
            "knows passwords only": but({"iamDatabaseAuthenticationEnabled": False}),
        },
    ),
    Case(
        rule="RD-04",
        type=CLUSTER,
        compliant=Situation(
            inputs={"engine": "aurora-postgresql", "dbClusterParameterGroupName": "tls-only"}, context=GOVERNANCE
        ),
        refused={
            "is another engine": but({"engine": "aurora-mysql"}),
            "has an empty group": but({"dbClusterParameterGroupName": ""}),
            "has the default group": but({"dbClusterParameterGroupName": "default.aurora-postgresql16"}),
        },
    ),
    Case(
        rule="RD-05",
        type=CLUSTER,
        compliant=Situation(inputs={"enabledCloudwatchLogsExports": ["postgresql"]}, context=GOVERNANCE),
        refused={
            "delivers no logs": but({"enabledCloudwatchLogsExports": []}),
            "delivers another log": but({"enabledCloudwatchLogsExports": ["instance"]}),
        },
    ),
    Case(
        rule="RD-05",
        type=MEMBER,
        compliant=Situation(inputs={"autoMinorVersionUpgrade": True}, context=GOVERNANCE),
        optional=frozenset({"autoMinorVersionUpgrade"}),
        refused={"stays on its version": but({"autoMinorVersionUpgrade": False})},
    ),
]
PARAMETERS = [
    Case(
        rule="RD-04",
        type=type_,
        compliant=Situation(inputs={"parameters": [{"name": "rds.force_ssl", "value": "1"}]}, context=TOOLING),
        refused={
            "switches TLS off": but({"parameters.0.value": "0"}),
            "sets another parameter": but({"parameters.0.name": "log_statement"}),
            "sets no parameter": but({"parameters": []}),
        },
        accepted={
            "sets others before": but(
                {"parameters": [{"name": "log_statement", "value": "ddl"}, {"name": "rds.force_ssl", "value": "1"}]}
            )
        },
    )
    for type_ in PARAMETER_GROUPS
]
CASES = [
    *CLUSTERS,
    *PARAMETERS,
    Case(
        rule="RD-01",
        type=INSTANCE,
        compliant=Situation(
            inputs={
                "publiclyAccessible": False,
                "dbSubnetGroupName": "private",
                "storageEncrypted": True,
                "kmsKeyId": KEY,
            },
            context=TOOLING,
        ),
        optional=frozenset({"publiclyAccessible"}),
        refused={
            "has a public address": but({"publiclyAccessible": True}),
            "has an empty subnet group": but({"dbSubnetGroupName": ""}),
            "is not encrypted": but({"storageEncrypted": False}),
            "has an empty key": but({"kmsKeyId": ""}),
            "uses the key of AWS": but({"kmsKeyId": "alias/aws/rds"}),
        },
    ),
    Case(
        rule="RD-02",
        type=INSTANCE,
        compliant=Situation(
            inputs={
                "backupRetentionPeriod": 7,
                "multiAz": True,
                "deletionProtection": True,
                "skipFinalSnapshot": False,
                "deleteAutomatedBackups": False,
            },
            context=TOOLING,
        ),
        optional=frozenset({"skipFinalSnapshot"}),
        refused={
            "keeps backups for 6 days": but({"backupRetentionPeriod": 6}),
            "is in one zone": but({"multiAz": False}),
            "is not protected": but({"deletionProtection": False}),
            "leaves no snapshot": but({"skipFinalSnapshot": True}),
            "deletes its backups": but({"deleteAutomatedBackups": True}),
        },
        accepted={"keeps more backups": but({"backupRetentionPeriod": 35})},
    ),
    Case(
        rule="RD-03",
        type=INSTANCE,
        compliant=Situation(
            inputs={
                "manageMasterUserPassword": True,
                "masterUserSecretKmsKeyId": KEY,
                "iamDatabaseAuthenticationEnabled": True,
            },
            context=TOOLING,
        ),
        refused={
            "has a password": but({"password": "chosen-by-hand"}),
            "has a password that is not in the state": but({"passwordWo": "chosen-by-hand"}),
            "manages its password itself": but({"manageMasterUserPassword": False}),
            "keeps its password with the key of AWS": but({"masterUserSecretKmsKeyId": "alias/aws/secretsmanager"}),
            "has an empty key": but({"masterUserSecretKmsKeyId": ""}),
            "knows passwords only": but({"iamDatabaseAuthenticationEnabled": False}),
        },
        accepted={"has an empty password": but({"password": ""})},
    ),
    Case(
        rule="RD-04",
        type=INSTANCE,
        compliant=Situation(inputs={"engine": "postgres", "parameterGroupName": "tls-only"}, context=TOOLING),
        refused={
            "is another engine": but({"engine": "mysql"}),
            "has an empty group": but({"parameterGroupName": ""}),
            "has the default group": but({"parameterGroupName": "default.postgres18"}),
        },
    ),
    Case(
        rule="RD-05",
        type=INSTANCE,
        compliant=Situation(
            inputs={"enabledCloudwatchLogsExports": ["postgresql"], "autoMinorVersionUpgrade": True}, context=TOOLING
        ),
        optional=frozenset({"autoMinorVersionUpgrade"}),
        refused={
            "delivers no logs": but({"enabledCloudwatchLogsExports": []}),
            "delivers another log": but({"enabledCloudwatchLogsExports": ["upgrade"]}),
            "stays on its version": but({"autoMinorVersionUpgrade": False}),
        },
        accepted={"delivers more logs": but({"enabledCloudwatchLogsExports": ["upgrade", "postgresql"]})},
    ),
]
