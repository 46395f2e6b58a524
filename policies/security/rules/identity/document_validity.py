"""Rules about policy documents that AWS refuses, or that a deleted principal has left without effect.

AWS checks a document when its resource is created, after other resources of the stack have been changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.evaluation.policy_attachments import inline_policies, known_statements
from policies.evaluation.policy_documents import Statement
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, in_statement, violation
from policies.security.rules.identity.stack_identities import DOCUMENTS

_COMPARISONS = frozenset(
    {
        "arnequals",
        "arnlike",
        "arnnotequals",
        "arnnotlike",
        "binaryequals",
        "bool",
        "dateequals",
        "dategreaterthan",
        "dategreaterthanequals",
        "datelessthan",
        "datelessthanequals",
        "datenotequals",
        "ipaddress",
        "notipaddress",
        "numericequals",
        "numericgreaterthan",
        "numericgreaterthanequals",
        "numericlessthan",
        "numericlessthanequals",
        "numericnotequals",
        "stringequals",
        "stringequalsignorecase",
        "stringlike",
        "stringnotequals",
        "stringnotequalsignorecase",
        "stringnotlike",
    }
)
"""Condition operators other than Null, in lower case (IAM User Guide, "IAM JSON policy elements: Condition operators",
read 2026-11-25)."""
_OPERATOR = re.compile(rf"(?:for(?:allvalues|anyvalue):)?(?:(?:{'|'.join(sorted(_COMPARISONS))})(?:ifexists)?|null)")
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]+")
"""Unique id of a user or a role (IAM User Guide, "IAM identifiers")."""
_OTHER_PARTITION = re.compile(r"arn:(?!aws:)[^:*?]+:")
"""ARN outside of the partition aws, to which every organization of Plinth belongs (settings/types/regions.py)."""


def document_is_valid(resource: Resource) -> Violation | None:
    return first(in_statement(statement, _is_valid(statement)) for statement in _statements(resource))


def _statements(resource: Resource) -> Iterator[Statement]:
    """Returns the known statements of a resource's document, and of a role's inline policies."""
    documents = [(resource.properties, DOCUMENTS[resource.type]), *inline_policies(resource.properties)]
    return (statement for properties, key in documents for statement in known_statements(properties, key))


def _is_valid(statement: Statement) -> Violation | None:
    if not all(_OPERATOR.fullmatch(condition.operator) for condition in statement.conditions):
        return violation(
            "has an unknown condition operator",
            fix="use an operator of IAM such as StringEquals, ArnLike or Bool; ForAllValues: or ForAnyValue: may "
            "precede it, and IfExists may follow all except Null",
        )
    if any(map(_UNIQUE_ID.fullmatch, statement.named_principals)):
        return violation(
            "names a principal by its unique id, as AWS shows a principal that was deleted",
            fix="name an existing role by its ARN, or remove the principal",
        )
    if any(map(_OTHER_PARTITION.match, _names(statement))):
        return violation("names an ARN of another partition", fix="use ARNs that begin with arn:aws:")
    return None


def _names(statement: Statement) -> Iterator[str]:
    """Yields every value of a statement that may be an ARN."""
    yield from statement.named_principals
    yield from statement.named_resources
    for condition in statement.conditions:
        yield from condition.values


RULES = (
    Rule(
        id="IA-17",
        title="Policy documents have operators, principals and ARNs that exist",
        severity="high",
        sources=("IAM User Guide, policy elements reference", "IAM User Guide, IAM identifiers"),
        remedy="Use the condition operators of IAM. Name principals by their ARN: AWS replaces the ARN of a role that "
        "was deleted with its unique id, and refuses a document with such an id. Begin ARNs with arn:aws:, because an "
        "organization has one partition.",
        checks=for_each(tuple(DOCUMENTS), document_is_valid),
    ),
)
