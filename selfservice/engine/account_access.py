"""Access to an AWS account with the role of a stack's provider."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from typing import Any

from selfservice.errors import RefusedError


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
    _shared: SharedSession | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of_session(cls, id_: str, region: str, session: Any) -> Account:
        """Returns an account that a session of boto3 opens, instead of the credentials of the shell."""
        return cls(id_, region, None, _shared=SharedSession(region, session))

    def in_regions(self, regions: Iterable[str], shared: SharedSession) -> list[Account]:
        """Returns the access in these regions, with the clients of a shared session."""
        return [replace(self, region=region, _clients={}, _shared=shared) for region in regions]

    def client(self, service: str) -> Any:
        """Returns the client of a service. It is cached, because creating one reads the whole service description."""
        if service not in self._clients:
            shared = self._shared
            self._clients[service] = self._session().client(service) if shared is None else shared.client(self, service)
        return self._clients[service]

    def every(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Yields the items of all pages of a listing, also of those for which boto3 has no paginator. Some services
        leave an empty list out."""
        client = self.client(service)
        if client.can_paginate(operation):
            for page in client.get_paginator(operation).paginate(**arguments):
                yield from page.get(key) or ()
            return
        while True:
            page = getattr(client, operation)(**arguments)
            yield from page.get(key) or ()
            following = {name: page[name] for name in _TOKENS if page.get(name)}
            if not following:
                return
            arguments |= following

    def credentials(self) -> Any:
        """Returns the credentials of the role, with which botocore signs requests."""
        return self._session().get_credentials()

    def keys(self) -> Any:
        """Returns the credentials of the role, for programs that are no clients of botocore."""
        return self.credentials().get_frozen_credentials()

    def _session(self) -> Any:
        session = new_session(self.region) if self._shared is None else self._shared.session
        if self.role_arn is None:
            return session
        keys = self.assumed(session.client("sts"))
        return new_session(self.region, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def assumed(self, sts: Any) -> Any:
        """Returns new credentials of the role, which must not be None."""
        named = {} if self.person is None else {"SourceIdentity": self.person}
        return sts.assume_role(RoleArn=self.role_arn, RoleSessionName=self.session_name, **named)["Credentials"]


_TOKENS = ("NextToken", "nextToken")
"""Members with which listings name the next page."""
DENIED = ("AccessDenied", "AccessDeniedException")
"""Error codes of services that refuse a call for want of a permission."""


@contextmanager
def denials_refused(sentence: Callable[[str], str]) -> Iterator[None]:
    """Raises a denial of AWS as RefusedError, with the sentence that ``sentence`` makes of its message."""
    from botocore.exceptions import ClientError  # imported here, because few commands call AWS

    try:
        yield
    except ClientError as error:
        answer = error.response["Error"]
        if answer["Code"] not in DENIED:
            raise
        raise RefusedError(sentence(answer["Message"])) from error


class SharedSession:
    """Creates the clients of many accounts and regions from one session, which reads service descriptions once.

    A role is assumed once for all regions of an account, so its clients work as long as the role's session. Can be used
    by several threads.
    """

    def __init__(self, region: str, session: Any = None) -> None:
        """``session`` is a session of boto3; None opens one with the credentials of the shell."""
        self.session = session or new_session(region)
        self._lock = Lock()
        self._keys: dict[str, Any] = {}

    def client(self, account: Account, service: str) -> Any:
        """Returns a new client of a service."""
        return self._client(service, account.region, self._credentials(account))

    def _credentials(self, account: Account) -> Any:
        role = account.role_arn
        if role is None:
            return None
        if role not in self._keys:
            self._keys[role] = account.assumed(self._client("sts", account.region, None))
        return self._keys[role]

    def _client(self, service: str, region: str, keys: Any) -> Any:
        with self._lock:  # sessions create clients for one thread at a time (boto3, "Sessions")
            if keys is None:
                return self.session.client(service, region_name=region)
            return self.session.client(
                service,
                region_name=region,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
            )


def region_of_shell() -> str | None:
    """Returns the region that the variables of AWS name. boto3 reads only the second one, and all other tools of AWS
    prefer the first (AWS SDKs and Tools Reference Guide, "AWS Region")."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


_PREPARED = ("sts", "iam", "ec2")
"""The services that are asked for most stacks."""


def preparation() -> Iterator[None]:
    """Reads the descriptions of the services that most stacks ask. Each step of the iterator reads one."""
    for service in _PREPARED:
        new_session("us-east-1", "none", "none").client(service)
        yield


def new_session(region: str | None, key: str | None = None, secret: str | None = None, token: str | None = None) -> Any:
    """Opens a session of boto3: with these credentials, or with those of the shell. All sessions read each service
    description once."""
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
