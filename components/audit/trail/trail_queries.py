"""Common audit questions about the trail, as SQL.

Athena asks for the value of each ``?``: the account first and then, for questions about history, the first day
(``2026/01/31``).
"""

from __future__ import annotations

from dataclasses import dataclass

from settings.data.ml_layout import BUILD_KEY
from settings.types.build_id import BUILD_ID

DAYS = 7

_WHO = """useridentity.arn AS who,
       useridentity.sessioncontext.sourceidentity AS source_identity"""
_LAST_WEEK = f"""account = ?
  AND day >= date_format(current_date - INTERVAL '{DAYS}' DAY, '%Y/%m/%d')"""


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedQuery:
    """One saved query."""

    name: str
    description: str
    sql: str


def _saved_query(name: str, description: str, *, shows: str, where: str) -> SavedQuery:
    sql = f"""SELECT eventtime,
       {_WHO},
       {shows}
FROM audit.trail
WHERE {_LAST_WEEK}
  AND {where}
ORDER BY eventtime DESC
"""
    return SavedQuery(name=name, description=description, sql=sql)


_CALLS = f"""WITH calls AS (
  SELECT eventtime,
         useridentity.arn AS who,
         eventname,
         requestparameters,
         responseelements,
         json_extract_scalar(requestparameters, '$.bucketName') AS bucket,
         json_extract_scalar(requestparameters, '$.key') AS object
  FROM audit.trail
  WHERE account = ?
    AND day >= ?
    AND errorcode IS NULL
    AND eventname IN ('PutObject', 'CopyObject', 'CompleteMultipartUpload', 'CreateModelPackage')
), written AS (
  SELECT *,
         regexp_extract(object, '{BUILD_KEY}', 1) AS use_case,
         regexp_extract(object, '{BUILD_KEY}', 2) AS branch,
         regexp_extract(object, '{BUILD_KEY}', 3) AS build,
         regexp_extract(object, '{BUILD_KEY}', 4) AS part
  FROM calls
  WHERE regexp_like(object, '{BUILD_KEY}')
)"""

_BUILDS = f"""{_CALLS}
SELECT build, branch, bucket,
       min(eventtime) AS started,
       max(eventtime) AS last_written,
       count(*) AS objects,
       array_join(array_agg(DISTINCT part), ', ') AS parts,
       array_join(array_agg(DISTINCT who), ', ') AS writers
FROM written
WHERE use_case = ?
GROUP BY build, branch, bucket
ORDER BY build DESC
"""

_ORIGIN = f"""{_CALLS}, versions AS (
  SELECT json_extract_scalar(responseelements, '$.modelPackageArn') AS version,
         regexp_extract(requestparameters, '{BUILD_ID}') AS registered_build,
         requestparameters AS registration
  FROM calls
  WHERE eventname = 'CreateModelPackage'
)
SELECT version, part, bucket, object, eventtime, who
FROM versions
JOIN written ON build = registered_build AND strpos(registration, concat('/', use_case, '/')) > 0
WHERE version = ?
ORDER BY part, object
"""
"""The registration of a model version names the model file, whose key contains the build id (S3-06)."""

SAVED_QUERIES = (
    _saved_query(
        "changes-last-week",
        "Who changed what in an account (of production, say) in the last seven days",
        shows="eventsource, eventname, requestparameters, errorcode",
        where="readonly = 'false'\n  AND useridentity.invokedby IS NULL",
    ),
    _saved_query(
        "guardrail-denials",
        "What a guardrail refused, whom and by which kind of policy",
        shows="eventsource, eventname, errormessage",
        where="(errormessage LIKE '%explicit deny in a service control policy%'\n"
        "       OR errormessage LIKE '%explicit deny in a resource control policy%')",
    ),
    _saved_query(
        "root-use",
        "What an account's root user did",
        shows="eventsource, eventname, sourceipaddress",
        where="useridentity.type = 'Root'\n  AND useridentity.invokedby IS NULL\n  AND eventtype <> 'AwsServiceEvent'",
    ),
    _saved_query(
        "roles-assumed",
        "Who assumed which role in an account (of production, say), and from where",
        shows="json_extract_scalar(requestparameters, '$.roleArn') AS role, sourceipaddress, errorcode",
        where="eventsource = 'sts.amazonaws.com'\n  AND eventname LIKE 'AssumeRole%'",
    ),
    _saved_query(
        "policy-changes",
        "Which policies of roles, keys and buckets were changed, and by whom",
        shows="eventsource, eventname, requestparameters, errorcode",
        where="""eventname IN (
    'AttachRolePolicy', 'CreatePolicyVersion', 'DeleteRolePermissionsBoundary', 'DetachRolePolicy',
    'PutBucketPolicy', 'PutKeyPolicy', 'PutRolePermissionsBoundary', 'PutRolePolicy',
    'SetDefaultPolicyVersion', 'UpdateAssumeRolePolicy')""",
    ),
    SavedQuery(
        name="builds-of-a-use-case",
        description="All builds and runs of a use case since a day, and who wrote what of each",
        sql=_BUILDS,
    ),
    SavedQuery(
        name="origin-of-a-model-version",
        description="Code, input and step outputs of the build that a model's version came from, by the version's ARN",
        sql=_ORIGIN,
    ),
)
