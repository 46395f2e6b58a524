"""The resources of the foundation that this repository uses: ``foundation.json``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from shared_libraries.project.documents import (
    AccountId,
    Bucket,
    Document,
    KeyArn,
    Name,
    Region,
    SecurityGroups,
    Subnets,
    read_document,
)
from shared_libraries.project.names import Names

FILE = "foundation.json"
Environment = Literal["staging", "prod"]
ENVIRONMENTS: tuple[Environment, ...] = ("staging", "prod")
"""Folders of ``inference_config``. The foundation calls their accounts preproduction and production."""
_ABBREVIATIONS: Mapping[Environment, str] = {"staging": "preprod", "prod": "prod"}


class Account(Document):
    """An environment in which models are served."""

    account_id: AccountId
    bucket: Bucket
    key_arn: KeyArn
    subnets: Subnets
    security_groups: SecurityGroups


class Environments(Document):
    staging: Account
    prod: Account


class Foundation(Document):
    """Names and ids that the foundation gives to this use case. Copier writes them; `copier update` changes them."""

    team: Name
    use_case: Name
    region: Region
    environments: Environments

    @property
    def names(self) -> Names:
        """Names of main, the only branch that is promoted."""
        return Names(team=self.team, use_case=self.use_case, branch="main")

    def account(self, environment: Environment) -> Account:
        return self.environments.staging if environment == "staging" else self.environments.prod

    def role_arn(self, role: str, environment: Environment) -> str:
        """Returns the ARN of a role of the use case, such as ``pipeline``."""
        name = f"{self.names.prefix}-{_ABBREVIATIONS[environment]}-{role}"
        return f"arn:aws:iam::{self.account(environment).account_id}:role/plinth/{name}"

    def function_arn(self, function: str, environment: Environment) -> str:
        """Returns the ARN of a Lambda function, by its folder in ``app_infra/lambda``."""
        name = f"{self.names.prefix}-{function.replace('_', '-')}"
        return f"arn:aws:lambda:{self.region}:{self.account(environment).account_id}:function:{name}"


def read_foundation(root: Path) -> Foundation:
    return read_document(Foundation, root / FILE, root)
