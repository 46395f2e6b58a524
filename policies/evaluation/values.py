"""Reads every text in a resource's properties, whatever the property is called, and what the text names."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from policies.evaluation.readers import Properties

PROSE = frozenset({"comment", "description", "displayName", "tags", "tagsAll"})
"""Properties that people read, and that no service follows."""
_NAMESPACE = r"-[a-z]{2}(?:-[a-z]+)+-\d-an"
"""End of a bucket's name in the account-regional namespace, behind the account."""
_ACCOUNT = re.compile(
    r"arn:[\w-]*:[\w-]*:[\w-]*:(?P<arn>\d{12}):"
    r"|(?<![\w-])(?P<registry>\d{12})\.dkr\.ecr[.-]"
    r"|(?<![\w-])(?P<host>\d{12})\.[a-z0-9-]+\.[a-z0-9.-]*amazonaws\.com"
    r"|amazonaws\.com/(?P<queue>\d{12})/"
    rf"|-(?P<bucket>\d{{12}}){_NAMESPACE}(?![\w-])"
    r"|(?<![\w./:%-])(?P<alone>\d{12})(?![\w./:%-])"
)
"""Account in an ARN, the address of an image or of S3 Control, the URL of a queue, the name of a bucket in the
account-regional namespace, or alone, as in a list (AWS General Reference, "ARN"; S3 User Guide, "Namespaces")."""
_ORGANIZATION = re.compile(r"(?<![\w-])o-[a-z0-9]{10,32}(?![\w-])")
"""Organization id (AWS Organizations API Reference, "Organization")."""
_BUCKET = re.compile(r"(?:s3[an]?://|arn:[\w-]*:s3:::)(?P<name>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?![a-z0-9.*?{$-])")
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_WITH_ITS_ACCOUNT = re.compile(rf".+-\d{{12}}{_NAMESPACE}|.+-s3alias")
"""Name of a bucket in the account-regional namespace, or the alias that AWS assigns to an access point."""
_DOTTED = r"[\w-]+(?:\.[\w-]+)+"
_HOST = re.compile(
    rf"(?<![\w+.-])(?!s3[an]?:)[a-z][a-z0-9+.:-]*://(?:[^\s/@'\"]*@)?(?P<url>{_DOTTED})|\b\w+@(?P<copy>{_DOTTED}):(?!/)",
    re.IGNORECASE,
)
"""Host of a URL, or of an address as scp and git write it. A name without a dot leads nowhere else."""


@dataclass(frozen=True, slots=True)
class Value:
    """A known text of a resource, with the names of the properties that lead to it."""

    path: tuple[str, ...]
    text: str
    is_key: bool = False
    """Whether the text is the key of a mapping, and not a value below it."""
    variable: str = ""
    """The name beside the text, if both are ``name`` and ``value`` of one mapping."""

    @property
    def name(self) -> str:
        """The name under which the text stands: its variable, or its property."""
        return self.variable or self.path[-1]

    @property
    def place(self) -> str:
        """The path as people write it. Items of lists have no number, because the text may be JSON in a text."""
        return ".".join(self.path)

    @property
    def accounts(self) -> frozenset[str]:
        """The AWS accounts that the text names."""
        return frozenset(found[found.lastgroup or 0] for found in _ACCOUNT.finditer(self.text))

    @property
    def organizations(self) -> frozenset[str]:
        """The ids of organizations in the text."""
        return frozenset(_ORGANIZATION.findall(self.text))

    @property
    def buckets(self) -> frozenset[str]:
        """The buckets that the text names, of which nothing but the name is known: their names have no account."""
        named = {found["name"] for found in _BUCKET.finditer(self.text)}
        is_named = self.path[-1].lower().endswith(("bucket", "bucketname")) and not self.is_key
        if is_named and _BUCKET_NAME.fullmatch(self.text):
            named.add(self.text)
        return frozenset(name for name in named if not _WITH_ITS_ACCOUNT.fullmatch(name))

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts to which addresses in the text lead."""
        return frozenset(found[found.lastgroup or 0].lower() for found in _HOST.finditer(self.text))


def values(
    properties: Properties, *, without: Collection[str] = (), left_out: Collection[str] = PROSE
) -> Iterator[Value]:
    """Yields every known text of the properties, also the keys of mappings and the texts inside of JSON.

    ``without`` names properties that are left out, with everything below them. ``left_out`` names keys that are left
    out wherever they are.
    """
    kept = {name: value for name, value in properties.tree.items() if name not in without and name not in left_out}
    for name, value in kept.items():
        yield from _texts(value, (name,), left_out)


def _texts(node: object, path: tuple[str, ...], left_out: Collection[str], variable: str = "") -> Iterator[Value]:
    if isinstance(node, Mapping):
        named = _variable(node)
        for key, value in node.items():
            yield Value(path, str(key), is_key=True)
            if key not in left_out:
                yield from _texts(value, (*path, str(key)), left_out, named if str(key).lower() == "value" else "")
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _texts(item, path, left_out, variable)
    elif isinstance(node, str):
        inner = _json(node)
        yield from [Value(path, node, variable=variable)] if inner is None else _texts(inner, path, left_out, variable)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield Value(path, f"{node:.0f}")


def _variable(node: Mapping[str, object]) -> str:
    """Returns the name of a variable that a mapping gives a value, as lists of variables do."""
    names = (
        str(value) for key, value in node.items() if str(key).lower() in ("name", "key") and isinstance(value, str)
    )
    return next(names, "")


def documents(properties: Properties, *, without: Collection[str] = ()) -> Iterator[tuple[str, ...]]:
    """Yields the path of every policy document in the properties: a mapping with statements that have an effect."""
    for name, value in properties.tree.items():
        if name not in without:
            yield from _documents(value, (name,))


def _documents(node: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(node, Mapping):
        if _is_document(node):
            yield path
        for key, value in node.items():
            yield from _documents(value, (*path, str(key)))
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _documents(item, path)
    elif isinstance(node, str) and (inner := _json(node)) is not None:
        yield from _documents(inner, path)


def _is_document(node: Mapping[str, object]) -> bool:
    found = node.get("Statement")
    listed = found if isinstance(found, list) else [found]
    return any(isinstance(statement, Mapping) and "Effect" in statement for statement in listed)


def _json(text: str) -> object:
    """Returns the mapping or list that a text contains as JSON; None for any other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
