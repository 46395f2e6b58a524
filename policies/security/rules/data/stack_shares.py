"""Rules about sharing the lake: grants, buckets, access points and keys give access to exactly the declared readers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.evaluation.policy_attachments import resource_grants
from policies.evaluation.policy_documents import Statement, statements
from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource, StackContext
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, first, for_each, violation
from policies.evaluation.stack import Stack, refers_to
from policies.security.rules.data.lake import GRANT
from policies.security.rules.storage.bucket_policies import OF_THE_LAKE, POLICY, admits_others
from policies.security.rules.storage.buckets import ACCESS_POINT, BUCKET
from policies.security.rules.storage.keys import KEY
from settings.data.lake import CURATED
from settings.types.kinds import ENVIRONMENTS
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS

_READING = ("s3:getobject", "s3:getobjectversion", "s3:listbucket")
_ROLE = re.compile(rf"role/plinth/(?:people-)?(?P<team>[a-z0-9-]+?)-(?P<environment>{'|'.join(ENVIRONMENTS)})-")
_READER_ACCESS_POINT = re.compile(r"(?:.*:accesspoint/)?(?P<team>[a-z0-9-]+?)--(?P<dataset>[a-z0-9-]+)")
_ACCESS_POINT_KEY = "s3:dataaccesspointarn"
_DELIVERY_ACCESS_POINT = re.compile(r"(?P<team>[a-z0-9-]+?)--(?P<dataset>[a-z0-9-]+?)--drop")
"""Name of an access point by which a team's jobs deliver results. No dataset name contains two hyphens in a row, so
the pattern never matches a reader's access point."""
_JOB = re.compile(
    rf"role/plinth/(?P<team>[a-z0-9-]+?)-(?:(?P<environment>{'|'.join(ENVIRONMENTS)})-execution"
    r"|-[a-z0-9-]+-(?P<short>[a-z]+)-pipeline)$"
)
_CURATOR = re.compile(r"role/plinth/(?P<team>[a-z0-9-]+?)--(?P<use_case>[a-z0-9-]+)-(?P<short>[a-z]+)-monitoring$")
"""The role that monitors a use case, which delivers the captured requests that people have selected."""
_DELIVERING = frozenset({"s3:putobject", "s3:abortmultipartupload"})


def grants_match_declared_readers(resource: Resource) -> Violation | None:
    """Checks grants to roles of team environments. Grants to the lake's own jobs are not sharing."""
    reader = _ROLE.search(str(resource.properties.text("principal")))
    if reader is None:
        return None
    if resource.context.kind == "dataset" and not _is_declared_reader(reader, resource.context):
        return violation(
            "grants access to an undeclared reader", fix="list the reader under shared_with of the dataset"
        )
    if not is_missing(resource.properties.value("table")) or not is_missing(
        resource.properties.value("tableWithColumns")
    ):
        return violation("grants a table by name", fix="share the dataset; the team's grants match its LF-tags")
    if resource.properties.text("lfTagPolicy", "resourceType") != "TABLE":
        return None
    if resource.properties.may_have_more("lfTagPolicy", "expressions"):
        return None
    if any(
        _matches_reader(reader, expression) for expression in resource.properties.blocks("lfTagPolicy", "expressions")
    ):
        return None
    return violation(
        "matches tables that are not shared with its reader",
        fix="require the team's LF-tag with the reader's environment",
    )


def _is_declared_reader(reader: re.Match[str], context: StackContext) -> bool:
    return reader["environment"] in context.shared_with.get(reader["team"], ())


def _matches_reader(reader: re.Match[str], expression: Properties) -> bool:
    values = expression.items("values")
    known = [] if values is None or isinstance(values, Unknown) else values
    short = ENVIRONMENT_ABBREVIATIONS[
        next(environment for environment in ENVIRONMENTS if environment == reader["environment"])
    ]
    matches = all(value is UNKNOWN or short in str(value).split("+") for value in known)
    return matches and expression.text("key") in (f"team-{reader['team']}", UNKNOWN)


