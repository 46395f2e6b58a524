"""Rules about bucket policies: TLS only, no public access, and limited access for other accounts."""

from __future__ import annotations

import re

from policies.evaluation.policy_attachments import resource_grants
from policies.evaluation.policy_documents import CALLER_KEYS, NETWORK_KEYS, Statement, statements
from policies.evaluation.readers import Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.security.rules.storage.buckets import ACCESS_POINT, BUCKET, is_named_for_access_logs
from settings.types.kinds import ENVIRONMENTS

POLICY = ("aws:s3/bucketPolicy:BucketPolicy",)

_TAKING_OVER = (
    "s3:deletebucket", "s3:deletebucketpolicy", "s3:putbucketacl", "s3:putbucketownershipcontrols",
    "s3:putbucketpolicy", "s3:putencryptionconfiguration", "s3:putobjectacl",
)  # fmt: skip
"""Actions that change access or encryption: those of FSBP S3.6, and later additions to S3."""
_REMOVING = ("s3:deleteobject", "s3:deleteobjectversion", "s3:restoreobject")
OF_THE_LAKE = ("data-lake", "dataset")
"""Kinds of stack whose buckets belong to the lake: its zones, and object datasets."""
_RESULTS = re.compile(r"arn:aws[\w-]*:s3:::[^/]+/results/.+")
"""Resource ARN of results that teams deliver to the lake (DL-10), by bucket."""
_RESULTS_BY_ACCESS_POINT = re.compile(r"arn:aws[\w-]*:s3:[^/]+:accesspoint/[^/]+/object/results/.+")
_PUSHED_FOLDER = re.compile(r"arn:aws[\w-]*:s3:::[^/]+/pushed/[a-z0-9-]+/(historical|inference)/\*")
_PUSHING = frozenset({"s3:putobject", "s3:abortmultipartupload"})
_DATASET_JOB = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/plinth/data-lake-etl-[a-z0-9-]+")
"""Role of a job that produces a dataset."""
_BUCKET_ARN, _OBJECTS_ARN = re.compile(r"[^/]+"), re.compile(r"[^/]*/?\*")
"""ARNs of a bucket, and of all its objects. S3 refuses the ARN of another bucket in a policy."""
_POINTS = ("s3:dataaccesspointarn", "s3:dataaccesspointaccount")


def denies_weak_transport(resource: Resource) -> Violation | None:
    found = statements(resource.properties, "policy")
    if isinstance(found, Unknown):
        return None
    denials = [
        statement for statement in found or [] if _denies_everything(statement) and len(statement.conditions) == 1
    ]
    if not any(statement.requires("aws:securetransport", "false") for statement in denials):
        return violation("allows plain HTTP", fix="deny s3:* to every principal if aws:SecureTransport is false")
    if not any(_concerns_old_tls(statement) for statement in denials):
        return violation("allows TLS below 1.2", fix="deny s3:* to every principal if s3:TlsVersion is less than 1.2")
    return None


def _denies_everything(statement: Statement) -> bool:
    """Whether a statement denies every action of every principal, on the bucket and on all its objects."""
    everybody = statement.body.get("Principal") == "*" or "*" in statement.principals_of("AWS")
    every_action = bool({"s3:*", "*"} & set(statement.actions))
    on_all = all(any(map(part.fullmatch, statement.resources)) for part in (_BUCKET_ARN, _OBJECTS_ARN))
    return not statement.allows and everybody and every_action and on_all


def _concerns_old_tls(statement: Statement) -> bool:
    """Whether a condition matches TLS below 1.2. Versions compare as numbers, so the limit may be 1.2 or 1.3."""
    tests = [c for c in statement.conditions if c.key == "s3:tlsversion" and c.operator == "numericlessthan"]
    return any(value in ("1.2", "1.3") for test in tests for value in test.values)


