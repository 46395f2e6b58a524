"""Rules about sharing the lake as a whole: grants and policies say what the sharing map says, and say it alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.security.inputs.policy_attachments import admissions
from policies.security.inputs.policy_documents import Statement, statements
from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import Subject, Surroundings
from policies.security.rule import Judgement, Relation, Rule, Verdict, first, for_each, refuse
from policies.security.rules.data.lake import GRANT
from policies.security.rules.storage.bucket_policies import OF_THE_LAKE, POLICY, admits_others
from policies.security.rules.storage.buckets import ACCESS_POINT
from policies.security.rules.storage.keys import KEY
from settings.types.kinds import ENVIRONMENTS
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS

_READING = ("s3:getobject", "s3:getobjectversion", "s3:listbucket")
_ROLE = re.compile(rf"role/plinth/(?:people-)?(?P<team>[a-z0-9-]+?)-(?P<environment>{'|'.join(ENVIRONMENTS)})-")
_POINT = re.compile(r"(?:.*:accesspoint/)?(?P<team>[a-z0-9-]+?)--(?P<dataset>[a-z0-9-]+)")
_POINTS_TO = "s3:dataaccesspointarn"
_DROP = re.compile(r"(?P<team>[a-z0-9-]+?)--(?P<dataset>[a-z0-9-]+?)--drop")
"""Where a team's jobs lay down results. No name has two hyphens in a row, so this is no point of a reader."""
_JOB = re.compile(
    rf"role/plinth/(?P<team>[a-z0-9-]+?)-(?:(?P<environment>{'|'.join(ENVIRONMENTS)})-execution"
    r"|-[a-z0-9-]+-(?P<short>[a-z]+)-pipeline)$"
)
_LAYING_DOWN = frozenset({"s3:putobject", "s3:abortmultipartupload"})


def grants_follow_the_map(subject: Subject) -> Verdict:
    """Of roles of teams' environments; what the lake's own jobs are granted is no sharing."""
    reader = _ROLE.search(str(subject.properties.text("principal")))
    if reader is None:
        return None
    if subject.surroundings.kind == "dataset" and not _is_named(reader, subject.surroundings):
        return refuse("grants to whom the dataset is not shared with", fix="write the reader under shared_with")
    if not lacks(subject.properties.value("table")) or not lacks(subject.properties.value("tableWithColumns")):
        return refuse("names a table, past the tags", fix="share the dataset, whose tags the team's grants find")
    if subject.properties.text("lfTagPolicy", "resourceType") != "TABLE":
        return None
    if subject.properties.may_hold_more("lfTagPolicy", "expressions"):
        return None
    if any(_asks_for(reader, expression) for expression in subject.properties.blocks("lfTagPolicy", "expressions")):
        return None
    return refuse("finds tables that are not shared with its reader", fix="ask for the team's tag and its environment")


def _is_named(reader: re.Match[str], around: Surroundings) -> bool:
    return reader["environment"] in around.shared_with.get(reader["team"], ())


def _asks_for(reader: re.Match[str], expression: Properties) -> bool:
    values = expression.items("values")
    known = [] if values is None or isinstance(values, Unknown) else values
    meant = ENVIRONMENT_ABBREVIATIONS[next(one for one in ENVIRONMENTS if one == reader["environment"])]
    theirs = all(value is UNKNOWN or meant in str(value).split("+") for value in known)
    return theirs and expression.text("key") in (f"team-{reader['team']}", UNKNOWN)


def buckets_follow_the_map(subject: Subject) -> Verdict:
    if subject.surroundings.kind not in OF_THE_LAKE:
        return None
    return first(_leads_past_the_map(statement, subject) for statement in admissions(subject) if _reads(statement))


def _leads_past_the_map(statement: Statement, subject: Subject) -> Verdict:
    if not admits_others(statement, subject):
        return None
    if subject.surroundings.kind == "data-lake":
        return refuse("lets others read past Lake Formation", fix="leave reading the zones to grants by tag")
    points = [c for c in statement.conditions if c.key == _POINTS_TO and c.confines]
    if points and all(_leads_to_a_reader(value, subject.surroundings) for c in points for value in c.values):
        return None
    return refuse(
        "lets others read past the access points of the sharing map",
        fix="require s3:DataAccessPointArn of the teams under shared_with",
    )


def _leads_to_a_reader(arn: str, around: Surroundings) -> bool:
    named = _POINT.fullmatch(arn)
    return named is not None and named["dataset"] == around.dataset and bool(around.shared_with.get(named["team"]))


def access_points_follow_the_map(subject: Subject) -> Verdict:
    around = subject.surroundings
    name = subject.properties.text("name")
    if isinstance(name, Unknown):
        return None
    if drop := _DROP.fullmatch(name or ""):
        return _takes_from_whom_the_map_names(subject, drop)
    if around.kind != "dataset" or not _leads_to_a_reader(name or "", around):
        return refuse("is a way into a bucket that the sharing map does not know", fix="share a dataset with the team")
    return first(_admits_whom_the_map_does_not(statement, name or "", around) for statement in admissions(subject))


