"""IAM Identity Center without passwords: codes and tokens are the names of people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import boto3

from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import PERMISSION_SET
from selfservice.portal.access.identity_center import Credentials, DeviceCode, Role, SignedOutError

PLATFORM = Role("123456789012", "acme-governance", PERMISSION_SET)
SCIENTIST = Role("123456789012", "acme-fraud-experimentation", "DataScientist")


@dataclass
class Center:
    """IAM Identity Center, whose codes and tokens are the names of people."""

    roles_of: dict[str, list[Role]]
    hours: int = 1
    issued: list[str] = field(default_factory=list)
    """People for whom credentials were issued."""
    signed_out: list[str] = field(default_factory=list)
    allowed: dict[str, str | None] = field(default_factory=dict)
    """Names of the people who have allowed a sign-in of a shared portal, by its code."""

    def address(self, state: str, verifier: str) -> str:
        return f"https://center.example.com/authorize?state={state}"

    def token(self, code: str, verifier: str) -> str:
        if code not in self.roles_of or not verifier:
            raise RefusedError("the sign-in has expired or was used before; sign in again")
        return code

    def device_code(self) -> DeviceCode:
        number = len(self.allowed) + 1
        self.allowed[f"device-{number}"] = None
        return DeviceCode(f"device-{number}", f"CODE-{number:04}", f"https://center.example.com/device?{number}")

    def token_of_device(self, code: str) -> str | None:
        return self.allowed[code]

    def roles(self, token: str) -> list[Role]:
        return self.roles_of[token]

    def credentials(self, token: str, role: Role) -> Credentials:
        if token in self.signed_out:
            raise SignedOutError
        self.issued.append(token)
        arn = f"arn:aws:iam::{role.account_id}:role/AWSReservedSSO_{role.permission_set}"
        sts = boto3.client("sts", region_name="eu-west-1")
        keys = sts.assume_role(RoleArn=arn, RoleSessionName=token)["Credentials"]
        return Credentials(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            expires=datetime.now(UTC) + timedelta(hours=self.hours),
        )

    def end(self, token: str) -> None:
        self.signed_out.append(token)
