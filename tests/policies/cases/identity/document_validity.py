"""Cases of policies/security/rules/identity/document_validity.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OWN_ACCOUNT, Case, Situation, but, document
from tests.policies.cases.policy_types import DOCUMENTS

OWN_ROLE = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/runner"
CHINA = "arn:aws-cn:s3:::scores/*"


def statement(**elements: Any) -> dict[str, Any]:
    """Returns a statement of a resource policy. Identity policies have no principal, which no case depends on."""
    said = {"Effect": "Allow", "Principal": {"AWS": OWN_ROLE}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b"}
    return said | elements


def comparing(operator: str, key: str = "aws:PrincipalArn", value: Any = OWN_ROLE) -> dict[str, Any]:
    return statement(Condition={operator: {key: value}})


VALIDITY = [
    Case(
        rule="IA-17",
        type=type_,
        compliant=Situation(inputs={property_: document(statement())}),
        optional=frozenset({property_}),
        refused={
            what: but({property_: document(*statements)})
            for what, statements in {
                "misspells an operator": [comparing("StringEqual")],
                "misspells an operator beside a known one": [
                    statement(
                        Condition={"ArnLike": {"aws:PrincipalArn": OWN_ROLE}, "ArnIs": {"aws:SourceArn": OWN_ROLE}}
                    )
                ],
                "compares with an operator of another language": [comparing("StringMatches")],
                "tests for absence if it is present": [comparing("NullIfExists", value="true")],
                "has an unknown quantifier": [comparing("ForSomeValues:StringEquals")],
                "has a quantifier without an operator": [comparing("ForAllValues:")],
                "misspells an operator in a second statement": [statement(), comparing("StringEqual")],
                "misspells an operator in a statement that denies": [comparing("StringEqual") | {"Effect": "Deny"}],
                "names a role that was deleted": [statement(Principal={"AWS": "AROAEXAMPLE1234567890"})],
                "names a user who was deleted beside a role": [
                    statement(Principal={"AWS": [OWN_ROLE, "AIDAEXAMPLE1234567890"]})
                ],
                "denies all but a role that was deleted": [
                    statement(Effect="Deny", Principal=None, NotPrincipal={"AWS": "AROAEXAMPLE1234567890"})
                ],
                "names a role of another partition": [
                    statement(Principal={"AWS": OWN_ROLE.replace("arn:aws:", "arn:aws-us-gov:")})
                ],
                "names a resource of another partition": [statement(Resource=CHINA)],
                "names a resource of another partition beside an own one": [
                    statement(Resource=["arn:aws:s3:::b", CHINA])
                ],
                "names all resources but one of another partition": [statement(Resource=None, NotResource=CHINA)],
                "compares with an ARN of another partition": [comparing("ArnLike", "aws:SourceArn", CHINA)],
                "misspells the partition": [statement(Resource="arn:asw:s3:::scores/*")],
            }.items()
        },
        accepted={
            what: but({property_: document(*statements)})
            for what, statements in {
                "compares with several values": [
                    comparing("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-a/*"])
                ],
                "compares all values, if there are any": [comparing("ForAllValues:ArnNotEqualsIfExists")],
                "tests for absence": [comparing("Null", value="true")],
                "spells an operator in lower case": [comparing("arnlike")],
                "compares numbers and dates": [
                    comparing("NumericLessThanEquals", "s3:max-keys", 10),
                    comparing("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
                ],
                "compares the id of a session": [comparing("StringLike", "aws:userid", "AROAEXAMPLE1234567890:*")],
                "leaves the partition open in a condition": [comparing("ArnLike", value="arn:*:iam::*:role/runner")],
                "names everything": [statement(Principal="*", Resource="*")],
                "names services and people who signed in elsewhere": [
                    statement(Principal={"Service": "sagemaker.amazonaws.com", "Federated": "accounts.google.com"})
                ],
                "names a role whose name looks like an id": [
                    statement(Principal={"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:role/AROA1234"})
                ],
                "has no condition": [statement(Condition={})],
            }.items()
        },
    )
    for type_, property_ in DOCUMENTS.items()
]
INLINE = [
    Case(
        rule="IA-17",
        type="aws:iam/role:Role",
        compliant=Situation(inputs={"inlinePolicies": [{"name": "read", "policy": document(statement())}]}),
        optional=frozenset({"inlinePolicies", "inlinePolicies.0", "inlinePolicies.0.name", "inlinePolicies.0.policy"}),
        refused={
            "misspells an operator in an inline policy": but(
                {"inlinePolicies.0.policy": document(comparing("StringEqual"))}
            ),
            "misspells an operator in an inline policy while its trust is unknown": but(
                {"inlinePolicies.0.policy": document(comparing("StringEqual")), "assumeRolePolicy": UNKNOWN}
            ),
        },
    )
]
CASES = [*VALIDITY, *INLINE]
