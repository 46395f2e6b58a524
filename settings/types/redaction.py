"""Redacts and escapes values for messages: secrets are hidden, unusual characters are escaped."""

from __future__ import annotations

import re

SHOWN_CHARACTERS = 64
HIDDEN = "(not shown)"

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._:/+-]*")
_HARMLESS = re.compile(
    r"[ !#%&'()*+,./0-9:;>?@A-Z\[\]^_a-z|~-]"
    r"|<(?![A-Za-z/!?])"  # what follows would make it the start of a tag
    r"|(?<=[\s\S])="  # at the start it would begin a formula
    r"|(?<![${])\{[a-z_]+\}(?!\})"  # a placeholder, as in aws+{account}@
)
"""Text that nothing interprets in quotes, or in comments, where values are code. Other quotes, backslashes, backticks
and dollar signs are not in it, because a shell interprets them in quotes; nor are other braces, which begin a template,
and letters outside ASCII, which can look like others.
"""
_SECRET_NAME = re.compile(
    r"passw(or)?d|passphrase|secret|token|credential|private_?key|api_?key|access_?key|^secure$", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\b[a-z][a-z0-9+.-]{0,20}://[^/\s:@]{0,256}:[^/\s@]{1,256}@"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{20,}|\bpul-[0-9a-f]{40}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."
    r"|\bv1:[A-Za-z0-9+/=]{12,}:[A-Za-z0-9+/=]{12,}"
)
# A secret access key is 40 characters of base64; a hash in hexadecimal is not one.
_ACCESS_KEY = re.compile(
    r"(?<![A-Za-z0-9/+=])(?=\S{0,39}[a-z])(?=\S{0,39}[A-Z])(?=\S{0,39}[0-9])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{16,}")
# An error code of AWS, such as `ExpiredToken: The …`, is no assignment: after a colon, the value is in quotes.
_ASSIGNMENT = re.compile(
    r"(?i)(?P<name>\b[\w-]{0,64}(?:passw(?:or)?d|passphrase|secret|token|credential|private_?key|api_?key|access_?key"
    r"|x-amz-signature)[\w-]{0,64}[\"']?\s{0,4})"
    r"(?P<sign>=\s{0,4}[\"']?|:\s{0,4}[\"'])(?!arn:)[^\s\"'&,;)}]+"
)
_LONGEST_SEARCHED = 4096


def holds_credential(text: str) -> bool:
    """Returns whether a text contains a credential in an unambiguous form. Secret access keys do not count, because a
    path can look like one.
    """
    return _SECRET_VALUE.search(text) is not None


def redacted(text: str) -> str:
    """Returns a message of a program with each credential hidden, and everything else as it is.

    Hidden are the values that :func:`looks_secret` finds, whole private keys, and what is assigned to a name such as
    ``password``.
    """
    text = _PRIVATE_KEY.sub(HIDDEN, text)
    text = _SECRET_VALUE.sub(HIDDEN, text)
    text = _AUTHORIZATION.sub(rf"\1 {HIDDEN}", text)
    text = _ASSIGNMENT.sub(rf"\g<name>\g<sign>{HIDDEN}", text)
    return _ACCESS_KEY.sub(HIDDEN, text)


def looks_secret(text: str) -> bool:
    """Returns whether a value looks like a credential: access key, token, private key, URL with a password."""
    start = text[:_LONGEST_SEARCHED]
    return holds_credential(start) or _ACCESS_KEY.search(start) is not None


def names_secret(key: str) -> bool:
    """Returns whether the name of a field suggests that its value is a secret."""
    return bool(_SECRET_NAME.search(key[:SHOWN_CHARACTERS]))


def shown(text: str, *, under: tuple[str, ...] = ()) -> str:
    """Returns ``text`` redacted, escaped and truncated, safe for messages, logs, pages and spreadsheets.

    ``under`` lists the keys that lead to the value; a key that names a secret hides the value.
    """
    if looks_secret(text) or any(names_secret(key) for key in under):
        return HIDDEN
    cut = text[:SHOWN_CHARACTERS]
    more = "…" if len(text) > len(cut) else ""
    if _PLAIN.fullmatch(cut):
        return cut + more
    return f'"{_escaped(cut)}{more}"'


def readable(text: str) -> str:
    """Returns a sentence that a person wrote: hidden if it contains a credential, with control characters, line breaks
    and invisible characters escaped, and not truncated.
    """
    if looks_secret(text):
        return HIDDEN
    return "".join(character if character.isprintable() else code_point(character) for character in text)


def shown_path(path: str) -> str:
    """Returns the path of a file, escaped but not truncated, because people open it."""
    return _escaped(path)


def _escaped(text: str) -> str:
    plain = {place for found in _HARMLESS.finditer(text) for place in range(*found.span())}
    return "".join(character if place in plain else code_point(character) for place, character in enumerate(text))


def shown_character(character: str) -> str:
    """Returns a character as a message names it: as it is, unless nobody could see it or it could pass for another."""
    return "a space" if character == " " else character if "!" <= character <= "~" else code_point(character)


def code_point(character: str) -> str:
    """Returns the escaped code point of a character, so that no reader of the message interprets it."""
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
