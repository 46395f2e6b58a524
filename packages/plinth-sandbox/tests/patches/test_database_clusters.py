"""DB clusters of Aurora: what the emulator refuses as RDS does."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import REGION, EmulatedAws
from plinth_sandbox.waiting import eventually

_numbers = itertools.count(1)


class Place:
    """An account with a network in which DB clusters can be created."""

    def __init__(self, aws: EmulatedAws, account: str) -> None:
        self.rds, ec2 = aws.client("rds", account), aws.client("ec2", account)
        vpc, other = (ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
                "SubnetId"
            ]
            for n, zone in enumerate("ab")
        ]
        self.foreign = ec2.create_security_group(GroupName=f"foreign-{next(_numbers)}", Description="x", VpcId=other)[
            "GroupId"
        ]
        self.group = f"clusters-{next(_numbers)}"
        self.rds.create_db_subnet_group(
            DBSubnetGroupName=self.group, DBSubnetGroupDescription="Private", SubnetIds=subnets
        )

    def create(self, **changes: Any) -> str:
        """Creates a cluster, and returns its name once it is available."""
        request = {
            "DBClusterIdentifier": f"cluster-{next(_numbers)}",
            "Engine": "aurora-postgresql",
            "EngineVersion": "16.4",
            "MasterUsername": "plinth",
            "ManageMasterUserPassword": True,
            "DBSubnetGroupName": self.group,
            "ServerlessV2ScalingConfiguration": scaling(),
            **changes,
        }
        given = {name: value for name, value in request.items() if value is not None}
        name = str(self.rds.create_db_cluster(**given)["DBCluster"]["DBClusterIdentifier"])
        assert eventually(lambda: self.described(name)["Status"] == "available")
        return name

    def described(self, name: str) -> dict[str, Any]:
        return dict(self.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0])

    def join(self, cluster: str, **changes: Any) -> str:
        name = f"member-{next(_numbers)}"
        request = {"DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql", **changes}
        self.rds.create_db_instance(DBInstanceIdentifier=name, DBClusterIdentifier=cluster, **request)
        return name


@pytest.fixture(scope="module")
def place(aws: EmulatedAws, account: str) -> Place:
    return Place(aws, account)


@pytest.fixture(scope="module")
def cluster(place: Place) -> str:
    return place.create()


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**given)
    return f"{raised.value.response['Error']['Code']}: {raised.value.response['Error']['Message']}"


def scaling(least: float = 0, most: float = 1, **idle: int) -> dict[str, Any]:
    return {"MinCapacity": least, "MaxCapacity": most, **idle}


SCALING = "ServerlessV2ScalingConfiguration"
KEY = f"arn:aws:kms:{REGION}:111111111111:key/0f6d2d3e-0000-4000-8000-000000000000"
REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "a version that does not pause": (
        {"EngineVersion": "16.2"},
        r"minimum capacity 0\.0 isn't valid.* at least 0\.5",
    ),
    "a capacity between half steps": ({SCALING: scaling(0.7)}, "minimum capacity 0.7 isn't valid"),
    "too small a maximum": ({SCALING: scaling(0, 0.5)}, "maximum capacity 0.5 isn't valid"),
    "too large a maximum": ({SCALING: scaling(0, 257)}, "maximum capacity 257.0 isn't valid"),
    "a maximum below the minimum": ({SCALING: scaling(4, 2)}, "maximum capacity 2.0 isn't valid"),
    "a pause after four minutes": ({SCALING: scaling(SecondsUntilAutoPause=299)}, "SecondsUntilAutoPause 299"),
    "a pause after more than a day": ({SCALING: scaling(SecondsUntilAutoPause=86_401)}, "between 300 and 86400"),
    "a name with two hyphens": ({"DBClusterIdentifier": "a--b"}, "not a valid identifier"),
    "an unknown version": ({"EngineVersion": "16.99"}, "Cannot find version 16.99 for aurora-postgresql"),
    "an engine that the sandbox lacks": ({"Engine": "aurora-mysql"}, "NotImplementedBySandbox"),
    "backups of 36 days": ({"BackupRetentionPeriod": 36}, "Invalid backup retention period"),
    "a log of another engine": ({"EnableCloudwatchLogsExports": ["upgrade"]}, "cannot use the log types 'upgrade'"),
    "a reserved user": ({"MasterUsername": "rdsadmin"}, "reserved word"),
    "a bad name of a database": ({"DatabaseName": "1a"}, "DatabaseName must begin with a letter"),
    "two passwords": ({"MasterUserPassword": "long enough"}, "can't specify MasterUserPassword"),
    "no password": ({"ManageMasterUserPassword": False}, "MasterUserPassword must be provided"),
    "a key of nobody": ({"StorageEncrypted": True, "KmsKeyId": KEY}, "KMSKeyNotAccessibleFault"),
    "a key that encrypts nothing": ({"KmsKeyId": KEY}, "when StorageEncrypted is false"),
    "a subnet group that does not exist": ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
    "a parameter group that does not exist": ({"DBClusterParameterGroupName": "none"}, "DBParameterGroupNotFound"),
    "a security group that does not exist": ({"VpcSecurityGroupIds": ["sg-0"]}, "Invalid security group"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_cluster_that_aurora_refuses(place: Place, what: str) -> None:
    changes, reason = REFUSALS[what]
    with pytest.raises(ClientError, match=reason):
        place.create(**changes)


def test_a_security_group_of_another_network(place: Place) -> None:
    assert "different VPCs" in refused(place.create, VpcSecurityGroupIds=[place.foreign])


def test_the_time_until_a_pause_belongs_to_clusters_that_pause(place: Place, cluster: str) -> None:
    assert place.described(cluster)[SCALING]["SecondsUntilAutoPause"] == 300
    other = place.create(**{SCALING: scaling(0.5, SecondsUntilAutoPause=600)})
    assert "SecondsUntilAutoPause" not in place.described(other)[SCALING]
    found = refused(place.rds.modify_db_cluster, DBClusterIdentifier=cluster, **{SCALING: {"MaxCapacity": 0.5}})
    assert "maximum capacity 0.5 isn't valid" in found


MEMBERS: dict[str, tuple[dict[str, Any], str]] = {
    "another engine": ({"Engine": "postgres"}, "doesn't match the engine name of your DB cluster"),
    "storage of its own": ({"AllocatedStorage": 20}, "will be a member of a DB Cluster. Set AllocatedStorage"),
    "a user of its own": ({"MasterUsername": "plinth"}, "Set MasterUsername for the DB Cluster"),
    "another class": ({"DBInstanceClass": "db.r6g.large"}, "NotImplementedBySandbox"),
    "an unknown authority": ({"CACertificateIdentifier": "rds-ca-2015"}, "Certificate not found"),
}


@pytest.mark.parametrize("what", MEMBERS)
def test_an_instance_that_a_cluster_refuses(place: Place, cluster: str, what: str) -> None:
    changes, reason = MEMBERS[what]
    with pytest.raises(ClientError, match=reason):
        place.join(cluster, **changes)


def test_an_instance_needs_a_cluster_with_a_range_of_capacities(place: Place) -> None:
    with pytest.raises(ClientError, match="DBClusterNotFoundFault"):
        place.join("none")
    with pytest.raises(ClientError, match="Set the Serverless v2 scaling configuration on the parent"):
        place.join(place.create(**{SCALING: None}))


def test_a_parameter_group_fits_the_engine_of_the_cluster(place: Place) -> None:
    group = {"DBClusterParameterGroupName": "older", "DBParameterGroupFamily": "aurora-postgresql15"}
    place.rds.create_db_cluster_parameter_group(**group, Description="x")
    assert "can't be used for this instance" in refused(place.create, DBClusterParameterGroupName="older")
    group |= {"DBClusterParameterGroupName": "others", "DBParameterGroupFamily": "postgres16"}
    found = refused(place.rds.create_db_cluster_parameter_group, **group, Description="x")
    assert "not a valid parameter group family" in found


def test_a_protected_cluster_and_what_it_uses_are_not_deleted(place: Place) -> None:
    family = {"DBParameterGroupFamily": "aurora-postgresql16", "Description": "x"}
    place.rds.create_db_cluster_parameter_group(DBClusterParameterGroupName="in-use", **family)
    name = place.create(DeletionProtection=True, DBClusterParameterGroupName="in-use")
    member = place.join(name)
    members = [
        (cluster_member["DBInstanceIdentifier"], cluster_member["IsClusterWriter"])
        for cluster_member in place.described(name)["DBClusterMembers"]
    ]
    assert members == [(member, True)]
    delete, cluster = place.rds.delete_db_cluster, {"DBClusterIdentifier": name}
    assert "Cannot delete protected Cluster" in refused(delete, **cluster, SkipFinalSnapshot=True)
    groups = place.rds.delete_db_cluster_parameter_group
    assert "InvalidDBParameterGroupState" in refused(groups, DBClusterParameterGroupName="in-use")
    assert "InvalidDBSubnetGroupStateFault" in refused(place.rds.delete_db_subnet_group, DBSubnetGroupName=place.group)
    modify = place.rds.modify_db_instance
    assert "is a member of a cluster" in refused(modify, DBInstanceIdentifier=member, BackupRetentionPeriod=7)
    place.rds.modify_db_cluster(**cluster, DeletionProtection=False)
    assert "still contains DB instances" in refused(delete, **cluster, SkipFinalSnapshot=True)
    leave = place.rds.delete_db_instance
    assert "can not be specified" in refused(leave, DBInstanceIdentifier=member, FinalDBSnapshotIdentifier="x")
    leave(DBInstanceIdentifier=member)
    assert "FinalDBSnapshotIdentifier is required" in refused(delete, **cluster)
    delete(**cluster, SkipFinalSnapshot=True)
    assert "DBClusterNotFoundFault" in refused(place.rds.describe_db_clusters, **cluster)


def test_an_upgrade_goes_forward_and_a_major_one_is_explicit(place: Place, cluster: str) -> None:
    modify = place.rds.modify_db_cluster
    assert "Cannot upgrade aurora-postgresql from 16.4 to 16.3" in refused(
        modify, DBClusterIdentifier=cluster, EngineVersion="16.3"
    )
    assert "AllowMajorVersionUpgrade flag" in refused(modify, DBClusterIdentifier=cluster, EngineVersion="17")
    assert "InvalidParameterValue" in refused(modify, DBClusterIdentifier=cluster, BackupRetentionPeriod=40)
