"""Rules about bucket policies: TLS only, no strangers, and neighbours who may read but not take over."""

from __future__ import annotations

import re

from policies.security.inputs.policy_attachments import admissions
from policies.security.inputs.policy_documents import CALLER_KEYS, NETWORK_KEYS, Statement, statements
from policies.security.inputs.readers import Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, first, for_each, refuse
from policies.security.rules.storage.buckets import ACCESS_LOG_BUCKET, ACCESS_POINT, BUCKET
from settings.types.kinds import ENVIRONMENTS

POLICY = ("aws:s3/bucketPolicy:BucketPolicy",)

_TAKING_OVER = (
    "s3:deletebucket", "s3:deletebucketpolicy", "s3:putbucketacl", "s3:putbucketownershipcontrols",
    "s3:putbucketpolicy", "s3:putencryptionconfiguration", "s3:putobjectacl",
)  # fmt: skip
"""FSBP S3.6, with what has come since."""
_REMOVING = ("s3:deleteobject", "s3:deleteobjectversion", "s3:restoreobject")
OF_THE_LAKE = ("data-lake", "dataset")
"""Kinds of stacks whose buckets are the lake's: its zones, and folders of objects."""
_LANDING = re.compile(r"arn:aws[\w-]*:s3:::[^/]+/results/.+")
"""Where in the lake teams return what they made (DL-10), by its bucket and by an access point."""
_LANDING_THROUGH = re.compile(r"arn:aws[\w-]*:s3:[^/]+:accesspoint/[^/]+/object/results/.+")
_PUSHED = re.compile(r"arn:aws[\w-]*:s3:::[^/]+/pushed/[a-z0-9-]+/(historical|inference)/\*")
_PUSHING = frozenset({"s3:putobject", "s3:abortmultipartupload"})
_MAKER = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/plinth/data-lake-etl-[a-z0-9-]+")
"""The role of a job that makes a dataset."""
_POINTS = ("s3:dataaccesspointarn", "s3:dataaccesspointaccount")


def refuses_weak_transport(subject: Subject) -> Verdict:
    found = statements(subject.properties, "policy")
    if isinstance(found, Unknown):
        return None
    denials = [statement for statement in found or [] if _denies_everything(statement)]
    if not any(statement.requires("aws:securetransport", "false") for statement in denials):
        return refuse("allows plain HTTP", fix="deny s3:* to everybody where aws:SecureTransport is false")
    if not any(_concerns_old_tls(statement) for statement in denials):
        return refuse("allows TLS below 1.2", fix="deny s3:* to everybody where s3:TlsVersion is less than 1.2")
    return None


def _denies_everything(statement: Statement) -> bool:
    return not statement.allows and statement.is_for_everybody and bool({"s3:*", "*"} & set(statement.actions))


def _concerns_old_tls(statement: Statement) -> bool:
    """Versions are numbers; 1.2 itself must stay allowed, 1.1 must not."""
    tests = [c for c in statement.conditions if c.key == "s3:tlsversion" and c.operator == "numericlessthan"]
    return any(value in ("1.2", "1.3") for test in tests for value in test.values)


