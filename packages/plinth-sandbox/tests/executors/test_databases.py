"""RDS: a real PostgreSQL server for each DB instance, whose users enter with a password or a token of IAM, over TLS."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.services.rds.executor.programs import find_programs
from plinth_sandbox.environment import AUTHORITY
from plinth_sandbox.testing import REGION, EmulatedAws
from plinth_sandbox.waiting import eventually

pytestmark = pytest.mark.skipif(find_programs() is None, reason="no programs of PostgreSQL")


@dataclass
class Site:
    """An account with a DB instance that manages its password and knows IAM."""

    aws: EmulatedAws
    directory: Path
    account: str

    @property
    def rds(self) -> Any:
        return self.aws.client("rds", self.account)

    def create(self, name: str, **changes: Any) -> None:
        given = {
            "DBInstanceClass": "db.t4g.medium",
            "Engine": "postgres",
            "EngineVersion": "18",
            "AllocatedStorage": 20,
            "DBName": "records",
            "MasterUsername": "plinth",
            "ManageMasterUserPassword": True,
            "EnableIAMDatabaseAuthentication": True,
            "DBSubnetGroupName": "private",
        }
        self.rds.create_db_instance(**{"DBInstanceIdentifier": name, **given, **changes})

    def described(self, name: str = "records") -> dict[str, Any]:
        return self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def available(self, name: str = "records") -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = self.described(name)
            assert found["DBInstanceStatus"] in ("creating", "available"), found
            return found if found["DBInstanceStatus"] == "available" else None

        return eventually(look)

    def connect(
        self, user: str, password: str, *, sslmode: str = "verify-full", name: str = "records"
    ) -> psycopg.Connection[Any]:
        endpoint = self.described(name)["Endpoint"]
        return psycopg.connect(
            host=endpoint["Address"],
            port=endpoint["Port"],
            dbname="records",
            user=user,
            password=password,
            sslmode=sslmode,
            sslrootcert=str(self.directory / AUTHORITY) if sslmode == "verify-full" else None,
            gssencmode="disable",
        )

    def master(self, name: str = "records") -> dict[str, str]:
        arn = self.described(name)["MasterUserSecret"]["SecretArn"]
        client = self.aws.client("secretsmanager", self.account)
        return dict(json.loads(client.get_secret_value(SecretId=arn)["SecretString"]))

    def as_master(self, text: str) -> list[Any]:
        master = self.master()
        with self.connect(master["username"], master["password"]) as connection:
            found = connection.execute(text.encode())
            return found.fetchall() if found.description else []

    def answered(self, text: str) -> list[Any]:
        """Returns what the server answers once it is there."""
        return eventually(lambda: self.as_master(text), ignored=psycopg.OperationalError)

    def session(self, role: str, *resources: str) -> boto3.Session:
        """Returns a session of a new role that may connect to these resources."""
        iam = self.aws.client("iam", self.account)
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        if resources:
            statement = {"Effect": "Allow", "Action": "rds-db:connect", "Resource": list(resources)}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_role_policy(RoleName=role, PolicyName="connect", PolicyDocument=policy)
        issued = self.aws.client("sts", self.account).assume_role(RoleArn=arn, RoleSessionName="pod")["Credentials"]
        return boto3.Session(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"], REGION)

    def token(self, session: boto3.Session, user: str = "mlflow", **changes: Any) -> str:
        endpoint = self.described()["Endpoint"]
        given = {"DBHostname": endpoint["Address"], "Port": endpoint["Port"], "DBUsername": user, **changes}
        return str(session.client("rds").generate_db_auth_token(**given))

    def user_arn(self, user: str = "mlflow") -> str:
        return f"arn:aws:rds-db:{REGION}:{self.account}:dbuser:{self.described()['DbiResourceId']}/{user}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("databases")
    with EmulatedAws(directory) as aws:
        account = aws.new_account("databases")
        ec2, rds = aws.client("ec2", account), aws.client("rds", account)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        zones = {"a": "10.0.0.0/24", "b": "10.0.1.0/24"}
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
            for zone, cidr in zones.items()
        ]
        rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="Private", SubnetIds=subnets)
        found = Site(aws, directory, account)
        found.create("records")
        assert found.described()["DBInstanceStatus"] == "creating"
        assert "Endpoint" not in found.described()
        found.available()
        yield found


def test_the_master_user_enters_with_the_managed_password_and_owns_the_database(site: Site) -> None:
    assert site.as_master("show server_version") == [("18.4",)]
    assert site.described()["EngineVersion"] == "18.4"
    site.as_master("create table runs (name text)")
    assert site.as_master("select rolsuper from pg_roles where rolname = current_user") == [(False,)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        site.connect("plinth", "guessed")


def test_connections_without_tls_are_refused_until_the_parameter_allows_them(site: Site) -> None:
    master = site.master()
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry .* no encryption"):
        site.connect(master["username"], master["password"], sslmode="disable")
    site.rds.create_db_parameter_group(
        DBParameterGroupName="plain", DBParameterGroupFamily="postgres18", Description="Plain text"
    )
    off = {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}
    site.rds.modify_db_parameter_group(DBParameterGroupName="plain", Parameters=[off])
    site.rds.modify_db_instance(DBInstanceIdentifier="records", DBParameterGroupName="plain")
    site.connect(master["username"], master["password"], sslmode="disable").close()
    site.rds.modify_db_instance(DBInstanceIdentifier="records", DBParameterGroupName="default.postgres18")


def test_a_role_that_may_connect_enters_with_a_token_and_no_other(site: Site) -> None:
    site.as_master("create role mlflow login")
    site.as_master("grant rds_iam to mlflow")
    allowed, other = site.session("tracking", site.user_arn()), site.session("elsewhere", site.user_arn("other"))
    with site.connect("mlflow", site.token(allowed)) as connection:
        assert connection.execute("select current_user").fetchone() == ("mlflow",)
    refused = "PAM authentication failed"
    for password in (
        "guessed",
        site.token(other),
        site.token(allowed, "other"),
        site.token(allowed, Port=5432),
        site.token(allowed).replace("X-Amz-Signature=", "X-Amz-Signature=0"),
        site.token(allowed).replace("X-Amz-Expires=900", "X-Amz-Expires=9000"),
    ):
        with pytest.raises(psycopg.OperationalError, match=refused):
            site.connect("mlflow", password)
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        site.connect("mlflow", site.token(allowed), sslmode="disable")
    site.aws.client("iam", site.account).delete_role_policy(RoleName="tracking", PolicyName="connect")
    with pytest.raises(psycopg.OperationalError, match=refused):
        site.connect("mlflow", site.token(allowed))


def test_a_token_is_no_password_of_a_user_without_the_role_of_iam(site: Site) -> None:
    session = site.session("guessing", site.user_arn("plinth"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        site.connect("plinth", site.token(session, "plinth"))


def test_records_survive_a_kill_of_the_sandbox_and_the_endpoint_stays(site: Site) -> None:
    site.as_master("create table kept as select 'here' as text")
    endpoint = site.described()["Endpoint"]
    site.aws.kill()
    site.aws.start()
    assert site.answered("select text from kept") == [("here",)]
    assert site.described()["Endpoint"] == endpoint


def test_a_server_that_is_killed_starts_again_with_its_records(site: Site) -> None:
    site.as_master("create table served as select 'here' as text")
    pid = site.directory / "databases" / site.described()["DbiResourceId"] / "data" / "postmaster.pid"
    killed = int(pid.read_text().split()[0])
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: not pid.exists() or int(pid.read_text().split()[0]) != killed)
    assert site.answered("select text from served") == [("here",)]


def snapshot_of(site: Site, name: str) -> dict[str, Any] | None:
    (found,) = site.rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
    assert found["Status"] in ("creating", "available"), found
    return dict(found) if found["Status"] == "available" else None


def test_a_restored_instance_has_the_records_of_its_snapshot_and_the_original_those_that_followed(site: Site) -> None:
    site.as_master("create table logged as select 'before' as text")
    made = site.rds.create_db_snapshot(DBInstanceIdentifier="records", DBSnapshotIdentifier="morning")["DBSnapshot"]
    assert made["Status"] == "creating"
    snapshot = eventually(lambda: snapshot_of(site, "morning"))
    assert (snapshot["MasterUsername"], snapshot["SnapshotType"]) == ("plinth", "manual")
    assert {"password", "DBName", "DBInstanceClass"} & set(snapshot) == set()
    site.as_master("drop table logged")

    site.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="restored",
        DBSnapshotIdentifier="morning",
        DBSubnetGroupName="private",
        EnableIAMDatabaseAuthentication=True,
    )
    restored = site.available("restored")
    assert restored["DbiResourceId"] != site.described()["DbiResourceId"]
    assert "MasterUserSecret" not in restored
    password = site.master()["password"]  # that of the snapshot, until somebody sets another one
    with site.connect("plinth", password, name="restored") as connection:
        assert connection.execute("select text from logged").fetchall() == [("before",)]
    site.rds.modify_db_instance(DBInstanceIdentifier="restored", ManageMasterUserPassword=True)
    with site.connect("plinth", site.master("restored")["password"], name="restored") as connection:
        connection.execute("insert into logged values ('after')")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        site.connect("plinth", password, name="restored")
    with pytest.raises(psycopg.errors.UndefinedTable):
        site.as_master("select text from logged")

    # The snapshot and the restored instance outlive the sandbox.
    site.aws.kill()
    site.aws.start()
    assert snapshot_of(site, "morning")
    arguments = ("plinth", site.master("restored")["password"])
    connected = eventually(lambda: site.connect(*arguments, name="restored"), ignored=psycopg.OperationalError)
    with connected as connection:
        assert connection.execute("select text from logged order by text").fetchall() == [("after",), ("before",)]
    folder = site.directory / "database-snapshots" / f"{site.described()['DbiResourceId']}-morning"
    assert folder.is_dir()
    site.rds.delete_db_snapshot(DBSnapshotIdentifier="morning")
    assert not folder.exists()
    assert site.rds.describe_db_snapshots(DBSnapshotIdentifier="morning")["DBSnapshots"] == []


def test_the_last_snapshot_of_a_deleted_instance_has_its_records(site: Site) -> None:
    password = site.master("restored")["password"]
    site.rds.delete_db_instance(DBInstanceIdentifier="restored", FinalDBSnapshotIdentifier="restored-final")
    eventually(lambda: snapshot_of(site, "restored-final"))
    site.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="again", DBSnapshotIdentifier="restored-final", DBSubnetGroupName="private"
    )
    site.available("again")
    with site.connect("plinth", password, name="again") as connection:
        assert connection.execute("select count(*) from logged").fetchone() == (2,)


def test_a_deleted_instance_keeps_nothing(site: Site) -> None:
    site.create("leaving")
    before = site.available("leaving")
    resource, secret, endpoint = before["DbiResourceId"], before["MasterUserSecret"]["SecretArn"], before["Endpoint"]
    assert (site.directory / "databases" / resource).exists()
    site.rds.delete_db_instance(DBInstanceIdentifier="leaving", FinalDBSnapshotIdentifier="leaving-final")
    with pytest.raises(ClientError, match="DBInstanceNotFound"):
        site.described("leaving")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        site.aws.client("secretsmanager", site.account).get_secret_value(SecretId=secret)
    eventually(lambda: not (site.directory / "databases" / resource).exists())
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=endpoint["Address"], port=endpoint["Port"], dbname="records", user="plinth")
    assert eventually(lambda: snapshot_of(site, "leaving-final"))


def test_another_major_version_is_refused_because_the_sandbox_does_not_have_it(site: Site) -> None:
    with pytest.raises(ClientError, match=r"NotImplementedBySandbox.*PostgreSQL 18"):
        site.create("older", EngineVersion="17")


def create_cluster(site: Site, name: str) -> dict[str, Any]:
    """Creates a cluster that pauses, and returns it once its server is there."""
    site.rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        EngineVersion="16",
        DatabaseName="workflows",
        MasterUsername="plinth",
        ManageMasterUserPassword=True,
        EnableIAMDatabaseAuthentication=True,
        DBSubnetGroupName="private",
        ServerlessV2ScalingConfiguration={"MinCapacity": 0, "MaxCapacity": 1},
    )

    def look() -> dict[str, Any] | None:
        (found,) = site.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
        assert found["Status"] in ("creating", "available"), found
        return found if found["Status"] == "available" else None

    return eventually(look)


def add_instance(site: Site, cluster: str, name: str) -> None:
    given = {"Engine": "aurora-postgresql", "DBInstanceClass": "db.serverless"}
    site.rds.create_db_instance(DBInstanceIdentifier=name, DBClusterIdentifier=cluster, **given)


def test_a_cluster_answers_through_its_instances_and_keeps_its_records_without_them(site: Site) -> None:
    cluster = create_cluster(site, "workflows")
    secrets = site.aws.client("secretsmanager", site.account)
    master = json.loads(secrets.get_secret_value(SecretId=cluster["MasterUserSecret"]["SecretArn"])["SecretString"])

    def connect(user: str = master["username"], password: str = master["password"]) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=cluster["Endpoint"],
            port=cluster["Port"],
            dbname="workflows",
            user=user,
            password=password,
            sslmode="verify-full",
            sslrootcert=str(site.directory / AUTHORITY),
            gssencmode="disable",
        )

    with pytest.raises(psycopg.OperationalError):
        connect()
    add_instance(site, "workflows", "workflows-1")
    with connect() as connection:
        connection.execute("create table kept as select 'here' as text")
        connection.execute("create role reader login in role rds_iam")
        connection.execute("grant select on kept to reader")
    assert site.described("workflows-1")["Endpoint"]["Port"] == cluster["Port"]

    site.rds.delete_db_instance(DBInstanceIdentifier="workflows-1")
    with pytest.raises(psycopg.OperationalError):
        connect()
    add_instance(site, "workflows", "workflows-2")
    arn = f"arn:aws:rds-db:{REGION}:{site.account}:dbuser:{cluster['DbClusterResourceId']}/reader"
    reading = site.session("reading", arn).client("rds")
    token = reading.generate_db_auth_token(DBHostname=cluster["Endpoint"], Port=cluster["Port"], DBUsername="reader")
    with connect("reader", token) as connection:
        assert connection.execute("select text from kept").fetchall() == [("here",)]


def test_a_deleted_cluster_keeps_nothing(site: Site) -> None:
    cluster = create_cluster(site, "leaving-too")
    folder = site.directory / "databases" / cluster["DbClusterResourceId"]
    assert folder.exists()
    site.rds.delete_db_cluster(DBClusterIdentifier="leaving-too", FinalDBSnapshotIdentifier="leaving-too-final")
    eventually(lambda: not folder.exists())
    (snapshot,) = site.rds.describe_db_cluster_snapshots(DBClusterIdentifier="leaving-too")["DBClusterSnapshots"]
    assert (snapshot["DBClusterSnapshotIdentifier"], snapshot["Status"]) == ("leaving-too-final", "available")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        site.aws.client("secretsmanager", site.account).get_secret_value(
            SecretId=cluster["MasterUserSecret"]["SecretArn"]
        )
