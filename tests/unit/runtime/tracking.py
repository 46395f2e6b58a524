"""An account with roles and a database, for the programs of the tracking server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from plinth_sandbox.emulator.services.rds.executor.programs import find_programs
from plinth_sandbox.environment import AUTHORITY
from plinth_sandbox.testing import REGION, EmulatedAws
from plinth_sandbox.waiting import eventually

SERVER = "plinth-mlflow"


@dataclass
class Site:
    """An account with roles and, if a test asks for it, a database."""

    aws: EmulatedAws
    account: str

    @property
    def authority(self) -> str:
        """File with the authority of the database's certificate."""
        return str(self.aws.directory / AUTHORITY)

    def session(self, role: str, *actions: str, path: str = "/plinth/") -> boto3.Session:
        iam = self.aws.client("iam", self.account)
        own = {"AWS": f"arn:aws:iam::{self.account}:root"}
        trust = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": own, "Action": "sts:AssumeRole"}],
            }
        )
        arn = iam.create_role(RoleName=role, Path=path, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if actions:
            allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
            iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=policy)
        issued = self.aws.client("sts", self.account).assume_role(RoleArn=arn, RoleSessionName="pod")["Credentials"]
        return boto3.Session(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"], REGION)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with EmulatedAws(tmp_path_factory.mktemp("tracking")) as aws:
        yield Site(aws, aws.new_account("tracking"))


@pytest.fixture
def at_sandbox(site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    """Lets boto3 find the sandbox, as its shell does. Returns the address."""
    url = str(site.aws.client("sts", site.account).meta.endpoint_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_REGION", REGION)
    return url


def act_as(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the process the keys of a session, as EKS gives them to a pod."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name, value in keys_of(session).items():
        monkeypatch.setenv(name, value)


def keys_of(session: boto3.Session) -> dict[str, str]:
    """Returns the keys of a session as environment variables."""
    keys = session.get_credentials()
    assert keys is not None
    names = {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key}
    return {**names, "AWS_SESSION_TOKEN": str(keys.token)}


def variables_of(instance: dict[str, Any]) -> dict[str, str]:
    """Returns the variables that tell the programs of the server about its database."""
    endpoint = instance["Endpoint"]
    return {
        "TRACKING_DATABASE_HOST": endpoint["Address"],
        "TRACKING_DATABASE_PORT": str(endpoint["Port"]),
        "TRACKING_DATABASE_NAME": "mlflow",
        "TRACKING_DATABASE_USER": "mlflow",
        "AWS_REGION": REGION,
    }


@pytest.fixture(scope="module")
def instance(site: Site) -> dict[str, Any]:
    return database(site)


def database(site: Site) -> dict[str, Any]:
    """Returns a new database of the server, once it is available. Skips the test without programs of PostgreSQL."""
    if find_programs() is None:
        pytest.skip("no programs of PostgreSQL")
    ec2, rds = site.aws.client("ec2", site.account), site.aws.client("rds", site.account)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="Private", SubnetIds=subnets)
    rds.create_db_instance(
        DBInstanceIdentifier=SERVER,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        AllocatedStorage=20,
        DBName="mlflow",
        MasterUsername="plinth",
        ManageMasterUserPassword=True,
        EnableIAMDatabaseAuthentication=True,
        DBSubnetGroupName="private",
    )

    def look() -> dict[str, Any] | None:
        (found,) = rds.describe_db_instances(DBInstanceIdentifier=SERVER)["DBInstances"]
        assert found["DBInstanceStatus"] in ("creating", "available")
        return dict(found) if found["DBInstanceStatus"] == "available" else None

    return eventually(look)
