"""A PostgreSQL database that is restored from a snapshot, on the real engine and with a real server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from plinth_sandbox.emulator.services.rds.executor.programs import find_programs
from plinth_sandbox.waiting import eventually
from tests.support.workbench import REPOSITORY, Workbench

pytestmark = pytest.mark.skipif(find_programs() is None, reason="no programs of PostgreSQL")

REGION, STACK, NAME = "eu-west-1", "restore", "plinth-mlflow"
PROGRAM = """
import sys

sys.path.insert(0, {repository!r})
import pulumi
import pulumi_aws as aws

from components.storage.postgres_database import PostgresDatabase, PostgresDatabaseArgs

role = aws.ProviderAssumeRoleArgs(
    role_arn="arn:aws:iam::" + pulumi.Config("given").require("account") + ":role/OrganizationAccountAccessRole"
)
account = aws.Provider("account", region={region!r}, assume_roles=[role])
opts = pulumi.ResourceOptions(provider=account)
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=opts)
subnets = [
    aws.ec2.Subnet(zone, vpc_id=vpc.id, cidr_block=cidr, availability_zone={region!r} + zone, opts=opts)
    for zone, cidr in (("a", "10.0.0.0/24"), ("b", "10.0.1.0/24"))
]
clients = aws.ec2.SecurityGroup("clients", vpc_id=vpc.id, description="Clients", opts=opts)
database = PostgresDatabase("database", PostgresDatabaseArgs(
    identifier={name!r}, database="mlflow", instance_class="db.t4g.medium", storage_gib=20, backup_days=14,
    log_retention_days=365, vpc_id=vpc.id, subnet_ids=[subnet.id for subnet in subnets],
    client_security_group_id=clients.id, key_arn=aws.kms.Key("key", opts=opts).arn,
    snapshot=pulumi.Config("given").get("snapshot"),
), opts)
# Something that uses the database, as the tracking server does.
aws.ssm.Parameter("address", name="/mlflow/address", type="String", value=database.address, opts=opts)
for output in ("address", "port", "resource_id", "secret_arn"):
    pulumi.export(output, getattr(database, output))
"""


@dataclass
class Site:
    """A stack with a database in an account of its own."""

    acme: Workbench
    account: str

    @property
    def rds(self) -> Any:
        return self.acme.client("rds", self.account)

    def up(self, *words: str, check: bool = True) -> str:
        done = self.acme.pulumi("up", "--stack", STACK, "--yes", "--skip-preview", *words, check=check)
        return done.stdout + done.stderr

    def execute(self, text: str) -> list[Any]:
        """Runs a statement as the master user of the stack's database."""
        outputs = self.acme.outputs(STACK)
        secrets = self.acme.client("secretsmanager", self.account)
        master = json.loads(secrets.get_secret_value(SecretId=outputs["secret_arn"])["SecretString"])
        with psycopg.connect(
            host=outputs["address"], port=int(outputs["port"]), dbname="mlflow", sslmode="require",
            user=master["username"], password=master["password"],
        ) as connection:  # fmt: skip
            found = connection.execute(text.encode())
            return found.fetchall() if found.description else []

    def instances(self) -> list[str]:
        return [instance["DBInstanceIdentifier"] for instance in self.rds.describe_db_instances()["DBInstances"]]

    def available(self, snapshot: str) -> bool:
        (found,) = self.rds.describe_db_snapshots(DBSnapshotIdentifier=snapshot)["DBSnapshots"]
        return bool(found["Status"] == "available")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    acme = Workbench(tmp_path_factory.mktemp("restore"))
    acme.project.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (acme.project / "Pulumi.yaml").write_text(json.dumps({"name": "plinth", "runtime": runtime}))
    program = PROGRAM.format(repository=str(REPOSITORY), region=REGION, name=NAME)
    (acme.project / "__main__.py").write_text(program)
    acme.sandbox("up")
    try:
        organizations = acme.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        created = organizations.create_account(Email="tooling@acme.example", AccountName="tooling")
        account = created["CreateAccountStatus"]["AccountId"]
        acme.pulumi("stack", "init", STACK)
        acme.pulumi("config", "set", "--stack", STACK, "given:account", account)
        site = Site(acme, account)
        site.up()
        yield site
    finally:
        acme.sandbox("down")


def test_a_snapshot_replaces_the_database_by_one_with_its_records_and_keeps_what_was_there(site: Site) -> None:
    site.execute("create table runs as select 'logged before the snapshot' as text")
    site.rds.create_db_snapshot(DBInstanceIdentifier=NAME, DBSnapshotIdentifier="before-upgrade")
    eventually(lambda: site.available("before-upgrade"))
    site.execute("update runs set text = 'damaged'")
    before = site.acme.outputs(STACK)
    site.acme.pulumi("config", "set", "--stack", STACK, "given:snapshot", "before-upgrade")

    # The engine refuses to replace the database until somebody lifts its protection.
    refused = site.up(check=False)
    assert "protect" in refused
    assert site.instances() == [NAME]
    (urn,) = [resource["urn"] for resource in site.acme.state(STACK) if resource["type"] == "aws:rds/instance:Instance"]
    site.acme.pulumi("state", "unprotect", "--stack", STACK, "--yes", urn)
    site.rds.modify_db_instance(DBInstanceIdentifier=NAME, DeletionProtection=False)  # as `plinth up` does

    site.up()
    (restored,) = site.instances()
    assert restored.startswith(f"{NAME}-")
    assert site.execute("select text from runs") == [("logged before the snapshot",)]
    after = site.acme.outputs(STACK)
    assert after["resource_id"] != before["resource_id"]
    ssm = site.acme.client("ssm", site.account)
    assert ssm.get_parameter(Name="/mlflow/address")["Parameter"]["Value"] == after["address"]
    (described,) = site.rds.describe_db_instances(DBInstanceIdentifier=restored)["DBInstances"]
    assert (described["MultiAZ"], described["DeletionProtection"], described["StorageEncrypted"]) == (True, True, True)
    assert (described["BackupRetentionPeriod"], described["PendingModifiedValues"]) == (14, {})
    again = site.acme.pulumi("preview", "--stack", STACK, "--refresh", "--expect-no-changes", check=False)
    assert again.returncode == 0, again.stdout

    # What was in the old database is in its last snapshot, and can be looked at.
    eventually(lambda: site.available(f"{NAME}-final"))
    (protected,) = [resource for resource in site.acme.state(STACK) if resource["type"] == "aws:rds/instance:Instance"]
    assert protected["protect"] is True
