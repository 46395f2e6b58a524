"""Cases of policies/security/rules/identity/condition_values.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from settings.types.regions import REGIONS
from tests.policies.case import Case, Situation, but, document
from tests.policies.cases.policy_types import DOCUMENTS

GUARDRAIL = "aws:organizations/policy:Policy"
COMPANY = ["20.10.0.0/16", "2a05:d018::/32"]


def denying(**elements: Any) -> dict[str, Any]:
    said = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
    return {key: value for key, value in (said | elements).items() if value is not None}


def comparing(operator: str, *values: str, key: str = "aws:SourceIp", **elements: Any) -> dict[str, Any]:
    return denying(Condition={operator: {key: list(values)}}, **elements)


def excepting(operator: str, *values: str) -> dict[str, Any]:
    return comparing(operator, *values, key="aws:PrincipalArn")


REFUSED = {
    "excepts all addresses": [comparing("NotIpAddress", "0.0.0.0/0")],
    "excepts all addresses, if there is one": [comparing("NotIpAddressIfExists", "0.0.0.0/0")],
    "excepts half of all addresses": [comparing("NotIpAddress", "128.0.0.0/1")],
    "excepts a wide range": [comparing("NotIpAddress", "20.10.0.0/15")],
    "excepts a wide range beside a narrow one": [comparing("NotIpAddress", *COMPANY, "20.0.0.0/8")],
    "excepts a wide range in two halves": [comparing("NotIpAddress", "20.10.0.0/16", "20.11.0.0/16")],
    "excepts many ranges": [comparing("NotIpAddress", "20.20.0.0/16", *(f"20.{n}.0.0/16" for n in range(31, 40, 2)))],
    "excepts all addresses of IPv6": [comparing("NotIpAddress", "::/0")],
    "excepts a wide range of IPv6": [comparing("NotIpAddress", "2a05:d018::/31")],
    "quantifies the exception": [comparing("ForAnyValue:NotIpAddress", "0.0.0.0/0")],
    "allows all addresses": [comparing("IpAddress", "0.0.0.0/0", Effect="Allow")],
    "excepts all addresses in a second statement": [denying(), comparing("NotIpAddress", "0.0.0.0/0")],
    "excepts all principals": [excepting("ArnNotLike", "*")],
    "excepts all principals, if there is one": [excepting("ArnNotLikeIfExists", "arn:aws:iam::b", "arn:*")],
    "excepts all ARNs": [excepting("ArnNotEquals", "arn:aws:*:*:*:*")],
    "excepts all identities of IAM": [excepting("StringNotLike", "arn:aws:iam::*:*")],
    "excepts all roles": [excepting("StringNotLike", "arn:aws:iam::*:role/*")],
    "excepts all sessions": [excepting("StringNotLike", "arn:*:sts::*:assumed-role/*")],
    "excepts all texts": [comparing("StringNotLike", "?*", key="s3:prefix")],
    "denies no action": [denying(Action=None, NotAction=["s3:GetObject", "*"])],
    "denies no resource": [denying(Resource=None, NotResource="*")],
    "denies no principal": [denying(Principal=None, NotPrincipal="*")],
    "denies no principal of AWS": [
        denying(Principal=None, NotPrincipal={"AWS": ["arn:aws:iam::111111111111:root", "*"]})
    ],
    "excepts most regions": [comparing("StringNotEquals", *sorted(REGIONS)[:9], key="aws:RequestedRegion", Action="*")],
    "excepts most regions for all actions but some": [
        comparing("StringNotEquals", *sorted(REGIONS)[:9], key="aws:RequestedRegion", Action=None, NotAction="iam:*")
    ],
    "excepts most regions, by patterns": [
        comparing("StringNotLikeIfExists", *sorted(REGIONS)[:9], key="aws:RequestedRegion", Action="*")
    ],
}
ACCEPTED = {
    "excepts the company's ranges": [comparing("NotIpAddressIfExists", *COMPANY)],
    "excepts four ranges": [comparing("NotIpAddress", "20.10.0.0/16", "20.12.0.0/16", "20.14.0.0/16", "20.16.0.0/16")],
    "excepts a range twice": [comparing("NotIpAddress", *["20.10.0.0/16"] * 6)],
    "excepts private ranges": [comparing("NotIpAddress", "10.0.0.0/8", key="aws:VpcSourceIp")],
    "excepts an address": [comparing("NotIpAddress", "20.10.0.1")],
    "compares with a variable": [comparing("NotIpAddress", "${aws:PrincipalTag/network}")],
    "has addresses in another condition": [comparing("StringEquals", "0.0.0.0/0")],
    "excepts roles by their path": [excepting("ArnNotLike", "arn:aws:iam::*:role/plinth/platform-*")],
    "excepts one principal of all names": [excepting("StringNotEquals", "*")],
    "requires that a value exists": [excepting("StringLike", "*")],
    "allows all others": [excepting("ArnNotLike", "*") | {"Effect": "Allow"}],
    "allows all but everything": [denying(Effect="Allow", Action=None, NotAction="*")],
    "denies everything": [denying(Action="*", Resource="*")],
    "denies all but some": [denying(Action=None, NotAction=["s3:*"], Resource=None, NotResource=["arn:aws:s3:::*"])],
    "denies all but a principal": [denying(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::111111111111:root"})],
    "excepts eight regions": [
        comparing("StringNotEquals", *sorted(REGIONS)[:8], key="aws:RequestedRegion", Action="*")
    ],
    "excepts most regions for one action": [
        comparing("StringNotEquals", *sorted(REGIONS)[:9], key="aws:RequestedRegion")
    ],
    "names many regions": [comparing("StringEquals", *sorted(REGIONS)[:9], key="aws:RequestedRegion", Action="*")],
    "excepts many values": [
        comparing("StringNotEquals", *sorted(REGIONS)[:9], key="aws:PrincipalTag/region", Action="*")
    ],
}

CASES = [
    Case(
        rule="IA-18",
        type=type_,
        compliant=Situation(inputs={property_: document(denying())}),
        optional=frozenset({property_}),
        refused={what: but({property_: document(*statements)}) for what, statements in REFUSED.items()},
        accepted={what: but({property_: document(*statements)}) for what, statements in ACCEPTED.items()},
    )
    for type_, property_ in {**DOCUMENTS, GUARDRAIL: "content"}.items()
] + [
    Case(
        rule="IA-18",
        type="aws:iam/role:Role",
        compliant=Situation(inputs={"inlinePolicies": [{"name": "read", "policy": document(denying())}]}),
        optional=frozenset({"inlinePolicies", "inlinePolicies.0", "inlinePolicies.0.name", "inlinePolicies.0.policy"}),
        refused={
            "excepts all addresses in an inline policy while its trust is unknown": but(
                {
                    "inlinePolicies.0.policy": document(comparing("NotIpAddress", "0.0.0.0/0")),
                    "assumeRolePolicy": UNKNOWN,
                }
            )
        },
    )
]
