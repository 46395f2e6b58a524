"""When the AWS credentials of a shell end, as far as they tell and cannot renew themselves.

Long updates outlive the hour that many sessions last. If credentials end during an update, the engine can no longer
save what it creates. So the remaining time is compared with the time that a stack takes, before the stack starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EXPIRATION_VARIABLE = "AWS_CREDENTIAL_EXPIRATION"
"""Set by ``aws configure export-credentials`` and by programs such as aws-vault."""

_EXPIRATION_FIELDS = ("x_security_token_expires", "aws_expiration", "expiration")
"""Fields with which programs such as saml2aws note the end of keys in the credentials file."""

_LEAST_SECONDS = 300.0
_UNKNOWN_STACK_SECONDS = 900.0
_MARGIN = 1.5
"""AWS does not always take as long as last time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialLife:
    """The end of credentials, and how a person renews them."""

    ends: datetime
    renewal: str

    def shortage(self, stack: str, seconds: float | None, now: datetime | None = None) -> str:
        """Returns why a stack should not start with these credentials; empty if they last long enough.

        ``seconds`` is how long the stack took last time; None if that is not known.
        """
        left = (self.ends - (now or datetime.now(UTC))).total_seconds()
        needed = _UNKNOWN_STACK_SECONDS if seconds is None else max(_LEAST_SECONDS, _MARGIN * seconds)
        if left >= needed:
            return ""
        ends = f"{self.ends.astimezone():%H:%M:%S}"
        when = f"end in {left / 60:.0f} min, at {ends}" if left > 0 else f"ended at {ends}"
        return (
            f"{stack} was not started: the AWS credentials of this shell {when}, and it may need "
            f"{needed / 60:.0f} min. {self.renewal}"
        )


def credential_life(environment: Mapping[str, str]) -> CredentialLife | None:
    """Returns the life of the credentials of a shell; None if they have no end, do not tell it or renew themselves.

    Asks no service. Credentials from roles of machines, containers and pods renew themselves.
    """
    if environment.get("AWS_ACCESS_KEY_ID"):
        ends = parsed(environment.get(EXPIRATION_VARIABLE))
        renewal = "Export new credentials."
        return None if ends is None else CredentialLife(ends=ends, renewal=renewal)
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session  # the environment mostly has the keys

    session = Session(profile=environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE"))
    try:
        found = [life for profile in _chain(session) if (life := _life_of(profile, session)) is not None]
    except BotoCoreError:  # the first client says what is wrong with the files
        return None
    return min(found, key=lambda life: life.ends, default=None)


def parsed(text: object) -> datetime | None:
    """Returns a time of ISO 8601, in UTC if it names no zone; None if it is none."""
    try:
        time = datetime.fromisoformat(str(text).replace("UTC", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _chain(session: Any) -> Iterator[Mapping[str, Any]]:
    """Yields the profile of the shell, and those whose credentials it assumes its role with."""
    profiles = session.full_config.get("profiles", {})
    name, seen = session.profile or "default", set[str]()
    while name in profiles and name not in seen:
        seen.add(name)
        yield profiles[name]
        name = profiles[name].get("source_profile", "")


def _life_of(profile: Mapping[str, Any], session: Any) -> CredentialLife | None:
    if "aws_session_token" in profile:
        ends = next((end for field in _EXPIRATION_FIELDS if (end := parsed(profile.get(field))) is not None), None)
        return None if ends is None else CredentialLife(ends=ends, renewal="Write new credentials into your AWS files.")
    name = profile.get("sso_session")
    start_url = session.full_config.get("sso_sessions", {}).get(name, profile).get("sso_start_url")
    token = None if start_url is None else _sso_token(start_url, name)
    if token is None or "refreshToken" in token:  # with a refresh token, clients renew it
        return None
    ends = parsed(token["expiresAt"])
    return None if ends is None else CredentialLife(ends=ends, renewal="Sign in again with `aws sso login`.")


def _sso_token(start_url: str, session_name: str | None) -> Mapping[str, Any] | None:
    from botocore.exceptions import SSOTokenLoadError
    from botocore.utils import JSONFileCache, SSOTokenLoader

    cache = JSONFileCache(str(Path("~/.aws/sso/cache").expanduser()))
    try:
        token: Mapping[str, Any] = SSOTokenLoader(cache)(start_url, session_name)
    except (SSOTokenLoadError, ValueError):
        return None
    return token
