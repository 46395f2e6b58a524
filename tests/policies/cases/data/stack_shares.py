"""Cases of policies/security/rules/data/stack_shares.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import (
    ABSENT,
    OTHER_ACCOUNT,
    OWN_ACCOUNT,
    Case,
    Member,
    Situation,
    StackCase,
    but,
    document,
    stack_context,
)
from tests.policies.cases.data.lake import OF_A_GRANT_BY_TAGS

BUCKET = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")


POINTS = f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint"
POINT = f"{POINTS}/fraud--letters"
ROOT = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
THIRD = "arn:aws:iam::333333333333:root"
MAP = {"fraud": ("experimentation", "development")}
LETTERS = stack_context(kind="dataset", dataset="letters", shared_with=MAP, for_experiments=True)


def role(name: str) -> str:
    return f"arn:aws:iam::{OTHER_ACCOUNT}:role/plinth/{name}"


ADA, JOBS = role("fraud-experimentation-studio-ada"), role("fraud-development-execution")


def tagged(**expressions: list[str]) -> dict[str, Any]:
    found = [{"key": key.replace("_", "-"), "values": values} for key, values in expressions.items()]
    return {"resourceType": "TABLE", "expressions": found}


def reading(*roles: str, action: Any = "s3:GetObject", accounts: Any = ROOT) -> str:
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": accounts},
            "Action": action,
            "Resource": f"{POINT}/object/letters/historical/*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": list(roles)}},
        }
    )


def entering(*points: str, accounts: Any = ROOT, **elements: Any) -> str:
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": accounts},
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": "arn:aws:s3:::letters/*",
            "Condition": {"ArnEquals": {"s3:DataAccessPointArn": list(points)}},
            **elements,
        }
    )


def decrypting(accounts: Any = ROOT) -> str:
    return document({"Effect": "Allow", "Principal": {"AWS": accounts}, "Action": "kms:Decrypt", "Resource": "*"})


DROP = f"{POINTS}/fraud--scores--drop/object/results/scores/fraud"
RETURNED = {"fraud": ("development", "production")}
SCORES = stack_context(kind="dataset", dataset="scores", returned_by=RETURNED)
RELEASED, TRIED = role("fraud-production-execution"), role("fraud-development-execution")
CURATOR = role("fraud--scoring-prod-monitoring")


def taking(*roles: str, **elements: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
        "Resource": f"{DROP}/production/*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": list(roles)}},
        **elements,
    }


def drops(*statements: dict[str, Any]) -> Any:
    return but({"policy": document(*statements)})


CASES = [
    Case(
        rule="ST-10",
        type="aws:lakeformation/permissions:Permissions",
        compliant=Situation(inputs={"principal": JOBS, "lfTagPolicy": tagged(team_fraud=["dev", "exp+dev"])}),
        optional=OF_A_GRANT_BY_TAGS,
        refused={
            "finds another team's tables": but({"lfTagPolicy": tagged(team_churn=["dev"])}),
            "finds another environment's tables": but({"lfTagPolicy": tagged(team_fraud=["dev", "exp+prod"])}),
            "finds every table of a zone": but({"lfTagPolicy": tagged(zone=["curated"])}),
            "names a table": but({"lfTagPolicy": ABSENT, "table": {"name": "cards"}}),
            "names columns": but({"lfTagPolicy": ABSENT, "tableWithColumns": {"name": "cards"}}),
            "is of a dataset that is not shared with the environment": but(
                {"principal": role("fraud-production-execution"), "lfTagPolicy": ABSENT},
                kind="dataset",
                shared_with=MAP,
            ),
            "is of a dataset with unreadable sharing settings": but(kind="dataset"),
        },
        accepted={
            "finds databases": but({"lfTagPolicy": {"resourceType": "DATABASE", "expressions": []}}),
            "is the lake's own job's": but({"principal": role("data-lake-etl"), "lfTagPolicy": ABSENT}),
            "asks for what only the deployment knows": but(
                {"lfTagPolicy": {"resourceType": "TABLE", "expressions": [UNKNOWN]}}
            ),
            "is a filter for a declared reader": but(
                {"principal": ADA, "lfTagPolicy": ABSENT, "dataCellsFilter": {"name": "anonymised"}},
                kind="dataset",
                shared_with=MAP,
            ),
        },
    ),
    Case(
        rule="ST-10",
        type="aws:s3/bucketPolicy:BucketPolicy",
        compliant=Situation(inputs={"policy": entering(POINT)}, context=LETTERS),
        optional=frozenset({"policy"}),
        refused={
            "admits an account without an access point": but({"policy": entering(Condition={})}),
            **{
                f"admits {action} without an access point": but({"policy": entering(Condition={}, Action=action)})
                for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket")
            },
            "admits an account by an access point of another dataset": but(
                {"policy": entering(POINT, f"{POINTS}/fraud--photos")}
            ),
            "admits an account by an access point of a team without a share": but(
                {"policy": entering(f"{POINTS}/churn--letters")}
            ),
            "admits an account by any access point": but(
                {"policy": entering(Condition={"StringEquals": {"s3:DataAccessPointAccount": OWN_ACCOUNT}})}
            ),
            "admits an account that is no longer a reader": but(shared_with={}),
            "is a zone's": but(kind="data-lake"),
        },
        accepted={
            "admits the own account": but({"policy": entering(accounts=OWN_ACCOUNT, Condition={})}),
            "requires the organization in addition": but(
                {
                    "policy": entering(
                        Condition={
                            "ArnEquals": {"s3:DataAccessPointArn": POINT},
                            "StringEquals": {"aws:PrincipalOrgID": "o-acme123456"},
                        }
                    )
                }
            ),
            "takes results in": but({"policy": entering(Action="s3:PutObject", Condition={})}, kind="data-lake"),
            "is of no lake": but({"policy": entering(Condition={})}, kind="tooling"),
            "is known to the deployment alone": but({"policy": UNKNOWN}),
        },
    ),
    Case(
        rule="ST-10",
        type="aws:s3/accessPoint:AccessPoint",
        compliant=Situation(inputs={"name": "fraud--letters", "policy": reading(ADA, JOBS)}, context=LETTERS),
        optional=frozenset({"policy"}),
        refused={
            "is another team's": but({"name": "churn--letters"}),
            "is another dataset's": but({"name": "fraud--photos"}),
            "is of no dataset": but(kind="data-lake"),
            "admits a whole account": but({"policy": entering(POINT)}),
            "admits another team's role": but({"policy": reading(JOBS, role("churn-development-execution"))}),
            "admits an environment without a share": but({"policy": reading(role("fraud-production-execution"))}),
            "admits roles by a pattern": but({"policy": reading(JOBS).replace("ArnEquals", "ArnLike")}),
            "lets its readers delete": but({"policy": reading(JOBS, action=["s3:GetObject", "s3:DeleteObject"])}),
            "lets its readers write": but({"policy": reading(JOBS, action=["s3:GetObject", "s3:PutObject"])}),
            "gives experiments what is raw": but(for_experiments=False),
        },
        accepted={
            "gives development what is raw": but({"policy": reading(JOBS)}, for_experiments=False),
            "has an unknown name": but({"name": UNKNOWN}),
            "is known to the deployment alone": but({"policy": UNKNOWN}),
        },
    ),
]

CASES.append(
    Case(
        rule="ST-10",
        type="aws:s3/accessPoint:AccessPoint",
        compliant=Situation(
            inputs={"name": "fraud--scores--drop", "policy": document(taking(RELEASED))}, context=SCORES
        ),
        optional=frozenset({"policy"}),
        refused={
            "is of a team that returns nothing": but({"name": "churn--scores--drop"}),
            "is of another dataset": but({"name": "fraud--rates--drop"}),
            "is of no dataset": but(kind="data-lake"),
            "is of a dataset to which nothing is returned": but(returned_by={}),
            "admits a whole account": drops(taking(RELEASED, Condition={})),
            "admits roles by a pattern": drops(
                taking(Condition={"ArnLike": {"aws:PrincipalArn": role("fraud-production-*")}})
            ),
            "admits every principal except a job": drops(
                taking(Condition={"ArnNotEquals": {"aws:PrincipalArn": RELEASED}})
            ),
            "admits another team's jobs": drops(taking(RELEASED, role("churn-production-execution"))),
            "admits an environment that returns nothing": drops(
                taking(role("fraud-preproduction-execution"), Resource=f"{DROP}/preproduction/*")
            ),
            "admits a pipeline of an environment that returns nothing": drops(
                taking(role("fraud--scoring-preprod-pipeline"), Resource=f"{DROP}/preproduction/*")
            ),
            "admits what is no job": drops(taking(role("fraud-production-studio-ada"))),
            "lets jobs read back": drops(taking(RELEASED, Action=["s3:PutObject", "s3:GetObject"])),
            "lets jobs do everything by NotAction": drops(
                {key: value for key, value in taking(RELEASED, NotAction="s3:GetObject").items() if key != "Action"}
            ),
            "lets jobs write outside the results": drops(taking(RELEASED, Resource=f"{POINTS}/fraud--scores--drop/*")),
            "lets jobs write to another team's folder too": drops(
                taking(RELEASED, Resource=[f"{DROP}/production/*", f"{DROP.replace('/fraud', '/churn')}/production/*"])
            ),
            "lets jobs write by NotResource": drops(
                {key: value for key, value in taking(RELEASED, NotResource="arn:x").items() if key != "Resource"}
            ),
            "lets jobs write to the folder of another environment": drops(
                taking(RELEASED, Resource=f"{DROP}/development/*")
            ),
            "lets two environments write to one folder": drops(taking(RELEASED, TRIED)),
            "lets the monitoring of a use case write to the folder of all jobs": drops(taking(CURATOR)),
            "lets the monitoring of a use case write to the folder of another one": drops(
                taking(CURATOR, Resource=f"{DROP}/production/curated/disputes/*")
            ),
            "lets the monitoring of another environment write": drops(
                taking(role("fraud--scoring-preprod-monitoring"), Resource=f"{DROP}/production/curated/scoring/*")
            ),
            "lets the monitoring of another team write": drops(
                taking(role("churn--scoring-prod-monitoring"), Resource=f"{DROP}/production/curated/scoring/*")
            ),
            "lets jobs and monitoring write to one folder": drops(
                taking(RELEASED, CURATOR, Resource=f"{DROP}/production/curated/scoring/*")
            ),
        },
        accepted={
            "takes from the one environment that there is": but(returned_by={"fraud": ("production",)}),
            "takes from each environment apart": drops(
                taking(RELEASED), taking(TRIED, Resource=f"{DROP}/development/*")
            ),
            "takes what people have selected from the monitoring of a use case": drops(
                taking(RELEASED), taking(CURATOR, Resource=f"{DROP}/production/curated/scoring/*")
            ),
            "takes from pipelines of use cases": drops(
                taking(TRIED, role("fraud--scoring-dev-pipeline"), Resource=f"{DROP}/development/*")
            ),
            "denies every principal to read": drops(
                taking(RELEASED), {"Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "*"}
            ),
            "has an unknown name": but({"name": UNKNOWN}),
            "is known to the deployment alone": but({"policy": UNKNOWN}),
        },
    )
)


def share(what: str, *refused: str, kind: str = "dataset", name: Any = "fraud--letters", **policies: Any) -> StackCase:
    """Returns an access point, its bucket and the key, with some policies changed."""
    types = {
        "point": "aws:s3/accessPoint:AccessPoint",
        "bucket": "aws:s3/bucketPolicy:BucketPolicy",
        "key": "aws:kms/key:Key",
    }
    usual = {"point": reading(JOBS), "bucket": entering(POINT), "key": decrypting()}
    members = {
        part: Member(type=type_, inputs={"name": name, "policy": {**usual, **policies}[part]})
        for part, type_ in types.items()
    }
    return StackCase(
        rule="ST-10",
        type="aws:s3/accessPoint:AccessPoint",
        what=what,
        members=members,
        refused=frozenset(refused),
        context=stack_context(kind=kind, dataset="letters", shared_with=MAP),
    )


def copied(what: str, *refused: str, of_copy: str) -> StackCase:
    """Returns a share whose bucket has a copy in a second region, which no access point serves."""
    policies = {"policy": entering(POINT), "policy-of-copy": of_copy}
    return StackCase(
        rule="ST-10",
        type="aws:s3/bucketPolicy:BucketPolicy",
        what=what,
        members={
            "bucket": Member(type=BUCKET[0], inputs={"id": "letters"}),
            "copy": Member(type=BUCKET[0], inputs={"id": "letters-copy"}),
            "point": Member(
                type="aws:s3/accessPoint:AccessPoint",
                inputs={"name": "fraud--letters", "bucket": "letters", "policy": reading(JOBS)},
            ),
            "policy": Member(inputs={"bucket": "letters", "policy": policies["policy"]}),
            "policy-of-copy": Member(inputs={"bucket": "letters-copy", "policy": policies["policy-of-copy"]}),
            "key": Member(type="aws:kms/key:Key", inputs={"policy": decrypting()}),
        },
        refused=frozenset(refused),
        context=stack_context(kind="dataset", dataset="letters", shared_with=MAP),
    )


STACK_CASES = [
    copied("a copy in a second region that no reader reaches", of_copy=entering(accounts=[])),
    copied("a copy in a second region that admits a reader", "policy-of-copy", of_copy=entering(POINT)),
    share("a share on which all agree"),
    share("a key that serves an account more", "key", key=decrypting([ROOT, THIRD])),
    share("a bucket that admits an account more", "bucket", bucket=entering(POINT, accounts=[ROOT, THIRD])),
    share("a key that does not serve a reader", "key", key=decrypting([])),
    share("a bucket that does not admit a reader", "bucket", bucket=entering(POINT, accounts=[])),
    share("a share without its access point", "bucket", "key", point=reading(JOBS, accounts=[])),
    share(
        "an access point that is about to be deleted",
        name="churn--letters",
        key=decrypting([]),
        bucket=entering(accounts=[]),
    ),
    share("an access point that has no name yet", "key", name=UNKNOWN, key=decrypting([])),
    share("a share of which something is not known yet", point=UNKNOWN),
    share("keys and buckets of another stack", kind="tooling", key=decrypting(THIRD)),
]
