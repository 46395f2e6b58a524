"""Checks e-mail addresses of accounts, in the form that AWS Organizations documents for CreateAccount."""

from __future__ import annotations

import re

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.redaction import code_point, shown_character

_EMAIL_LENGTHS = (6, 64)
_REFUSED_IN_LOCAL_PART = frozenset(" \"'()<>[]:;,\\|%&")
_PLACEHOLDER = re.compile(
    r"(^|[.@+-])(example\.(com|org|net)|((your|my)-?)?(company|domain)\.(com|org|net|tld)|name@domain|change-?me"
    r"|placeholder|your-?(name|email|domain|company)?|todo|xxx+|[a-z0-9-]+\.(invalid|localhost|test|tld))($|[.@+-])"
)


def email(text: str) -> str:
    """Checks an address against the form that CreateAccount documents for Email."""
    low, high = _EMAIL_LENGTHS
    for position, character in enumerate(text, start=1):
        if not (character.isascii() and character.isprintable()):
            raise refusal(
                Code.EMAIL,
                f"contains {code_point(character)} at position {position}; addresses are ASCII",
                "type it again",
            )
    if not low <= len(text) <= high:
        raise refusal(Code.EMAIL, f"has {len(text)} characters; an address has {low}-{high}", "use another address")
    local, _, domain = text.partition("@")
    if text.count("@") != 1 or not local:
        raise refusal(
            Code.EMAIL, f"contains {text.count('@')} @; an address has one, with a name before it", "write name@domain"
        )
    refused = next((character for character in local if character in _REFUSED_IN_LOCAL_PART), None)
    if refused is not None:
        raise refusal(Code.EMAIL, f"contains {shown_character(refused)} before the @, which AWS refuses", "remove it")
    if local.startswith("."):
        raise refusal(Code.EMAIL, "starts with a dot", "remove it")
    _email_domain(domain)
    if found := _PLACEHOLDER.search(text.lower()):
        raise refusal(
            Code.EMAIL_PLACEHOLDER,
            f"is a sample address ({found.group(2)})",
            "give a mailbox that is read in your company",
        )
    return text


def _email_domain(domain: str) -> None:
    wanted = (
        "a domain is letters, digits, hyphens and at least one dot, and neither starts nor ends with a hyphen or dot"
    )
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", domain) or "." not in domain or ".." in domain:
        raise refusal(Code.EMAIL, f"has no valid domain after the @; {wanted}", "write your company's domain")


def email_pattern(text: str) -> str:
    placeholder = "{account}"
    if text.count(placeholder) != 1 or placeholder not in text.partition("@")[0]:
        raise refusal(
            Code.EMAIL_PATTERN,
            "must contain {account} exactly once, before the @, so that every account has its own address",
            "write {account} before the @, as in aws+{account}",
        )
    email(text.replace(placeholder, "a"))
    return text
