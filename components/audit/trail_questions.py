"""Questions that auditors ask of the trail, as SQL. A ``?`` is the account, which Athena asks for."""

from __future__ import annotations

from dataclasses import dataclass

DAYS = 7

_WHO = """useridentity.arn AS who,
       useridentity.sessioncontext.sourceidentity AS source_identity"""
_LAST_WEEK = f"""account = ?
  AND day >= date_format(current_date - INTERVAL '{DAYS}' DAY, '%Y/%m/%d')"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One saved query."""

    name: str
    description: str
    sql: str


def _question(name: str, description: str, *, shows: str, where: str) -> Question:
    sql = f"""SELECT eventtime,
       {_WHO},
       {shows}
FROM audit.trail
WHERE {_LAST_WEEK}
  AND {where}
ORDER BY eventtime DESC
"""
    return Question(name=name, description=description, sql=sql)


QUESTIONS = (
    _question(
        "changes-last-week",
        "Who changed what in an account (of production, say) in the last seven days",
        shows="eventsource, eventname, requestparameters, errorcode",
        where="readonly = 'false'\n  AND useridentity.invokedby IS NULL",
    ),
    _question(
        "guardrail-denials",
        "What a guardrail refused, whom and by which kind of policy",
        shows="eventsource, eventname, errormessage",
        where="(errormessage LIKE '%explicit deny in a service control policy%'\n"
        "       OR errormessage LIKE '%explicit deny in a resource control policy%')",
    ),
    _question(
        "root-use",
        "What an account's root user did",
        shows="eventsource, eventname, sourceipaddress",
        where="useridentity.type = 'Root'\n  AND useridentity.invokedby IS NULL\n  AND eventtype <> 'AwsServiceEvent'",
    ),
    _question(
        "roles-assumed",
        "Who assumed which role in an account (of production, say), and from where",
        shows="json_extract_scalar(requestparameters, '$.roleArn') AS role, sourceipaddress, errorcode",
        where="eventsource = 'sts.amazonaws.com'\n  AND eventname LIKE 'AssumeRole%'",
    ),
    _question(
        "policy-changes",
        "Which policies of roles, keys and buckets were changed, and by whom",
        shows="eventsource, eventname, requestparameters, errorcode",
        where="""eventname IN (
    'AttachRolePolicy', 'CreatePolicyVersion', 'DeleteRolePermissionsBoundary', 'DetachRolePolicy',
    'PutBucketPolicy', 'PutKeyPolicy', 'PutRolePermissionsBoundary', 'PutRolePolicy',
    'SetDefaultPolicyVersion', 'UpdateAssumeRolePolicy')""",
    ),
)