def buckets_match_declared_readers(resource: Resource) -> Violation | None:
    if resource.context.kind not in OF_THE_LAKE:
        return None
    return first(
        _bypasses_access_points(statement, resource) for statement in resource_grants(resource) if _reads(statement)
    )


def _bypasses_access_points(statement: Statement, resource: Resource) -> Violation | None:
    if not admits_others(statement, resource):
        return None
    if resource.context.kind == "data-lake":
        return violation("allows reading that bypasses Lake Formation", fix="grant access to the zones by LF-tag only")
    points = [c for c in statement.conditions if c.key == _ACCESS_POINT_KEY and c.confines]
    if points and all(_is_of_a_declared_reader(value, resource.context) for c in points for value in c.values):
        return None
    return violation(
        "allows reading that bypasses the readers' access points",
        fix="require s3:DataAccessPointArn of the teams under shared_with",
    )


def _is_of_a_declared_reader(arn: str, context: StackContext) -> bool:
    named = _READER_ACCESS_POINT.fullmatch(arn)
    return named is not None and named["dataset"] == context.dataset and bool(context.shared_with.get(named["team"]))


def access_points_match_declared_readers(resource: Resource) -> Violation | None:
    context = resource.context
    name = resource.properties.text("name")
    if isinstance(name, Unknown):
        return None
    if drop := _DELIVERY_ACCESS_POINT.fullmatch(name or ""):
        return _check_delivery(resource, drop)
    if context.kind != "dataset" or not _is_of_a_declared_reader(name or "", context):
        return violation(
            "is an access point of no declared reader", fix="list the team under shared_with of the dataset"
        )
    return first(_admits_undeclared_readers(statement, name or "", context) for statement in resource_grants(resource))


def _admits_undeclared_readers(statement: Statement, point: str, context: StackContext) -> Violation | None:
    named = [c for c in statement.conditions if c.key == "aws:principalarn" and c.operator == "arnequals"]
    readers = [_ROLE.search(value) for condition in named for value in condition.values]
    team = point.partition("--")[0]
    if not readers or not all(
        reader and reader["team"] == team and _is_declared_reader(reader, context) for reader in readers
    ):
        return violation("admits an undeclared reader", fix="name only roles of environments under shared_with")
    if _writes(statement):
        return violation("allows readers to write", fix="allow only s3:GetObject and s3:ListBucket")
    if not context.for_experiments and any(reader and reader["environment"] == "experimentation" for reader in readers):
        return violation(
            "gives raw data to experimentation", fix="have the owner approve it, or share it with development"
        )
    return None


def _check_delivery(resource: Resource, drop: re.Match[str]) -> Violation | None:
    context, team = resource.context, drop["team"]
    if context.kind != "dataset" or drop["dataset"] != context.dataset or not context.returned_by.get(team):
        return violation(
            "accepts results from an undeclared team", fix="list the team under returned_by of the dataset"
        )
    return first(_accepts_too_much(statement, team, context) for statement in resource_grants(resource))


def _accepts_too_much(statement: Statement, team: str, context: StackContext) -> Violation | None:
    if not statement.actions or not _DELIVERING.issuperset(statement.actions):
        return violation(
            "allows more than delivering results", fix="allow only s3:PutObject and s3:AbortMultipartUpload"
        )
    named = [c for c in statement.conditions if c.key == "aws:principalarn" and c.operator == "arnequals"]
    places = {_place_of(value, team) for condition in named for value in condition.values}
    if len(places) != 1 or not {environment for environment, _ in places} <= {*context.returned_by[team]}:
        return violation(
            "accepts results from more than the jobs of one declared environment",
            fix="write one statement for each environment under returned_by, naming its jobs",
        )
    own = f"--{context.dataset}--drop/object/results/{context.dataset}/{team}/{'/'.join(*places)}*"
    if statement.resources and all(arn.endswith(own) for arn in statement.resources):
        return None
    return violation(
        "accepts results in another reader's folder", fix="give each environment of the team its own folder"
    )