def is_not_public(resource: Resource) -> Violation | None:
    found = statements(resource.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if any(s.allows and s.is_for_everybody and not s.is_confined_by(CALLER_KEYS) for s in found or []):
        return violation(
            "allows every principal",
            fix="name principals, or add a condition on aws:PrincipalOrgID, an account or an endpoint",
        )
    return None


def inline_policy_is_not_public(resource: Resource) -> Violation | None:
    return None if is_missing(resource.properties.value("policy")) else is_not_public(resource)


def limits_other_accounts(resource: Resource) -> Violation | None:
    """Checks that other accounts cannot take a bucket over. An environment's bucket also admits no writes from other
    accounts, except by jobs of the lake to the folders of pushed datasets."""
    return first(
        _hands_over(statement, resource) or _allows_more_than_pushing(statement, resource)
        for statement in resource_grants(resource)
    )


def _hands_over(statement: Statement, resource: Resource) -> Violation | None:
    if not admits_others(statement, resource) or not any(map(statement.covers, _TAKING_OVER)):
        return None
    return violation(
        "allows another account to take the bucket over", fix="leave policies, ACLs and encryption to the owner"
    )


def _allows_more_than_pushing(statement: Statement, resource: Resource) -> Violation | None:
    if resource.context.kind not in ENVIRONMENTS or not admits_others(statement, resource):
        return None
    if not any(map(statement.covers, ("s3:putobject", *_REMOVING))):
        return None
    folders = bool(statement.resources) and all(map(_PUSHED_FOLDER.fullmatch, statement.resources))
    pushed = folders and is_of_jobs_of_the_lake(statement) and _PUSHING.issuperset(statement.actions)
    if pushed and resource.context.kind != "experimentation":
        return None
    return violation(
        "allows another account to write", fix="allow only jobs of the lake to put objects under pushed/<dataset>/"
    )


def is_of_jobs_of_the_lake(statement: Statement) -> bool:
    """Whether a statement names only roles of dataset jobs, each by its ARN."""
    named = [c for c in statement.conditions if c.key == "aws:principalarn" and c.operator == "arnequals"]
    return bool(named) and all(_DATASET_JOB.fullmatch(value) for condition in named for value in condition.values)


def admits_others(statement: Statement, resource: Resource) -> bool:
    """Whether a statement names another account or every principal. If the own account is unknown, only the latter
    counts."""
    own = resource.account_ids
    if isinstance(own, Unknown):
        return statement.is_for_everybody
    return any(account not in own for account in statement.accounts) or statement.is_for_everybody


def lake_stays_in_the_perimeter(resource: Resource) -> Violation | None:
    """Checks bucket policies of the lake. Access log buckets are exempt, because S3 itself writes to them. S3-12 checks
    that a bucket of such a name is one."""
    if resource.context.kind not in OF_THE_LAKE or is_named_for_access_logs(resource.properties.text("bucket")):
        return None
    found = statements(resource.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if not any(_denies_other_networks(statement) for statement in found or []):
        return violation(
            "allows any network", fix="deny s3:* to every principal outside aws:VpceOrgID or aws:SourceVpc"
        )
    return first(_check_writes(statement, resource) for statement in resource_grants(resource))


def _denies_other_networks(statement: Statement) -> bool:
    shut = [c for c in statement.conditions if c.key in NETWORK_KEYS and c.operator.startswith("stringnotequals")]
    return _denies_everything(statement) and bool(shut)


def _check_writes(statement: Statement, resource: Resource) -> Violation | None:
    if not admits_others(statement, resource):
        return None
    if not statement.is_confined_by(_POINTS) and statement.covers("s3:putobject"):
        return violation(
            "allows another account to write without an access point", fix="require s3:DataAccessPointArn of the lake"
        )
    return _writes_outside(statement, _RESULTS)


def _writes_outside(statement: Statement, landing: re.Pattern[str]) -> Violation | None:
    if any(map(statement.covers, _REMOVING)):
        return violation("allows another account to remove data", fix="allow only s3:PutObject")
    if not statement.covers("s3:putobject"):
        return None
    if statement.resources and all(map(landing.fullmatch, statement.resources)):
        return None
    return violation("allows another account to write data", fix="limit the statement to results/*")


def access_points_accept_only_results(resource: Resource) -> Violation | None:
    """Checks every statement of an access point's policy, because access points exist for other accounts."""
    if resource.context.kind not in OF_THE_LAKE:
        return None
    return first(_writes_outside(statement, _RESULTS_BY_ACCESS_POINT) for statement in resource_grants(resource))


RULES = (
    Rule(
        id="S3-06",
        title="Bucket policies deny plain HTTP and TLS below 1.2",
        severity="high",
        sources=("FSBP S3.5", "CIS 5.0 2.1.1", "CKV_AWS_379", "cdk-nag S10"),
        remedy="Deny every action on the bucket and its objects if aws:SecureTransport is false, and if s3:TlsVersion "
        "is below 1.2, each in a statement with no other condition.",
        checks=for_each(POLICY, denies_weak_transport),
    ),
    Rule(
        id="S3-07",
        title="Bucket policies are not public",
        severity="critical",
        sources=("FSBP S3.2", "FSBP S3.3", "CIS 7.0 2.21", "CKV_AWS_70", "CKV2_AWS_43"),
        remedy="Name the principals, or add a condition on the organization, an account or a VPC endpoint.",
        checks=for_each(POLICY, is_not_public) | for_each(BUCKET + ACCESS_POINT, inline_policy_is_not_public),
    ),
    Rule(
        id="S3-08",
        title="Other accounts cannot take a bucket over, and write only pushed datasets to environments",
        severity="high",
        sources=("FSBP S3.6", "INT-07"),
        remedy="Allow other accounts to read or write objects, never to change policies, ACLs or encryption. In an "
        "environment's bucket, allow only jobs of the lake, by their ARN, to put objects under pushed/<dataset>/.",
        checks=for_each(POLICY, limits_other_accounts),
    ),
    Rule(
        id="S3-09",
        title="The lake is limited to the organization's networks and accepts only results",
        severity="critical",
        sources=("data perimeter resource policies", "DL-10"),
        remedy="Deny every request from outside the organization's endpoints. Allow other accounts to write only under "
        "results/, through access points.",
        checks=for_each(POLICY, lake_stays_in_the_perimeter)
        | for_each(ACCESS_POINT, access_points_accept_only_results),
    ),
)
