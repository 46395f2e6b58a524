"""Reads IAM policy documents, in which an element is either a value or a list of values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from policies.evaluation.readers import UNKNOWN, Properties, Unknown

ORGANIZATION_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"})
ACCOUNT_KEYS = frozenset({"aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "kms:calleraccount"})
NETWORK_KEYS = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"})
CALLER_KEYS = ORGANIZATION_KEYS | ACCOUNT_KEYS | NETWORK_KEYS
"""Condition keys that identify the caller or the caller's network."""

_ACCOUNT, _ORGANIZATION = r"\d{12}", r"o-[a-z0-9]{10,32}"
_NAMES: Mapping[str, re.Pattern[str]] = {
    key: re.compile(pattern)
    for keys, pattern in (
        (
            "aws:principalaccount aws:resourceaccount aws:sourceaccount aws:vpceaccount kms:calleraccount "
            "s3:dataaccesspointaccount",
            _ACCOUNT,
        ),
        ("aws:principalorgid aws:resourceorgid aws:sourceorgid aws:vpceorgid", _ORGANIZATION),
        ("aws:principalorgpaths aws:resourceorgpaths aws:sourceorgpaths aws:vpceorgpaths", rf"{_ORGANIZATION}/.+"),
        ("aws:principalarn", rf"arn:aws[\w-]*:(iam|sts)::{_ACCOUNT}:.+"),
        ("s3:dataaccesspointarn", rf"arn:aws[\w-]*:s3:[^:]*:{_ACCOUNT}:.+"),
        # Bucket ARNs have no account. Names in the account-regional namespace contain it.
        (
            "aws:sourcearn",
            rf"arn:aws[\w-]*:[^:]*:[^:]*:{_ACCOUNT}:.+|arn:aws[\w-]*:s3:::[^*?]+-{_ACCOUNT}-[a-z0-9-]+-an",
        ),
        ("aws:sourcevpc", "vpc-[^*?]+"),
        ("aws:sourcevpce", "vpce-[^*?]+"),
        ("iam:passedtoservice", "[^*?]+"),
        ("iam:permissionsboundary", r"arn:aws[\w-]*:iam::[^:]*:policy/plinth/.*-boundary"),
        ("kms:resourcealiases kms:requestalias", r"alias/[^*?]+.*"),
        ("kms:viaservice", r"[^*?.]+\..+"),
    )
    for key in keys.split()
}
"""Form of a value that names a caller, resource or service, by condition key. Accounts, organizations, networks and
services have no wildcard. Organization paths may end in one, names in an account may contain one (IAM User Guide,
"Global condition context keys", read 2026-11-21)."""
_SID = re.compile(r"[A-Za-z0-9]{1,64}")
_RESOURCE_TAG = "aws:resourcetag/"
_CONFINING_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a statement's condition block, with the operator and key in lower case."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def confines(self) -> bool:
        """Whether the test excludes every caller that it does not name.

        ``…IfExists`` and ``ForAllValues:`` do not, because both match a request without the key.
        """
        operator = self.operator.removeprefix("foranyvalue:")
        named = [_is_named(self.key, value) for value in self.values]
        return operator in _CONFINING_OPERATORS and bool(named) and all(named)

    def requires(self, value: str) -> bool:
        return self.operator in ("bool", "stringequals") and [v.lower() for v in self.values] == [value]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy document."""

    body: Mapping[str, object]
    pointer: str = "/Statement"
    """JSON pointer to the statement in its document (RFC 6901)."""

    @property
    def place(self) -> str:
        """The JSON pointer, and the Sid if it has the form that IAM requires: letters and digits."""
        sid = _SID.fullmatch(str(self.body.get("Sid", "")))
        return f"{self.pointer} (Sid {sid[0]})" if sid else self.pointer

    @property
    def allows(self) -> bool:
        return self.body.get("Effect") == "Allow"

    @property
    def actions(self) -> list[str]:
        return [action.lower() for action in _texts(self.body.get("Action"))]

    @property
    def resources(self) -> list[str]:
        return _texts(self.body.get("Resource"))

    @property
    def conditions(self) -> list[Condition]:
        return list(_conditions(self.body.get("Condition")))

    @property
    def excludes(self) -> bool:
        """Whether the statement has NotAction, NotResource or NotPrincipal."""
        return not {"NotAction", "NotResource", "NotPrincipal"}.isdisjoint(self.body)

    def principals_of(self, sort: str) -> list[str]:
        """Returns the principals of one type: ``AWS``, ``Service`` or ``Federated``."""
        principal = self.body.get("Principal")
        return _texts(principal.get(sort)) if isinstance(principal, Mapping) else []

    @property
    def principals(self) -> list[str]:
        """All named principals, or ``*``. NotPrincipal counts as ``*``."""
        if "NotPrincipal" in self.body:
            return ["*"]
        return _names_of(self.body.get("Principal"))

    @property
    def named_principals(self) -> list[str]:
        """All principals that Principal or NotPrincipal names."""
        elements = [self.body.get("Principal"), self.body.get("NotPrincipal")]
        return [name for element in elements for name in _names_of(element)]

    @property
    def named_resources(self) -> list[str]:
        """All resources that Resource or NotResource names."""
        return [*self.resources, *_texts(self.body.get("NotResource"))]

    @property
    def has_other_principals(self) -> bool:
        """Whether the statement names principals other than AWS and services, such as canonical users."""
        principal = self.body.get("Principal")
        return isinstance(principal, Mapping) and not set(principal) <= {"AWS", "Service"}

    @property
    def accounts(self) -> set[str]:
        """Accounts of the named principals."""
        return {account for principal in self.principals if (account := account_of(principal))}

    @property
    def is_for_everybody(self) -> bool:
        return "*" in self.principals

    def covers(self, action: str) -> bool:
        """Whether the statement's actions match an action, with wildcards."""
        if "NotAction" in self.body:
            return not any(fnmatchcase(action, pattern.lower()) for pattern in _texts(self.body["NotAction"]))
        return any(fnmatchcase(action, pattern) for pattern in self.actions)

    def is_confined_by(self, keys: Iterable[str]) -> bool:
        return any(condition.key in keys and condition.confines for condition in self.conditions)

    @property
    def is_about_everything(self) -> bool:
        """Whether the statement names no resource, ``*``, or an ARN with a wildcard service."""
        return not self.resources or any(map(_is_everything, self.resources))

    @property
    def has_wildcard_resource(self) -> bool:
        """Whether a resource is ``*`` or an ARN whose last part is only wildcards, or the statement has NotResource."""
        return not self.resources or any(not arn.split(":")[-1].strip("*/?") for arn in self.resources)

    @property
    def is_confined_by_resource_tag(self) -> bool:
        return any(condition.key.startswith(_RESOURCE_TAG) and condition.confines for condition in self.conditions)

    def requires(self, key: str, value: str) -> bool:
        return any(condition.key == key and condition.requires(value) for condition in self.conditions)