def allows_no_strangers(subject: Subject) -> Verdict:
    found = statements(subject.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if any(s.allows and s.is_for_everybody and not s.is_confined_by(CALLER_KEYS) for s in found or []):
        return refuse(
            "allows everybody",
            fix="name principals, or add a condition on aws:PrincipalOrgID, an account or an endpoint",
        )
    return None


def inline_policy_allows_no_strangers(subject: Subject) -> Verdict:
    return None if lacks(subject.properties.value("policy")) else allows_no_strangers(subject)


def keeps_control(subject: Subject) -> Verdict:
    """Of buckets of environments no other account writes, but jobs of the lake into their own folders."""
    return first(
        _hands_over(statement, subject) or _takes_more_than_pushed(statement, subject)
        for statement in admissions(subject)
    )


def _hands_over(statement: Statement, subject: Subject) -> Verdict:
    if not admits_others(statement, subject) or not any(map(statement.covers, _TAKING_OVER)):
        return None
    return refuse("lets another account take the bucket over", fix="leave policies, ACLs and encryption to the owner")


def _takes_more_than_pushed(statement: Statement, subject: Subject) -> Verdict:
    if subject.surroundings.kind not in ENVIRONMENTS or not admits_others(statement, subject):
        return None
    if not any(map(statement.covers, ("s3:putobject", *_REMOVING))):
        return None
    folders = bool(statement.resources) and all(map(_PUSHED.fullmatch, statement.resources))
    pushed = folders and is_of_jobs_of_the_lake(statement) and _PUSHING.issuperset(statement.actions)
    if pushed and subject.surroundings.kind != "experimentation":
        return None
    return refuse("lets another account write data", fix="let jobs of the lake put objects under pushed/<dataset>/")


def is_of_jobs_of_the_lake(statement: Statement) -> bool:
    """Whether roles that make datasets are named, each by its ARN, and nobody else."""
    named = [c for c in statement.conditions if c.key == "aws:principalarn" and c.operator == "arnequals"]
    return bool(named) and all(_MAKER.fullmatch(value) for condition in named for value in condition.values)


def admits_others(statement: Statement, subject: Subject) -> bool:
    """Everybody counts, confined or not; an account that only the deployment can tell from the own one does not."""
    own = subject.account_ids
    if isinstance(own, Unknown):
        return statement.is_for_everybody
    return any(account not in own for account in statement.accounts) or statement.is_for_everybody


def lake_stays_in_the_perimeter(subject: Subject) -> Verdict:
    """Of the lake, as access logs are written by S3 itself, which comes from no network of ours."""
    if subject.surroundings.kind not in OF_THE_LAKE or ACCESS_LOG_BUCKET in subject.parents:
        return None
    found = statements(subject.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if not any(_shuts_other_networks_out(statement) for statement in found or []):
        return refuse("answers any network", fix="deny s3:* to everybody outside aws:VpceOrgID or aws:SourceVpc")
    return first(_takes_data_in(statement, subject) for statement in admissions(subject))


def _shuts_other_networks_out(statement: Statement) -> bool:
    shut = [c for c in statement.conditions if c.key in NETWORK_KEYS and c.operator.startswith("stringnotequals")]
    return _denies_everything(statement) and bool(shut)


def _takes_data_in(statement: Statement, subject: Subject) -> Verdict:
    if not admits_others(statement, subject):
        return None
    if not statement.is_confined_by(_POINTS) and statement.covers("s3:putobject"):
        return refuse("lets another account write past access points", fix="require s3:DataAccessPointArn of the lake")
    return _writes_beside(statement, _LANDING)


def _writes_beside(statement: Statement, landing: re.Pattern[str]) -> Verdict:
    if any(map(statement.covers, _REMOVING)):
        return refuse("lets another account remove data", fix="allow s3:PutObject alone")
    if not statement.covers("s3:putobject"):
        return None
    if statement.resources and all(map(landing.fullmatch, statement.resources)):
        return None
    return refuse("lets another account write data", fix="confine the statement to results/*")


def access_points_take_results_alone(subject: Subject) -> Verdict:
    """Whoever it names: an access point is made for others."""
    if subject.surroundings.kind not in OF_THE_LAKE:
        return None
    return first(_writes_beside(statement, _LANDING_THROUGH) for statement in admissions(subject))


RULES = (
    Rule(
        id="S3-06",
        title="Bucket policies refuse plain HTTP and old TLS",
        severity="high",
        sources=("FSBP S3.5", "CIS 5.0 2.1.1", "CKV_AWS_379", "cdk-nag S10"),
        remedy="Deny everything where aws:SecureTransport is false, and where s3:TlsVersion is below 1.2.",
        judges=for_each(POLICY, refuses_weak_transport),
    ),
    Rule(
        id="S3-07",
        title="Bucket policies allow no strangers",
        severity="critical",
        sources=("FSBP S3.2", "FSBP S3.3", "CIS 7.0 2.21", "CKV_AWS_70", "CKV2_AWS_43"),
        remedy="Name the principals, or confine everybody by organization, account or VPC endpoint.",
        judges=for_each(POLICY, allows_no_strangers)
        | for_each(BUCKET + ACCESS_POINT, inline_policy_allows_no_strangers),
    ),
    Rule(
        id="S3-08",
        title="Other accounts never take a bucket over, and write to environments what is pushed alone",
        severity="high",
        sources=("FSBP S3.6", "INT-07"),
        remedy="Allow other accounts to read or write objects, never to change policies, ACLs or encryption. In the "
        "bucket of an environment let jobs of the lake, by their ARN, put objects under pushed/<dataset>/, and nobody "
        "else.",
        judges=for_each(POLICY, keeps_control),
    ),
    Rule(
        id="S3-09",
        title="The lake answers networks of the organization, and takes results alone",
        severity="critical",
        sources=("data perimeter resource policies", "DL-10"),
        remedy="Deny everything outside the organization's endpoints; let other accounts "
        "write under results/ alone, through access points.",
        judges=for_each(POLICY, lake_stays_in_the_perimeter) | for_each(ACCESS_POINT, access_points_take_results_alone),
    ),
)