def _place_of(principal: str, team: str) -> tuple[str, str]:
    """Returns the environment that a job of the team runs in, and the folder of the environment to which it is
    confined: empty, or that of a use case for the role that monitors it. Any other principal has no environment."""
    if (job := _JOB.search(principal)) is not None and job["team"] == team:
        return str(job["environment"] or _environment_of(job["short"])), ""
    if (curator := _CURATOR.search(principal)) is not None and curator["team"] == team:
        return _environment_of(curator["short"]), f"{CURATED}/{curator['use_case']}/"
    return "", ""


def _environment_of(short: str) -> str:
    return next((environment for environment in ENVIRONMENTS if ENVIRONMENT_ABBREVIATIONS[environment] == short), "")


def _reads(statement: Statement) -> bool:
    return any(map(statement.covers, _READING))


def _writes(statement: Statement) -> bool:
    return any(map(statement.covers, ("s3:putobject", "s3:deleteobject")))


def bucket_and_key_match_access_points(stack: Stack) -> Iterator[CheckResult]:
    """Checks that bucket and key admit exactly the accounts that the access points admit.

    A bucket without access points, such as a copy in a second region, admits no other account. The engine also lists
    access points that it is about to delete. One that the sharing settings do not declare is ignored.
    """
    points, buckets, keys = list(_serving(stack)), stack.of(POLICY), stack.of(KEY)
    if stack.context.kind != "dataset" or not all(map(_is_known, (*points, *buckets, *keys))):
        return
    too_many = violation(
        "admits accounts that no access point admits", fix="remove them, or share the dataset with them"
    )
    too_few = violation("does not admit accounts that an access point admits", fix="admit them, or remove the reader")
    for resource in (*buckets, *keys):
        served = {account for point in points if _may_serve(point, resource, stack) for account in _others(point)}
        if _others(resource) - served:
            yield resource, too_many
        if served - _others(resource):
            yield resource, too_few


def _serving(stack: Stack) -> Iterator[Resource]:
    for point in stack.of(ACCESS_POINT):
        name = point.properties.text("name")
        if isinstance(name, Unknown) or _is_of_a_declared_reader(name or "", stack.context):
            yield point


def _may_serve(point: Resource, resource: Resource, stack: Stack) -> bool:
    """Whether readers reach a bucket or key by an access point. One key encrypts all buckets of the home region."""
    of_policy = [bucket for bucket in stack.of(BUCKET) if refers_to(resource, "bucket", bucket)]
    return not of_policy or refers_to(point, "bucket", of_policy[0])


def _is_known(resource: Resource) -> bool:
    return not isinstance(statements(resource.properties, "policy"), Unknown)


def _others(resource: Resource) -> set[str]:
    own = resource.account_ids
    named = {account for statement in resource_grants(resource) for account in statement.accounts}
    return set() if isinstance(own, Unknown) else named - set(own)


RULES = (
    Rule(
        id="ST-10",
        title="Grants, buckets, access points and keys give access to exactly the declared readers",
        severity="critical",
        sources=("DL-06", "DL-07", "DL-09", "PER-06"),
        remedy="List readers under shared_with of the dataset. LF-tag grants, and for an object dataset the policies "
        "of its access points, bucket and key, follow from that. List teams that deliver results under returned_by.",
        checks=for_each(GRANT, grants_match_declared_readers)
        | for_each(POLICY, buckets_match_declared_readers)
        | for_each(ACCESS_POINT, access_points_match_declared_readers),
        stack_checks=(StackCheck((*ACCESS_POINT, *BUCKET, *POLICY, *KEY), bucket_and_key_match_access_points),),
    ),
)