def _admits_whom_the_map_does_not(statement: Statement, point: str, around: Surroundings) -> Verdict:
    named = [c for c in statement.conditions if c.key == "aws:principalarn" and c.operator == "arnequals"]
    readers = [_ROLE.search(value) for condition in named for value in condition.values]
    team = point.partition("--")[0]
    if not readers or not all(reader and reader["team"] == team and _is_named(reader, around) for reader in readers):
        return refuse("admits whom the dataset is not shared with", fix="name the roles of shared_with, and no others")
    if _writes(statement):
        return refuse("lets its readers do more than read", fix="allow s3:GetObject and s3:ListBucket")
    if not around.for_experiments and any(reader and reader["environment"] == "experimentation" for reader in readers):
        return refuse("gives experiments what is raw", fix="have the owner approve it, or share it with development")
    return None


def _takes_from_whom_the_map_names(subject: Subject, drop: re.Match[str]) -> Verdict:
    around, team = subject.surroundings, drop["team"]
    if around.kind != "dataset" or drop["dataset"] != around.dataset or not around.returned_by.get(team):
        return refuse("takes results that nobody returns", fix="write the team under returned_by of the dataset")
    return first(_takes_more(statement, team, around) for statement in admissions(subject))


def _takes_more(statement: Statement, team: str, around: Surroundings) -> Verdict:
    if not statement.actions or not _LAYING_DOWN.issuperset(statement.actions):
        return refuse(
            "lets who returns results do more than that", fix="allow s3:PutObject and s3:AbortMultipartUpload"
        )
    named = [c for c in statement.conditions if c.key == "aws:principalarn" and c.operator == "arnequals"]
    places = {_workplace(_JOB.search(value), team) for condition in named for value in condition.values}
    if len(places) != 1 or not places <= {*around.returned_by[team]}:
        return refuse(
            "takes results from others than jobs of one environment that returns them",
            fix="name the jobs of each environment under returned_by in a statement of its own",
        )
    own = f"--{around.dataset}--drop/object/results/{around.dataset}/{team}/{places.pop()}/*"
    if statement.resources and all(arn.endswith(own) for arn in statement.resources):
        return None
    return refuse("takes results into a folder of others", fix="give each environment of the team its own folder")


def _workplace(job: re.Match[str] | None, team: str) -> str:
    """Where a job of the team runs; none of anybody else's."""
    if job is None or job["team"] != team:
        return ""
    return str(
        job["environment"] or next((one for one in ENVIRONMENTS if ENVIRONMENT_ABBREVIATIONS[one] == job["short"]), "")
    )


def _reads(statement: Statement) -> bool:
    return any(map(statement.covers, _READING))


def _writes(statement: Statement) -> bool:
    return any(map(statement.covers, ("s3:putobject", "s3:deleteobject")))


def policies_agree(stack: Stack) -> Iterator[Judgement]:
    """Whom an access point serves, the bucket lets in and the key serves too, and nobody besides.

    The engine still tells of an access point that is about to go; one that the map does not know serves nobody.
    """
    points, buckets, keys = list(_serving(stack)), stack.of(POLICY), stack.of(KEY)
    if stack.surroundings.kind != "dataset" or not all(map(_is_known, (*points, *buckets, *keys))):
        return
    served = {account for point in points for account in _others(point)}
    uninvited = refuse("admits accounts that no access point serves", fix="leave them out, or share with them")
    unserved = refuse("refuses accounts that an access point serves", fix="admit them, or remove the reader")
    for subject in (*buckets, *keys):
        if _others(subject) - served:
            yield subject, uninvited
        if served - _others(subject):
            yield subject, unserved


def _serving(stack: Stack) -> Iterator[Subject]:
    for point in stack.of(ACCESS_POINT):
        name = point.properties.text("name")
        if isinstance(name, Unknown) or _leads_to_a_reader(name or "", stack.surroundings):
            yield point


def _is_known(subject: Subject) -> bool:
    return not isinstance(statements(subject.properties, "policy"), Unknown)


def _others(subject: Subject) -> set[str]:
    own = subject.account_ids
    named = {account for statement in admissions(subject) for account in statement.accounts}
    return set() if isinstance(own, Unknown) else named - set(own)


RULES = (
    Rule(
        id="ST-10",
        title="The lake is shared with whom the sharing map names, four ways alike",
        severity="critical",
        sources=("DL-06", "DL-07", "DL-09", "PER-06"),
        remedy="Write readers under shared_with of the dataset; grants by tag, and of a folder of objects the policies "
        "of access point, bucket and key, follow from it. Write who returns results under returned_by.",
        judges=for_each(GRANT, grants_follow_the_map)
        | for_each(POLICY, buckets_follow_the_map)
        | for_each(ACCESS_POINT, access_points_follow_the_map),
        relations=(Relation((*ACCESS_POINT, *POLICY, *KEY), policies_agree),),
    ),
)
