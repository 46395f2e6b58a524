"""Undeclared resources that an intruder with an administrator's access adds to the example's accounts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from selfservice.undeclared.finding import Danger
from tests.engine.example.expected import STRANGER, VERSION, Expected, policy_of
from tests.engine.example.openings import copies, policies, stores
from tests.support.workbench import Workbench

_OUTSIDE, _TAKE_OVER = Danger.OUTSIDE, Danger.TAKE_OVER
_ORGANIZATION, _ACCOUNT = Danger.ORGANIZATION, Danger.ACCOUNT


class Intruder:
    """Adds things to accounts. Each method returns what is to be found, and removes its addition at the end."""

    def __init__(self, acme: Workbench, undo: ExitStack) -> None:
        self.acme, self._undo = acme, undo
        self.lake = acme.outputs("data-lake")["account_id"]
        self.production = acme.outputs("fraud-production")["account_id"]
        self.experimentation = acme.outputs("fraud-experimentation")["account_id"]
        self.management = acme.client("sts").get_caller_identity()["Account"]

    def later(self, call: Callable[..., Any], **parameters: Any) -> None:
        """Calls this at the end, in the opposite order."""
        self._undo.callback(call, **parameters)

    def grants(self) -> Iterator[Expected]:
        """The additions of Lake Formation: each is a kind of grant, or what makes grants possible."""
        client = self.acme.client("lakeformation", self.lake)
        for arn, danger, grant in self._lake_grants():
            if "PermissionsWithGrantOption" in grant:
                # Revoking the option takes the declared grant with it.
                self.later(client.grant_permissions, **{**grant, "PermissionsWithGrantOption": []})
            client.grant_permissions(**grant)
            self.later(client.revoke_permissions, **grant)
            yield Expected(danger, self.lake, "Lake Formation", arn)
        yield from self._administrator()
        yield self._cells_filter(client)

    def _lake_grants(self) -> Iterator[tuple[str, Danger, dict[str, Any]]]:
        declared = next(
            resource["outputs"]
            for resource in self.acme.state("data-lake--card-payments")
            if resource["type"] == "aws:lakeformation/permissions:Permissions" and resource["outputs"].get("table")
        )
        table = declared["table"]
        arn = f"arn:aws:glue:eu-west-1:{self.lake}"
        database, name = table["databaseName"], table.get("name") or "*"
        named = {"Name": name} if name != "*" else {"TableWildcard": {}}
        # The option to grant, added to a grant that a stack declares.
        yield (
            f"{arn}:table/{database}/{name}",
            _TAKE_OVER,
            {
                "Principal": {"DataLakePrincipalIdentifier": declared["principal"]},
                "Resource": {"Table": {"DatabaseName": database, **named}},
                "Permissions": declared["permissions"],
                "PermissionsWithGrantOption": declared["permissions"],
            },
        )
        reader = f"arn:aws:iam::{self.experimentation}:role/plinth/somebody"
        yield (
            f"{arn}:table/{database}/*",
            _ORGANIZATION,
            {
                "Principal": {"DataLakePrincipalIdentifier": reader},
                "Resource": {"Table": {"DatabaseName": database, "TableWildcard": {}}},
                "Permissions": ["SELECT"],
            },
        )
        yield (
            f"{arn}:database/{database}",
            _ORGANIZATION,
            {
                "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
                "Resource": {"Database": {"Name": database}},
                "Permissions": ["ALL"],
            },
        )
        tag = next(
            resource["outputs"]
            for resource in self.acme.state("data-catalog")
            if resource["type"] == "aws:lakeformation/lfTag:LfTag"
        )
        value = sorted(tag["values"])[0]
        yield (
            f"arn:aws:lakeformation:eu-west-1:{self.lake}:lf-tag-policy/table/{tag['key']}={value}",
            _OUTSIDE,
            {
                "Principal": {"DataLakePrincipalIdentifier": STRANGER},
                "Resource": {
                    "LFTagPolicy": {
                        "ResourceType": "TABLE",
                        "Expression": [{"TagKey": tag["key"], "TagValues": [value]}],
                    }
                },
                "Permissions": ["SELECT"],
            },
        )

    def _administrator(self) -> Iterator[Expected]:
        """An administrator of a catalog in a region where no stack has one."""
        client = self.acme.client("lakeformation", self.lake, "us-east-1")
        before = client.get_data_lake_settings()["DataLakeSettings"]
        admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{self.lake}:role/intruder"}
        client.put_data_lake_settings(DataLakeSettings={**before, "DataLakeAdmins": [admin]})
        self.later(client.put_data_lake_settings, DataLakeSettings=before)
        resource = f"arn:aws:lakeformation:us-east-1:{self.lake}:data-lake-settings"
        yield Expected(_TAKE_OVER, self.lake, "Lake Formation", resource)

    def _cells_filter(self, client: Any) -> Expected:
        table = next(
            state_resource["outputs"]
            for state_resource in self.acme.state("data-lake--card-payments")
            if state_resource["type"] == "aws:glue/catalogTable:CatalogTable"
        )
        named = {
            "TableCatalogId": self.lake,
            "DatabaseName": table["databaseName"],
            "TableName": table["name"],
            "Name": "everything",
        }
        client.create_data_cells_filter(TableData={**named, "RowFilter": {"AllRowsWildcard": {}}, "ColumnWildcard": {}})
        self.later(client.delete_data_cells_filter, **named)
        path = f"{table['databaseName']}/{table['name']}/everything"
        resource = f"arn:aws:lakeformation:eu-west-1:{self.lake}:data-cells-filter/{path}"
        return Expected(_ACCOUNT, self.lake, "Lake Formation", resource)

    def identities(self) -> Iterator[Expected]:
        """Roles, a user with credentials, and identity providers in the production account."""
        iam = self.acme.client("iam", self.production)
        arn = f"arn:aws:iam::{self.production}"
        trusts = {
            "of-strangers": (_OUTSIDE, {"AWS": f"arn:aws:iam::{STRANGER}:root"}),
            "of-experiments": (_ORGANIZATION, {"AWS": f"arn:aws:iam::{self.experimentation}:root"}),
            "administrator": (_TAKE_OVER, {"Service": "lambda.amazonaws.com"}),
            "worker": (_ACCOUNT, {"Service": "lambda.amazonaws.com"}),
        }
        for name, (danger, principal) in trusts.items():
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy_of("sts:AssumeRole", principal))
            self.later(iam.delete_role, RoleName=name)
            yield Expected(danger, self.production, "IAM", f"{arn}:role/{name}")
        attached = {"RoleName": "administrator", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
        iam.attach_role_policy(**attached)
        self.later(iam.detach_role_policy, **attached)
        yield from self._user(iam, arn)
        provider = iam.create_open_id_connect_provider(
            Url="https://tokens.example", ClientIDList=["x"], ThumbprintList=["0" * 40]
        )["OpenIDConnectProviderArn"]
        self.later(iam.delete_open_id_connect_provider, OpenIDConnectProviderArn=provider)
        yield Expected(_TAKE_OVER, self.production, "IAM", provider)
        provider = iam.create_saml_provider(Name="intruder", SAMLMetadataDocument="x" * 1000)["SAMLProviderArn"]
        self.later(iam.delete_saml_provider, SAMLProviderArn=provider)
        yield Expected(_TAKE_OVER, self.production, "IAM", provider)

    def _user(self, iam: Any, arn: str) -> Iterator[Expected]:
        name = {"UserName": "intruder"}
        iam.create_user(**name)
        self.later(iam.delete_user, **name)
        yield Expected(_TAKE_OVER, self.production, "IAM", f"{arn}:user/intruder")
        iam.create_login_profile(**name, Password="Correct-horse-7")
        self.later(iam.delete_login_profile, **name)
        yield Expected(_TAKE_OVER, self.production, "IAM", f"{arn}:user/intruder/login-profile")
        key = iam.create_access_key(**name)["AccessKey"]["AccessKeyId"]
        self.later(iam.delete_access_key, **name, AccessKeyId=key)
        yield Expected(_TAKE_OVER, self.production, "IAM", f"{arn}:user/intruder/access-key/{key}")

    def people(self) -> Iterator[Expected]:
        """A permission set, a policy of a declared one, and an assignment."""
        sso = self.acme.client("sso-admin")
        instance = {"InstanceArn": self.acme.outputs("identity")["instance_arn"]}
        created = sso.create_permission_set(**instance, Name="intruder")["PermissionSet"]["PermissionSetArn"]
        made = {**instance, "PermissionSetArn": created}
        self.later(sso.delete_permission_set, **made)
        yield Expected(_TAKE_OVER, self.management, "IAM Identity Center", created)
        declared = sorted(self.acme.outputs("identity")["permission_sets"].values())[0]
        attached = {
            **instance,
            "PermissionSetArn": declared,
            "ManagedPolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
        }
        sso.attach_managed_policy_to_permission_set(**attached)
        self.later(sso.detach_managed_policy_from_permission_set, **attached)
        yield Expected(_TAKE_OVER, self.management, "IAM Identity Center", declared)
        group = sorted(self.acme.outputs("identity")["groups"].values())[0]
        assignment = {
            **made,
            "TargetId": self.production,
            "TargetType": "AWS_ACCOUNT",
            "PrincipalType": "GROUP",
            "PrincipalId": group,
        }
        sso.create_account_assignment(**assignment)
        self.later(sso.delete_account_assignment, **assignment)
        resource = f"{created.replace(':permissionSet/', ':account-assignment/')}/{self.production}/{group}"
        yield Expected(_TAKE_OVER, self.management, "IAM Identity Center", resource)

    def organization(self) -> Iterator[Expected]:
        """A policy of the organization, attached to an account, and a delegated administrator."""
        organizations = self.acme.client("organizations")
        policy = organizations.create_policy(
            Name="intruder",
            Description="Locks out",
            Type="SERVICE_CONTROL_POLICY",
            Content=json.dumps(
                {"Version": VERSION, "Statement": {"Effect": "Deny", "Action": "codecommit:*", "Resource": "*"}}
            ),
        )["Policy"]["PolicySummary"]
        self.later(organizations.delete_policy, PolicyId=policy["Id"])
        target = {"PolicyId": policy["Id"], "TargetId": self.production}
        organizations.attach_policy(**target)
        self.later(organizations.detach_policy, **target)
        yield Expected(_ACCOUNT, self.management, "AWS Organizations", policy["Arn"])
        delegated = {"AccountId": self.production, "ServicePrincipal": "access-analyzer.amazonaws.com"}
        organizations.register_delegated_administrator(**delegated)
        self.later(organizations.deregister_delegated_administrator, **delegated)
        listed = organizations.list_delegated_administrators()["DelegatedAdministrators"]
        (arn,) = (
            delegated_administrator["Arn"]
            for delegated_administrator in listed
            if delegated_administrator["Id"] == self.production
        )
        yield Expected(_TAKE_OVER, self.management, "AWS Organizations", f"{arn}/access-analyzer.amazonaws.com")

    def shares(self) -> Iterator[Expected]:
        """A resource share, a grant on a declared key, a key, a peering connection and an endpoint service."""
        ram = self.acme.client("ram", self.lake)
        ec2 = self.acme.client("ec2", self.lake)
        subnet = ec2.describe_subnets()["Subnets"][0]
        share = ram.create_resource_share(
            name="intruder",
            principals=[self.experimentation],
            resourceArns=[subnet["SubnetArn"]],
        )["resourceShare"]["resourceShareArn"]
        self.later(ram.delete_resource_share, resourceShareArn=share)
        yield Expected(_ORGANIZATION, self.lake, "RAM", share)
        yield from self._keys()
        vpc = subnet["VpcId"]
        peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=vpc, PeerOwnerId=self.lake)
        id_ = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        self.later(ec2.delete_vpc_peering_connection, VpcPeeringConnectionId=id_)
        resource = f"arn:aws:ec2:eu-west-1:{self.lake}:vpc-peering-connection/{id_}"
        yield Expected(_ACCOUNT, self.lake, "VPC", resource)

    def _keys(self) -> Iterator[Expected]:
        place = self.acme.outputs("fraud-production")
        kms = self.acme.client("kms", self.production)
        given = kms.create_grant(
            KeyId=place["key_arn"], GranteePrincipal=f"arn:aws:iam::{STRANGER}:root", Operations=["Decrypt"]
        )
        self.later(kms.revoke_grant, KeyId=place["key_arn"], GrantId=given["GrantId"])
        yield Expected(_OUTSIDE, self.production, "KMS", f"{place['key_arn']}/grant/{given['GrantId']}")
        key = kms.create_key()["KeyMetadata"]
        self.later(kms.schedule_key_deletion, KeyId=key["KeyId"])
        yield Expected(_ACCOUNT, self.production, "KMS", key["Arn"])

    def everything(self) -> Iterator[Expected]:
        for additions in (
            self.grants,
            self.identities,
            self.people,
            self.organization,
            self.shares,
        ):
            yield from additions()
        for openings in (policies, stores, copies):
            yield from openings(self)


@contextmanager
def intruder_in(acme: Workbench) -> Iterator[list[Expected]]:
    """Adds everything to the accounts, yields what is to be found, and removes it again."""
    with ExitStack() as undo:
        yield sorted(Intruder(acme, undo).everything())
