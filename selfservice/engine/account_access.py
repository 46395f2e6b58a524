"""Access to an AWS account with the role of a stack's provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """One account and region. Access uses the provider's role, or the current credentials if there is none."""

    id: str
    region: str
    role_arn: str | None
    session_name: str = "plinth-recovery"
    person: str | None = None
    """Source identity with which the role is assumed, which deployer roles require; None for other roles."""
    _clients: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def client(self, service: str) -> Any:
        """Returns the client of a service. It is cached, because creating one reads the whole service description."""
        if service not in self._clients:
            self._clients[service] = self._session().client(service)
        return self._clients[service]

    def every(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Yields the items of all pages of a listing. Some services leave an empty list out."""
        client = self.client(service)
        if not client.can_paginate(operation):
            yield from getattr(client, operation)(**arguments).get(key, ())
            return
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page.get(key, ())

    def credentials(self) -> Any:
        """Returns the credentials of the role, with which botocore signs requests."""
        return self._session().get_credentials()

    def keys(self) -> Any:
        """Returns the credentials of the role, for programs that are no clients of botocore."""
        return self.credentials().get_frozen_credentials()

    def _session(self) -> Any:
        session = _session(self.region)
        if self.role_arn is None:
            return session
        named = {} if self.person is None else {"SourceIdentity": self.person}
        assumed = session.client("sts").assume_role(RoleArn=self.role_arn, RoleSessionName=self.session_name, **named)
        keys = assumed["Credentials"]
        return _session(self.region, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


_PREPARED = ("sts", "iam", "ec2")
"""The services that are asked for most stacks."""


def preparation() -> Iterator[None]:
    """Reads the descriptions of the services that most stacks ask. Each step of the iterator reads one."""
    for service in _PREPARED:
        _session("us-east-1", "none", "none").client(service)
        yield


def _session(region: str, key: str | None = None, secret: str | None = None, token: str | None = None) -> Any:
    import boto3  # takes half a second, and few operations need it
    import botocore.session

    session = botocore.session.Session()
    session.register_component("data_loader", _descriptions())
    return boto3.Session(key, secret, token, region_name=region, botocore_session=session)


@cache
def _descriptions() -> Any:
    """Returns the loader of service descriptions that all sessions share, because it keeps what it has read."""
    import botocore.loaders

    return botocore.loaders.create_loader()
