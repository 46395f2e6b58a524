"""Finds secrets in texts: by the format of their issuer, by their randomness, and by the name under which they stand.

Formats and limits of randomness come from detect-secrets. Its detectors are used one by one, without its files,
baselines and verification, because nothing here is a file, and nothing may leave the process.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

from settings.types.redaction import looks_secret

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SECRET_WORDS = frozenset(
    {
        "apikey", "auth", "authorization", "bearer", "cred", "credential", "credentials", "creds", "pass", "passphrase",
        "passwd", "password", "passwords", "pwd", "secret", "secrets", "token",
    }
)  # fmt: skip
_SECRET_KEYS = frozenset({"access", "account", "api", "private", "signing"})
"""Words that name a secret before the word key."""
_ABOUT = frozenset(
    {
        "arn", "arns", "aud", "days", "enabled", "endpoint", "file", "hours", "id", "ids", "issuer", "length", "method",
        "minutes", "mode", "name", "path", "policy", "prefix", "provider", "region", "required", "role", "scheme",
        "seconds", "service", "sub", "ttl", "type", "uri", "url", "validation", "version",
    }
)  # fmt: skip
"""Last words of names that say something about a secret, such as where it is."""
_IDEMPOTENCY = frozenset({"callback", "client", "creation", "next", "request"})
"""First words of tokens that are no secrets: names of requests and pages."""
_REFERENCE = re.compile(r"arn:.*|\$.*|\{.*|%.*|<.*|true|false|none|null|\d{1,6}", re.IGNORECASE | re.DOTALL)
"""Value that is no secret under any name: a reference, a placeholder, a switch or a short number."""
_KEY_WORDS = frozenset({"hmac", "key", "salt", "signature"})
_CANDIDATE = re.compile(r"[A-Za-z0-9+/=_-]{16}|://[^/\s]+:[^/\s]+@|PRIVATE KEY")
"""Pattern that every format of secrets contains. Texts without a match need no further check."""
_TEMPLATED = re.compile(r"://[^/\s:@]*:(?:\$\{?\w+\}?|\{\w+\})@")
"""Start of an address whose password is a variable of a shell or a template."""
_READABLE = re.compile(r"[A-Z]?[a-z]{3,}")
"""A word of a name. Three small letters in a row are in one of 14 places of a random token."""
_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{20,512}")
_HEXADECIMAL = re.compile(r"[0-9a-f]{32,512}", re.IGNORECASE)
_ENCODED = re.compile(r"(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_ASSIGNMENT = re.compile(
    r"(?<![\w$])(?P<name>[A-Za-z][\w.-]{1,64})[\"']?\s{0,4}[=:]\s{0,4}[\"']?(?P<value>(?![$({<%])[^\s\"'`;,)}]{6,256})"
)
"""A literal that is given to a name, in a shell, in YAML and in files of properties."""
_DETECTORS = (
    "artifactory.ArtifactoryDetector", "azure_storage_key.AzureStorageKeyDetector", "basic_auth.BasicAuthDetector",
    "cloudant.CloudantDetector", "discord.DiscordBotTokenDetector", "github_token.GitHubTokenDetector",
    "gitlab_token.GitLabTokenDetector", "ibm_cloud_iam.IbmCloudIamDetector", "jwt.JwtTokenDetector",
    "mailchimp.MailchimpDetector", "npm.NpmDetector", "openai.OpenAIDetector", "private_key.PrivateKeyDetector",
    "pypi_token.PypiTokenDetector", "sendgrid.SendGridDetector", "slack.SlackDetector",
    "softlayer.SoftlayerDetector", "square_oauth.SquareOAuthDetector", "stripe.StripeDetector",
    "twilio.TwilioKeyDetector",
)  # fmt: skip
"""Detectors of formats. Left out are those of IP addresses, of keys of AWS, which :mod:`settings.types.redaction` finds
without a name beside them, of keys of IBM's object storage, which name no issuer, and of bots of Telegram, whose tokens
look like the end of an ARN."""
BASE64_LIMIT, HEXADECIMAL_LIMIT = 4.5, 3.0
"""Limits of entropy, in bits for each character (the defaults of detect-secrets)."""


def is_secret(name: str, text: str) -> bool:
    """Returns whether a text is or contains a secret. ``name`` is that of the property or variable."""
    text = text.strip()
    if not text:
        return False
    return (
        holds_secret(text)
        or (_names_a_secret(name) and not _REFERENCE.fullmatch(text))
        or (_HEXADECIMAL.fullmatch(text) is not None and _is_a_key(name) and _entropy(text) > HEXADECIMAL_LIMIT)
    )


@lru_cache(maxsize=4096)
def holds_secret(text: str) -> bool:
    """Returns whether a text contains a secret, whatever its name: a known format, a random token or an assignment,
    also in the text that it encodes in base64."""
    text = _TEMPLATED.sub("://", text)
    if _CANDIDATE.search(text) and (
        looks_secret(text) or _is_random(text) or any(pattern.search(text) for pattern in _formats())
    ):
        return True
    if any(is_secret(name, value) for name, value in _assignments(text)):
        return True
    return (inner := _decoded(text)) is not None and holds_secret(inner)


def _names_a_secret(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT or words[0] in _IDEMPOTENCY:
        return False
    keys = (first for first, second in pairwise(words) if second == "key")
    return not _SECRET_WORDS.isdisjoint(words) or not _SECRET_KEYS.isdisjoint(keys)


def _is_a_key(name: str) -> bool:
    return not _KEY_WORDS.isdisjoint(word.lower() for word in _WORD.findall(name))


def _is_random(text: str) -> bool:
    """Whether a text is one random token: three kinds of characters, and less than half of it in words."""
    kinds = (any(map(test, text)) for test in (str.islower, str.isupper, str.isdigit))
    if _TOKEN.fullmatch(text) is None or not all(kinds) or sum(map(len, _READABLE.findall(text))) * 2 > len(text):
        return False
    return _entropy(text) > BASE64_LIMIT and _decoded(text) is None


def _decoded(text: str) -> str | None:
    """Returns the text that a text encodes in base64; None if it encodes none."""
    if not _ENCODED.fullmatch(text):
        return None
    try:
        inner = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return inner if all(character.isprintable() or character.isspace() for character in inner) else None


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """Yields names of secrets and the literals that they are given. A word without a digit may be a variable."""
    for found in _ASSIGNMENT.finditer(text):
        value = found["value"]
        if _names_a_secret(found["name"]) and any(map(str.isdigit, value)) and not _REFERENCE.fullmatch(value):
            yield found["name"], value


@cache
def _formats() -> tuple[re.Pattern[str], ...]:
    # Only now, because it imports a client of HTTP for verification, which nothing here calls.
    from importlib import import_module

    found = []
    for detector in _DETECTORS:
        module, _, name = detector.partition(".")
        found += getattr(import_module(f"detect_secrets.plugins.{module}"), name)().denylist
    return tuple(found)


@cache
def _measure() -> object:
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

    return Base64HighEntropyString(limit=BASE64_LIMIT)


def _entropy(text: str) -> float:
    return float(_measure().calculate_shannon_entropy(text))  # type: ignore[attr-defined]
