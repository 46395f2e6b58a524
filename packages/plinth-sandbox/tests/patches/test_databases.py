"""RDS: what the emulator refuses as RDS does. ``executors/test_databases.py`` shows the servers of instances."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import REGION, EmulatedAws
from plinth_sandbox.waiting import LONGEST_SECONDS

_numbers = itertools.count(1)


class Place:
    """An account with a network in which DB instances can be created."""

    def __init__(self, aws: EmulatedAws, account: str) -> None:
        self.rds, ec2 = aws.client("rds", account), aws.client("ec2", account)
        vpc, other = (ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
        self.subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
                "SubnetId"
            ]
            for n, zone in enumerate("aab")
        ]
        name = f"elsewhere-{next(_numbers)}"
        self.foreign = ec2.create_security_group(GroupName=name, Description="x", VpcId=other)["GroupId"]
        self.group = f"private-{next(_numbers)}"
        self.rds.create_db_subnet_group(
            DBSubnetGroupName=self.group, DBSubnetGroupDescription="Private", SubnetIds=self.subnets[1:]
        )

    def create(self, **changes: Any) -> dict[str, Any]:
        request = {
            "DBInstanceIdentifier": f"records-{next(_numbers)}",
            "DBInstanceClass": "db.t4g.medium",
            "Engine": "postgres",
            "EngineVersion": "18",
            "AllocatedStorage": 20,
            "StorageType": "gp3",
            "MasterUsername": "plinth",
            "ManageMasterUserPassword": True,
            "DBSubnetGroupName": self.group,
            **changes,
        }
        given = {name: value for name, value in request.items() if value is not None}
        return dict(self.rds.create_db_instance(**given)["DBInstance"])


@pytest.fixture(scope="module")
def place(aws: EmulatedAws, account: str) -> Place:
    return Place(aws, account)


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**given)
    return f"{raised.value.response['Error']['Code']}: {raised.value.response['Error']['Message']}"


KEY = f"arn:aws:kms:{REGION}:111111111111:key/0f6d2d3e-0000-4000-8000-000000000000"
REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "a name with two hyphens": ({"DBInstanceIdentifier": "a--b"}, "not a valid identifier"),
    "a name that begins with a digit": ({"DBInstanceIdentifier": "1a"}, "not a valid identifier"),
    "an unknown version": ({"EngineVersion": "9.9"}, "Cannot find version 9.9 for postgres"),
    "an instance class without prefix": ({"DBInstanceClass": "t4g.medium"}, "Invalid DB Instance class: t4g.medium"),
    "an old family": ({"DBInstanceClass": "db.t2.micro"}, "RDS does not support creating a DB instance"),
    "too little storage": ({"AllocatedStorage": 19}, "Invalid storage size for engine name postgres and storage type"),
    "too much storage": ({"AllocatedStorage": 65_537}, "Invalid storage size"),
    "no storage": ({"AllocatedStorage": None}, "AllocatedStorage must be provided"),
    "an unknown storage type": ({"StorageType": "floppy"}, "Invalid storage type"),
    "backups of 36 days": ({"BackupRetentionPeriod": 36}, "Invalid backup retention period"),
    "a log of another engine": ({"EnableCloudwatchLogsExports": ["audit"]}, "cannot use the log types 'audit'"),
    "a reserved user": ({"MasterUsername": "rdsadmin"}, "reserved word"),
    "no user": ({"MasterUsername": None}, "MasterUsername must be provided"),
    "two passwords": ({"MasterUserPassword": "long enough"}, "can't specify MasterUserPassword"),
    "no password": ({"ManageMasterUserPassword": False}, "MasterUserPassword must be provided"),
    "a bad password": (
        {"ManageMasterUserPassword": None, "MasterUserPassword": "with@sign"},
        "not a valid password",
    ),
    "a key of nobody": ({"StorageEncrypted": True, "KmsKeyId": KEY}, "KMSKeyNotAccessibleFault"),
    "a key that encrypts nothing": ({"KmsKeyId": KEY}, "when StorageEncrypted is false"),
    "a subnet group that does not exist": ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
    "a parameter group that does not exist": ({"DBParameterGroupName": "none"}, "DBParameterGroupNotFound"),
    "a security group that does not exist": ({"VpcSecurityGroupIds": ["sg-0"]}, "Invalid security group"),
    "an authority that does not exist": ({"CACertificateIdentifier": "rds-ca-2015"}, "Certificate not found"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_an_instance_that_rds_refuses(place: Place, what: str) -> None:
    changes, reason = REFUSALS[what]
    with pytest.raises(ClientError, match=reason):
        place.create(**changes)


def test_a_security_group_of_another_network(place: Place) -> None:
    assert "different VPCs" in refused(place.create, VpcSecurityGroupIds=[place.foreign])


def test_a_subnet_group_needs_two_zones_of_one_network(place: Place) -> None:
    given = {"DBSubnetGroupName": "one-zone", "DBSubnetGroupDescription": "x", "SubnetIds": place.subnets[:2]}
    found = refused(place.rds.create_db_subnet_group, **given)
    assert found.startswith("DBSubnetGroupDoesNotCoverEnoughAZs: ")
    assert f"Current AZ coverage: {REGION}a." in found
    given["SubnetIds"] = ["subnet-0"]
    assert refused(place.rds.create_db_subnet_group, **given).startswith("InvalidSubnet: ")


def test_a_parameter_group_has_parameters_of_its_family(place: Place) -> None:
    group = {"DBParameterGroupName": "own", "DBParameterGroupFamily": "postgres17", "Description": "x"}
    place.rds.create_db_parameter_group(**group)

    def setting(name: str, value: str, method: str = "immediate") -> str:
        wanted = [{"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}]
        return refused(place.rds.modify_db_parameter_group, DBParameterGroupName="own", Parameters=wanted)

    assert "Could not find parameter with name: tls" in setting("tls", "1")
    assert "Invalid parameter value: yes for: rds.force_ssl" in setting("rds.force_ssl", "yes")
    assert "cannot use immediate apply method for static parameter" in setting("max_connections", "10")
    assert "can't be used for this instance" in refused(place.create, DBParameterGroupName="own")
    group |= {"DBParameterGroupName": "mysql", "DBParameterGroupFamily": "oracle-19"}
    assert "not a valid parameter group family" in refused(place.rds.create_db_parameter_group, **group)


def test_a_protected_instance_and_what_it_uses_are_not_deleted(place: Place) -> None:
    place.rds.create_db_parameter_group(
        DBParameterGroupName="used", DBParameterGroupFamily="postgres18", Description="x"
    )
    name = place.create(DeletionProtection=True, DBParameterGroupName="used")["DBInstanceIdentifier"]
    place.rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": LONGEST_SECONDS}
    )
    delete = place.rds.delete_db_instance
    assert "Cannot delete protected DB Instance" in refused(delete, DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    assert "InvalidDBParameterGroupState" in refused(place.rds.delete_db_parameter_group, DBParameterGroupName="used")
    assert "InvalidDBSubnetGroupStateFault" in refused(place.rds.delete_db_subnet_group, DBSubnetGroupName=place.group)
    modify = place.rds.modify_db_instance
    assert "can't be less" in refused(modify, DBInstanceIdentifier=name, AllocatedStorage=10, ApplyImmediately=True)
    assert "Cannot upgrade" in refused(modify, DBInstanceIdentifier=name, EngineVersion="17", ApplyImmediately=True)
    later = modify(DBInstanceIdentifier=name, AllocatedStorage=40)["DBInstance"]
    assert (later["AllocatedStorage"], later["PendingModifiedValues"]["AllocatedStorage"]) == (20, 40)
    modify(DBInstanceIdentifier=name, DeletionProtection=False)
    assert "FinalDBSnapshotIdentifier is required" in refused(delete, DBInstanceIdentifier=name)
    delete(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def available(place: Place, name: str) -> None:
    place.rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": LONGEST_SECONDS}
    )


def test_a_snapshot_needs_a_free_name_and_an_instance(place: Place) -> None:
    name = place.create()["DBInstanceIdentifier"]
    available(place, name)
    create = place.rds.create_db_snapshot
    assert "DBInstanceNotFound" in refused(create, DBInstanceIdentifier="none", DBSnapshotIdentifier="none")
    assert "not a valid identifier" in refused(create, DBInstanceIdentifier=name, DBSnapshotIdentifier="1a")
    create(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-first", Tags=[{"Key": "why", "Value": "upgrade"}])
    taken = refused(create, DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-first")
    assert taken.startswith("DBSnapshotAlreadyExists: ")
    place.rds.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier=f"{name}-first", WaiterConfig={"Delay": 1, "MaxAttempts": LONGEST_SECONDS}
    )
    (found,) = place.rds.describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]
    assert (found["AllocatedStorage"], found["TagList"]) == (20, [{"Key": "why", "Value": "upgrade"}])

    restore = place.rds.restore_db_instance_from_db_snapshot
    request = {"DBInstanceIdentifier": f"{name}-b", "DBSnapshotIdentifier": f"{name}-first"}
    assert "DBSnapshotNotFound" in refused(restore, **{**request, "DBSnapshotIdentifier": "none"})
    assert "DBInstanceAlreadyExists" in refused(restore, **{**request, "DBInstanceIdentifier": name})
    assert "at least the 20 GiB" in refused(restore, **request, AllocatedStorage=19)
    assert "doesn't apply to the engine postgres" in refused(restore, **request, ManageMasterUserPassword=True)
    assert "InvalidRestoreFault" in refused(restore, **request, Engine="mysql")
    restored = restore(**request, DBSubnetGroupName=place.group)["DBInstance"]
    assert (restored["MasterUsername"], restored["MultiAZ"], restored["DeletionProtection"]) == ("plinth", False, False)
    place.rds.delete_db_snapshot(DBSnapshotIdentifier=f"{name}-first")
    assert "DBSnapshotNotFound" in refused(place.rds.delete_db_snapshot, DBSnapshotIdentifier=f"{name}-first")
