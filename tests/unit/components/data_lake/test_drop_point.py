from functools import partial

import pytest

from components.data_lake.drop_point import DropPoint, DropPointArgs
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, ORGANIZATION, REGION

ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
RELEASED, TRIED = "444444444444", "555555555555"
JOBS = f"arn:aws:iam::{RELEASED}:role/plinth/fraud-production-execution"
REHEARSED = f"arn:aws:iam::{TRIED}:role/plinth/fraud-preproduction-execution"
POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/fraud--scores--drop"
ROLES = {"results/scores/fraud/preproduction": [REHEARSED], "results/scores/fraud/production": [JOBS]}


def drop(roles=ROLES):
    args = DropPointArgs(
        access_point_name="fraud--scores--drop",
        bucket_name="acme-lake-landing",
        account_id=ACCOUNT,
        region=REGION,
        organization_id=ORGANIZATION,
        account_ids={"fraud-production": RELEASED, "fraud-preproduction": TRIED},
        roles=roles,
    )
    return DropPoint("drop-fraud", args)


def of_effect(effect):
    found = statements(deploy(drop).one(ACCESS_POINT))
    return {sid: statement for sid, statement in found.items() if statement["Effect"] == effect}


@pytest.mark.requirement("INT-08.a")
def test_each_environment_may_only_write_to_its_own_folder():
    allowed = of_effect("Allow").values()
    assert {s["Resource"]: as_list(s["Condition"]["ArnEquals"]["aws:PrincipalArn"]) for s in allowed} == {
        f"{POINT}/object/results/scores/fraud/preproduction/*": [REHEARSED],
        f"{POINT}/object/results/scores/fraud/production/*": [JOBS],
    }
    assert {action for s in allowed for action in s["Action"]} == {"s3:AbortMultipartUpload", "s3:PutObject"}
    assert {s["Condition"]["StringEquals"]["aws:PrincipalOrgID"] for s in allowed} == {ORGANIZATION}
    named = {arn for s in allowed for arn in s["Principal"]["AWS"]}
    assert named == {f"arn:aws:iam::{account}:root" for account in (RELEASED, TRIED)}


@pytest.mark.requirement("INT-08.a")
def test_nothing_can_be_read_through_the_access_point():
    refused = of_effect("Deny")["GiveNothing"]
    assert set(refused["Action"]) == {"s3:DeleteObject*", "s3:GetObject*", "s3:ListBucket*"}
    assert refused["Resource"] == [POINT, f"{POINT}/object/*"]
    assert (refused["Principal"], "Condition" in refused) == ("*", False)


@pytest.mark.requirement("INT-08.a")
def test_no_other_role_writes_even_if_the_lake_shares_its_account():
    refused = of_effect("Deny")["TakeFromNobodyElse"]
    assert refused["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": [REHEARSED, JOBS]}}
    assert refused["Resource"] == f"{POINT}/object/*"


def test_a_folder_outside_results_is_refused():
    with pytest.raises(ValueError, match="cards is not under results/"):
        deploy(partial(drop, {"cards": [JOBS]}))
