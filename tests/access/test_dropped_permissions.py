"""Every permission of a role has a source, and its loss is noticed."""

from __future__ import annotations

from tests.access.documented_permissions import missing, noticed_by_documents, superfluous
from tests.access.dropped_permissions import granted, noticed, unproven


def test_roles_hold_what_aws_documents_for_them():
    assert missing(granted()) == []


def test_documents_name_statements_that_exist_and_reasons_that_hold():
    assert superfluous(granted()) == []


def test_a_documented_permission_that_is_taken_away_is_missing():
    taken = ("use case/predict", "SeeNetwork", "ec2:DescribeSubnets")
    assert taken in noticed_by_documents(granted())
    assert missing(granted() - {taken}) == [
        "join a VPC by Lambda: use case/predict: JoinNetwork, SeeNetwork, WriteLogs: ec2:DescribeSubnets is missing"
    ]


def test_a_document_of_which_two_statements_hold_an_action_notices_the_loss_of_neither():
    other = ("use case/predict", "JoinNetwork", "ec2:DescribeSubnets")
    assert not {
        permission for permission in noticed_by_documents({*granted(), other}) if permission[2] == "ec2:DescribeSubnets"
    } & {
        other,
        ("use case/predict", "SeeNetwork", "ec2:DescribeSubnets"),
    }


def test_every_permission_has_a_source_or_a_reason():
    """A permission without one is either needless, or deserves a cell of the access matrix or a document of AWS."""
    left = granted().difference(*noticed().values())
    assert sorted(left - unproven()) == []
    assert sorted(unproven() - left) == [], "these have a source now, or are gone"
