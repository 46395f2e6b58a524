"""Cases of policies/security/rules/sagemaker/registry.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Change, Situation, but, document, stack_context

MAIN = "fraud--card-scores-main"
BRANCH = "fraud--card-scores-feature-faster-0123456789"
TAGS = {"plinth:use-case": "card-scores", "plinth:branch": "feature/faster", "plinth:expires": "2026-01-31"}
TOOLING = stack_context(kind="tooling")

GROUP = f"arn:aws:sagemaker:eu-west-1:{OWN_ACCOUNT}:model-package-group/{MAIN}"
PACKAGES = f"arn:aws:sagemaker:eu-west-1:{OWN_ACCOUNT}:model-package/{MAIN}/*"
ROLES = f"arn:aws:iam::{OTHER_ACCOUNT}:role/plinth"
REGISTRAR = f"{ROLES}/fraud--card-scores-dev-pipeline"
IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}}
PENDING = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
READING = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
    "Action": ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages", "sagemaker:CreateModel"],
    "Resource": [PACKAGES],
    "Condition": IN_ORGANIZATION,
}
REGISTERING = {
    "Effect": "Allow",
    "Principal": {"AWS": REGISTRAR},
    "Action": "sagemaker:CreateModelPackage",
    "Resource": PACKAGES,
    "Condition": PENDING,
}
REFUSAL = {"Effect": "Deny", "Principal": "*", "Action": "sagemaker:*", "Resource": "*"}


def said(statement: dict[str, Any], **changes: Any) -> Change:
    return but({"resourcePolicy": document({**statement, **changes})})


def by_condition(**conditions: Any) -> Change:
    """Returns a statement that allows registering, with the roles of an account in a condition."""
    return said(REGISTERING, Principal=READING["Principal"], Condition={**PENDING, **conditions})


CASES = [
    Case(
        rule="SM-23",
        type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        compliant=Situation(inputs={"modelPackageGroupName": BRANCH, "tags": TAGS}, context=TOOLING),
        optional=frozenset({"modelPackageGroupName", "tags", "tags.plinth:use-case"}),
        refused={
            "does not name its branch": but({"tags.plinth:branch": ""}),
            "ends some day": but({"tags.plinth:expires": "soon"}),
            **{f"is in {kind}": but(kind=kind) for kind in ("development", "data-lake", "production")},
            "is in an experiment in the account of tooling": but(kind="experimentation", holds_registry=True),
        },
        accepted={
            "belongs to main, without tags": but(
                {"modelPackageGroupName": MAIN, "tags": {"plinth:use-case": "card-scores"}}
            ),
            "is of main of a use case that sounds like a branch": but(
                {"modelPackageGroupName": BRANCH, "tags": {"plinth:use-case": "card-scores-feature-faster"}}
            ),
            "is in development in the account of tooling": but(kind="development", holds_registry=True),
        },
    ),
    Case(
        rule="SM-24",
        type="aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        compliant=Situation(
            inputs={"resourcePolicy": document(READING, {**READING, "Resource": GROUP}, REGISTERING, REFUSAL)}
        ),
        optional=frozenset({"resourcePolicy"}),
        refused={
            "admits every principal of the organization": said(READING, Principal="*"),
            "admits every principal except one": said(READING, NotPrincipal=READING["Principal"]),
            "admits a service": said(READING, Principal={"Service": "sagemaker.amazonaws.com"}),
            "admits a service beside an account": said(
                READING, Principal={**READING["Principal"], "Service": "sagemaker.amazonaws.com"}
            ),
            "admits an outside identity": said(
                READING, Principal={"Federated": f"arn:aws:iam::{OTHER_ACCOUNT}:saml-provider/theirs"}
            ),
            "is about everything": said(READING, Resource="*"),
            "has NotAction": said({**READING, "Action": []}, NotAction="sagemaker:DeleteModelPackage"),
            "lets others approve": said(READING, Action=["sagemaker:UpdateModelPackage"]),
            "lets others delete": said(READING, Action="sagemaker:DeleteModelPackage"),
            "lets others describe with a wildcard": said(READING, Action="sagemaker:Describe*"),
            "lets an account register": said(REGISTERING, Principal=READING["Principal"]),
            "lets production register": said(REGISTERING, Principal={"AWS": REGISTRAR.replace("-dev-", "-prod-")}),
            "lets people register": said(REGISTERING, Principal={"AWS": [REGISTRAR, f"{ROLES}/people-fraud"]}),
            "lets roles of a pattern register": by_condition(ArnLike={"aws:PrincipalArn": f"{ROLES}/*-dev-pipeline"}),
            "lets pipelines and others register": by_condition(
                ArnEquals={"aws:PrincipalArn": [REGISTRAR, f"{ROLES}/people-fraud"]}
            ),
            "lets registrars approve": said(REGISTERING, Condition=IN_ORGANIZATION),
            "lets registrars approve directly": said(
                REGISTERING,
                Condition={"StringEquals": {"sagemaker:ModelApprovalStatus": ["PendingManualApproval", "Approved"]}},
            ),
            "lets registrars omit the status": said(
                REGISTERING, Condition={"StringEqualsIfExists": PENDING["StringEquals"]}
            ),
        },
        accepted={
            "names the pipeline in a condition": by_condition(ArnEquals={"aws:PrincipalArn": REGISTRAR}),
            "is known to the deployment alone": but({"resourcePolicy": UNKNOWN}),
        },
    ),
]
