"""Sign-in with IAM Identity Center, as the AWS CLI does it.

On the own machine, it is the authorization code grant with PKCE. IAM Identity Center leads nobody back to another
address, so a shared portal uses the device authorization grant. The portal gets the roles that the person has, and
nothing else.

Sources: IAM Identity Center OIDC API Reference; IAM Identity Center Portal API Reference; RFC 7636 and 8628 (read
2026-11-30).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from selfservice.engine.account_access import new_session
from selfservice.errors import RefusedError
from selfservice.portal.options import PortalOptions

CALLBACK = "/oauth/callback"
"""Path to which people return. It is that of the AWS CLI, which registers it without a port (RFC 8252, section 7.3)."""
_SCOPE = "sso:account:access"
_CODE, _DEVICE = "authorization_code", "urn:ietf:params:oauth:grant-type:device_code"
_EARLY = timedelta(minutes=5)
"""Time before the end of a registration in which it is replaced."""


@dataclass(frozen=True, slots=True)
class Role:
    """A permission set that a person has in an account."""

    account_id: str
    account_name: str
    permission_set: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """Credentials of a role."""

    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str
    expires: datetime

    def open_session(self, *, region_name: str | None) -> Any:
        """Opens a session of boto3 with these credentials."""
        return new_session(region_name, self.aws_access_key_id, self.aws_secret_access_key, self.aws_session_token)


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A sign-in that waits until a person has allowed it on a page of IAM Identity Center."""

    code: str
    """Secret with which the portal asks whether the person has."""
    user_code: str
    """Code that both pages show."""
    address: str
    """Address of that page."""


@dataclass(frozen=True, slots=True)
class _Registration:
    id: str
    secret: str
    expires: datetime


class IdentityCenter:
    """The instance of IAM Identity Center of an organization."""

    def __init__(self, options: PortalOptions) -> None:
        self._options = options
        self._registration: _Registration | None = None

    def address(self, state: str, verifier: str) -> str:
        """Returns the address of the page on which people sign in, which leads back to the portal with a code."""
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._registered().id,
            "redirect_uri": self._redirect,
            "state": state,
            "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "scopes": _SCOPE,
        }
        return f"{self._oidc.meta.endpoint_url}/authorize?{urlencode(asked)}"

    def token(self, code: str, verifier: str) -> str:
        """Returns the access token of whoever has signed in. Raises: RefusedError for another code."""
        registered, oidc = self._registered(), self._oidc
        try:
            answer = oidc.create_token(
                clientId=registered.id,
                clientSecret=registered.secret,
                grantType=_CODE,
                code=code,
                redirectUri=self._redirect,
                codeVerifier=verifier,
            )
        except (oidc.exceptions.InvalidGrantException, oidc.exceptions.ExpiredTokenException) as error:
            raise RefusedError("the sign-in has expired or was used before; sign in again") from error
        return str(answer["accessToken"])

    def device_code(self) -> DeviceCode:
        """Begins a sign-in of a shared portal."""
        registered = self._registered()
        answer = self._oidc.start_device_authorization(
            clientId=registered.id, clientSecret=registered.secret, startUrl=self._options.issuer_url
        )
        return DeviceCode(answer["deviceCode"], answer["userCode"], answer["verificationUriComplete"])

    def token_of_device(self, code: str) -> str | None:
        """Returns the access token of whoever has allowed a sign-in; None as long as nobody has.

        Raises: RefusedError for a code that has expired or was used before.
        """
        registered, oidc = self._registered(), self._oidc
        try:
            answer = oidc.create_token(
                clientId=registered.id, clientSecret=registered.secret, grantType=_DEVICE, deviceCode=code
            )
        except (oidc.exceptions.AuthorizationPendingException, oidc.exceptions.SlowDownException):
            return None
        except (
            oidc.exceptions.AccessDeniedException,
            oidc.exceptions.ExpiredTokenException,
            oidc.exceptions.InvalidGrantException,
        ) as error:
            raise RefusedError("the sign-in was refused, has expired or was used before; sign in again") from error
        return str(answer["accessToken"])

    def roles(self, token: str) -> list[Role]:
        """Returns the roles of a person, by account and name."""
        accounts = self._pages("list_accounts", "accountList", accessToken=token)
        return [
            Role(account["accountId"], account.get("accountName", ""), role["roleName"])
            for account in accounts
            for role in self._pages("list_account_roles", "roleList", accessToken=token, accountId=account["accountId"])
        ]

    def credentials(self, token: str, role: Role) -> Credentials:
        """Returns credentials of a role of the person.

        Raises: SignedOutError once the sign-in has ended; RefusedError if the person does not have the role any more.
        """
        try:
            issued = self._portal.get_role_credentials(
                accessToken=token, accountId=role.account_id, roleName=role.permission_set
            )["roleCredentials"]
        except self._portal.exceptions.UnauthorizedException as error:
            raise SignedOutError from error
        except self._portal.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "ForbiddenException":
                raise
            raise RefusedError(
                f"you do not have the permission set {role.permission_set} in the account {role.account_name} any "
                "more; sign in again"
            ) from error
        return Credentials(
            aws_access_key_id=issued["accessKeyId"],
            aws_secret_access_key=issued["secretAccessKey"],
            aws_session_token=issued["sessionToken"],
            expires=datetime.fromtimestamp(issued["expiration"] / 1000, UTC),
        )

    def end(self, token: str) -> None:
        """Ends the sign-in, and with it every way to new credentials."""
        self._portal.logout(accessToken=token)

    def _pages(self, operation: str, member: str, **asked: str) -> Iterator[dict[str, str]]:
        for page in self._portal.get_paginator(operation).paginate(**asked):
            yield from page.get(member, [])

    def _registered(self) -> _Registration:
        """Returns the registration of the portal as a client. It is renewed before it ends."""
        if self._registration is None or self._registration.expires - _EARLY < datetime.now(UTC):
            if self._options.is_shared:
                grant: dict[str, list[str]] = {"grantTypes": [_DEVICE]}
            else:
                grant = {"grantTypes": [_CODE], "redirectUris": [_without_port(self._redirect)]}
            answer = self._oidc.register_client(
                clientName="plinth-portal",
                clientType="public",
                scopes=[_SCOPE],
                issuerUrl=self._options.issuer_url,
                **grant,
            )
            self._registration = _Registration(
                answer["clientId"],
                answer["clientSecret"],
                datetime.fromtimestamp(answer["clientSecretExpiresAt"], UTC),
            )
        return self._registration

    @property
    def _redirect(self) -> str:
        return f"{self._options.address}{CALLBACK}"

    @cached_property
    def _oidc(self) -> Any:
        return _unsigned("sso-oidc", self._options.region)

    @cached_property
    def _portal(self) -> Any:
        return _unsigned("sso", self._options.region)


def _without_port(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}{parts.path}"


class SignedOutError(Exception):
    """The sign-in of a person has ended."""


def new_verifier() -> str:
    """Returns a new secret of one sign-in."""
    return secrets.token_urlsafe(48)


def _unsigned(service: str, region: str) -> Any:
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    return boto3.client(  # type: ignore[call-overload] # the service is known when it is called
        service, region_name=region, config=Config(signature_version=UNSIGNED)
    )
