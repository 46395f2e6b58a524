"""The role with which a command enters an account. The program of the stacks and the command line share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from settings.types.naming import named

READ_ONLY_VARIABLE = "PLINTH_READ_ONLY"
"""Environment variable of read-only commands: they enter accounts with the roles for reviews."""
PERSON_VARIABLE = "PLINTH_DEPLOYS_FOR"
"""Environment variable of pods: they enter accounts with the deployer roles, for the person whom it names."""

ACCESS_ROLE = "OrganizationAccountAccessRole"
"""Role with which the management account enters a new account. Organizations creates it with this name by default."""
DEPLOYER = "platform-deployer"
"""Role that the runner and pods assume to deploy into an account."""
REVIEWER = "platform-reviewer"
"""Name of the role with which a review reads an account."""
LAUNCHER = "platform-launcher"
"""Name of the role that starts Jobs in the Kubernetes cluster."""
DIRECTORY_READER = "platform-directory-reader"
"""Name of the role in the management account that answers whether the directory has a user name."""
_ROLES = "plinth/"
"""Path of the roles of the foundation, without the first slash."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountAccess:
    """How a command enters accounts. By default it uses the roles that AWS Organizations created."""

    reads_only: bool = False
    """Whether it uses the roles for reviews, which allow a preview and no update."""
    person: str | None = None
    """The person for whom it uses the deployer roles, as source identity; None if it uses others."""

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Self:
        """Returns the access that environment variables select."""
        return cls(reads_only=READ_ONLY_VARIABLE in variables, person=variables.get(PERSON_VARIABLE))

    @property
    def role(self) -> str:
        """The role, with its path and without a first slash."""
        if self.reads_only:
            return f"{_ROLES}{REVIEWER}"
        return ACCESS_ROLE if self.person is None else f"{_ROLES}{DEPLOYER}"

    def role_arn(self, account_id: str) -> str:
        """Returns the ARN of the role in an account."""
        return f"arn:aws:iam::{account_id}:role/{self.role}"

    def assumed_role(self, stack: str, account_id: str) -> dict[str, Any]:
        """Returns the role as the state of a provider of the stack contains it."""
        assumed = {"roleArn": self.role_arn(account_id), "sessionName": session_name(stack)}
        return assumed if self.person is None else {**assumed, "sourceIdentity": self.person}


def session_name(stack: str) -> str:
    """Returns the name of the sessions in which a stack is deployed."""
    return named("role session", "plinth", stack)


def role_arn(account_id: str, name: str) -> str:
    """Returns the ARN of a role of the foundation."""
    return f"arn:aws:iam::{account_id}:role/{_ROLES}{name}"


REVIEW = AccountAccess(reads_only=True)
"""The access of reviews."""
