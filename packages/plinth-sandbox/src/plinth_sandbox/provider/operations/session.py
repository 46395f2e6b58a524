"""Clients of AWS services for the provider's principal: the environment's credentials, then a chain of assumed
roles."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlsplit

import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import ServiceModel

from plinth_sandbox.environment import endpoint_of
from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.rpc.configuration import AssumedRole, Configuration

_LOADER = botocore.loaders.create_loader()
"""Shared by all sessions, so that a process loads each service model once."""


_observers: list[Callable[[str], None]] = []
"""Functions that are called with the name of each service whose model this process reads from its file."""


@cache
def service_model(service: str) -> Any:
    """Returns botocore's model of a service: its operations and their shapes."""
    model = ServiceModel(_LOADER.load_service_model(service, "service-2"), service)
    for observer in _observers:
        observer(service)
    return model


def observe_models(observer: Callable[[str], None]) -> None:
    """Calls the observer with the name of each service whose model this process reads from now on."""
    _observers.append(observer)


def read_for_every_client() -> None:
    """Reads the files of botocore that a client of any service needs, such as the list of endpoints."""
    _LOADER.load_data_with_path("endpoints")
    for name in ("partitions", "sdk-default-configuration"):
        _LOADER.load_data(name)


class Session:
    """A thread-safe source of botocore clients for one provider instance."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.region = configuration.region
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str, region: str | None = None) -> Any:
        """Returns the client of a service, in the provider's region or the one that a resource names."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                endpoint = self.configuration.endpoints.get(service)
                url = None if endpoint is None else endpoint_of(service, endpoint)
                client = self._botocore.create_client(service, key[1], endpoint_url=url)
                _refuse_foreign(service, client.meta.endpoint_url)
                self._clients[key] = client
            return self._clients[key]

    @cached_property
    def account_id(self) -> str:
        """Account of the credentials."""
        try:
            return str(self.client("sts").get_caller_identity()["Account"])
        except (ClientError, BotoCoreError) as error:
            raise ProviderError(f"the provider's credentials do not work: {error}") from error

    @cached_property
    def partition(self) -> str:
        """`aws`, `aws-cn` and so on: the second part of every ARN."""
        return str(self._botocore.get_partition_for_region(self.region))

    def check_account(self) -> None:
        """Refuses an account that `allowedAccountIds` or `forbiddenAccountIds` exclude."""
        allowed, forbidden = self.configuration.allowed_accounts, self.configuration.forbidden_accounts
        if allowed and self.account_id not in allowed:
            raise ProviderError(
                f"AWS account {self.account_id} is not one of allowedAccountIds ({', '.join(sorted(allowed))}): "
                "check the credentials and assumeRoles of this aws.Provider"
            )
        if self.account_id in forbidden:
            raise ProviderError(f"AWS account {self.account_id} is one of forbiddenAccountIds")

    @cached_property
    def _botocore(self) -> botocore.session.Session:
        session = _botocore_session(self.configuration.profile)
        credentials = self._own_credentials(session)
        for role in self.configuration.roles:
            credentials = self._assume(role, credentials)
        session.register_component("credential_provider", _Resolved(credentials))
        return session

    def _own_credentials(self, session: botocore.session.Session) -> Any:
        configuration = self.configuration
        if configuration.access_key and configuration.secret_key:
            return Credentials(configuration.access_key, configuration.secret_key, configuration.token)
        credentials = session.get_component("credential_provider").load_credentials()
        if credentials is None:
            raise ProviderError("no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile")
        return credentials

    def _assume(self, role: AssumedRole, source: Any) -> DeferredRefreshableCredentials:
        """Returns credentials of the role, which are fetched on first use and before they expire."""

        def sts(service: str, **keys: Any) -> Any:
            endpoint = self.configuration.endpoints.get(service)
            client = _botocore_session(None).create_client(service, self.region, endpoint_url=endpoint, **keys)
            _refuse_foreign(service, client.meta.endpoint_url)
            return client

        fetcher = AssumeRoleCredentialFetcher(sts, source, role.role_arn, extra_args=dict(role.options))
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


def _refuse_foreign(service: str, url: str) -> None:
    """Raises ProviderError unless the URL is on this machine, where the emulator is: this plugin never calls AWS."""
    host = urlsplit(url).hostname or ""
    own = ("127.0.0.1", "::1", "localhost")
    if not (host in own or host.endswith(".localhost")):
        raise ProviderError(
            f"{service} would be called at {url}, but the sandbox's plugin calls only the emulated AWS: "
            'run `eval "$(plinth sandbox env)"`, and name no other endpoints in aws.Provider'
        )


class _Resolved:
    """A credential loader for botocore that returns given credentials."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Any:
        return self._credentials


def _botocore_session(profile: str | None) -> botocore.session.Session:
    session = botocore.session.Session(profile=profile)
    session.register_component("data_loader", _LOADER)
    session.set_default_client_config(
        Config(
            # The emulator is never throttled: a repeated request would be refused again.
            retries={"total_max_attempts": 1},
            # The emulator has one host name, so buckets cannot be part of it.
            inject_host_prefix=False,
            s3={"addressing_style": "path"},
            max_pool_connections=32,
        )
    )
    return session
