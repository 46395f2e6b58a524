"""The resources of the foundation that this repository uses: ``foundation.json``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from plinth_project.documents import (
    AccountId,
    Bucket,
    Document,
    EndpointId,
    KeyArn,
    Name,
    OrganizationId,
    ProjectError,
    Region,
    SecurityGroups,
    Subnets,
    read_document,
)
from plinth_project.names import USE_CASE_TAG, Names

FILE = "foundation.json"
Environment = Literal["staging", "prod"]
ENVIRONMENTS: tuple[Environment, ...] = ("staging", "prod")
"""Folders of ``inference_config``. The foundation calls their accounts preproduction and production."""
STACKS: Mapping[Environment, str] = {"staging": "preproduction", "prod": "production"}
"""Names of the environments in the foundation. A stack is named after team and environment."""
_ABBREVIATIONS: Mapping[Environment, str] = {"staging": "preprod", "prod": "prod"}


class Account(Document):
    """An environment in which models are served."""

    account_id: AccountId
    bucket: Bucket
    key_arn: KeyArn
    subnets: Subnets
    security_groups: SecurityGroups
    api_endpoint: EndpointId
    """VPC endpoint of the environment's network for private APIs."""
    log_retention_days: int
    """Days to keep logs."""


class Environments(Document):
    staging: Account
    prod: Account


class Foundation(Document):
    """Names and ids that the foundation gives to this use case. Copier writes them; `copier update` changes them."""

    team: Name
    use_case: Name
    region: Region
    organization_id: OrganizationId
    test_endpoint: EndpointId
    """VPC endpoint through which the tests of the promotion call APIs."""
    models_call_aws: bool
    """Whether models call AWS services during inference. Others are isolated from the network."""
    tags: dict[str, str]
    """Tags of every resource."""
    environments: Environments

    @property
    def names(self) -> Names:
        """Names of main, the only branch that is promoted."""
        return Names(team=self.team, use_case=self.use_case, branch="main")

    def account(self, environment: Environment) -> Account:
        return self.environments.staging if environment == "staging" else self.environments.prod

    def prefix(self, environment: Environment) -> str:
        """Returns the prefix of all names in an environment, such as ``fraud--scoring-prod``."""
        return f"{self.names.prefix}-{_ABBREVIATIONS[environment]}"

    def role_arn(self, role: str, environment: Environment) -> str:
        """Returns the ARN of a role of the use case, such as ``pipeline``."""
        return f"arn:aws:iam::{self.account(environment).account_id}:role/plinth/{self.prefix(environment)}-{role}"

    def function_arn(self, function: str, environment: Environment) -> str:
        """Returns the ARN of a Lambda function, by its folder in ``app_infra/lambda``."""
        return self._arn("lambda", environment, f"function:{self.prefix(environment)}-{function.replace('_', '-')}")

    def alarm_topic_arn(self, environment: Environment) -> str:
        """Returns the ARN of the topic that people follow."""
        return self._arn("sns", environment, f"{self.prefix(environment)}-alarms")

    @property
    def event_source(self) -> str:
        """Source of all events of the use case, requests and answers."""
        return f"{self.team}.{self.use_case}"

    def answers_queue_arn(self, environment: Environment) -> str:
        """Returns the ARN of the queue for answers to events."""
        return self._arn("sqs", environment, f"{self.prefix(environment)}-answers")

    def answers_queue_url(self, environment: Environment) -> str:
        """Returns the URL of the queue for answers to events."""
        account, name = self.account(environment).account_id, f"{self.prefix(environment)}-answers"
        return f"https://sqs.{self.region}.amazonaws.com/{account}/{name}"

    def event_failures_queue_arn(self, environment: Environment) -> str:
        """Returns the ARN of the queue for events that got no answer."""
        return self._arn("sqs", environment, f"{self.prefix(environment)}-event-failures")

    def start_queue_arn(self, environment: Environment) -> str:
        """Returns the ARN of the queue for events that could not start batch inference."""
        return self._arn("sqs", environment, f"{self.prefix(environment)}-start-failures")

    @property
    def monitoring_bus(self) -> str:
        """Name of the bus for results of production, in the account of the registry."""
        return f"{self.names.prefix}-monitoring"

    def monitor_queue_arn(self, environment: Environment) -> str:
        """Returns the ARN of the queue for events that started no comparison with the baseline."""
        return self._arn("sqs", environment, f"{self.prefix(environment)}-monitor-failures")

    def tags_in(self, environment: Environment) -> dict[str, str]:
        """Returns the tags of every resource of an environment."""
        return {
            **self.tags,
            "plinth:stack": f"{self.team}-{STACKS[environment]}",
            "plinth:team": self.team,
            "plinth:environment": STACKS[environment],
            "plinth:lifecycle": "ephemeral",
        }

    def job_tags(self, environment: Environment) -> dict[str, str]:
        """Returns the tags of every job of an environment."""
        return {**self.tags_in(environment), USE_CASE_TAG: self.use_case}

    def _arn(self, service: str, environment: Environment, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account(environment).account_id}:{resource}"


def read_foundation(root: Path) -> Foundation:
    return read_document(Foundation, root / FILE, root)


def environment_of_stack(foundation: Foundation, stack: str) -> Environment:
    """Returns the environment of a stack. Raises ProjectError for another name."""
    stacks: dict[str, Environment] = {f"{foundation.team}-{name}": place for place, name in STACKS.items()}
    if stack not in stacks:
        raise ProjectError(f"stack {stack}: unknown; use {' or '.join(stacks)}")
    return stacks[stack]