def account_of(principal: str) -> str | None:
    """Returns the account of a principal: a role, a session or the account itself."""
    match = re.fullmatch(r"(?:arn:aws[\w-]*:(?:iam|sts)::)?(\d{12})(?::.+)?", principal)
    return match[1] if match else None


def account_in_arn(arn: str) -> str | None:
    """Returns the account of a resource's ARN."""
    match = re.fullmatch(r"arn:aws[\w-]*:[^:]*:[^:]*:(\d{12}):.+", arn)
    return match[1] if match else None


def statements(properties: Properties, *path: str) -> list[Statement] | Unknown | None:
    """Returns the statements of the document at a path, or None if it is absent or not a policy document.

    A document of which any value is unknown is unknown, so that rules check it in the update, when all of it is known.
    """
    value = properties.value(*path)
    if isinstance(value, Unknown):
        return UNKNOWN
    try:
        document = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
    if not isinstance(document, Mapping):
        return None
    if _is_partly_unknown(document):
        return UNKNOWN
    found = document.get("Statement")
    if isinstance(found, list):
        return [
            Statement(body, f"/Statement/{number}") for number, body in enumerate(found) if isinstance(body, Mapping)
        ]
    return [Statement(found)] if isinstance(found, Mapping) else []


def _names_of(principal: object) -> list[str]:
    """Returns the names in an element Principal, which maps types to names or is ``*``."""
    if isinstance(principal, Mapping):
        return [name for names in principal.values() for name in _texts(names)]
    return _texts(principal)


def _conditions(block: object) -> Iterator[Condition]:
    if isinstance(block, Mapping):
        for operator, tests in block.items():
            for key, values in tests.items() if isinstance(tests, Mapping) else ():
                yield Condition(str(operator).lower(), str(key).lower(), tuple(_texts(values)))


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [_text(item) for item in value]
    return [_text(value)]


def _text(value: object) -> str:
    """Returns a value as JSON spells it, because a boolean condition may be true or "true"."""
    return value if isinstance(value, str) else json.dumps(value)


def _is_everything(arn: str) -> bool:
    service = arn.split(":")[2] if arn.count(":") > 1 else arn
    return not service.strip("*?")


def _is_partly_unknown(node: object) -> bool:
    if isinstance(node, Mapping):
        return any(map(_is_partly_unknown, node.values()))
    return any(map(_is_partly_unknown, node)) if isinstance(node, list) else isinstance(node, Unknown)


def _is_named(key: str, value: str) -> bool:
    """Whether a condition value names something. Wildcards that leave the account, the organization, the network or the
    service open name nothing, nor does a tag with any wildcard."""
    if key.startswith(_RESOURCE_TAG):
        return not {"*", "?"} & set(value)
    form = _NAMES.get(key)
    return bool(value.strip("*?")) if form is None else form.fullmatch(value) is not None
