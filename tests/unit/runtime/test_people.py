"""Rules about who may approve a promotion."""

from __future__ import annotations

import pytest

from runtime.promotion.decisions.people import Person, faults_of_approval, user_of
from settings.types.naming import profile_name

ANA = Person(part="wrote the training code", names=("Ana Lopez", "ana@acme.example"))


@pytest.mark.parametrize(
    ("arn", "user"),
    [
        ("arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_lead_1a2b/chloe", "chloe"),
        ("arn:aws:iam::111111111111:user/ops/dan", "dan"),
    ],
)
def test_a_person_is_the_session_of_a_role_or_a_user(arn, user):
    assert user_of(arn) == user


@pytest.mark.requirement("PROM-02.c")
def test_an_approver_who_is_not_listed_is_refused():
    assert faults_of_approval("eve", ["ben", "chloe"], []) == [
        "eve is not an approver of this stage; approvers are ben, chloe"
    ]


@pytest.mark.parametrize("approver", ["ana", "Ana", "ana@acme.example"])
def test_an_author_is_refused_however_the_session_is_called(approver):
    assert faults_of_approval(approver, ["ana", "ben"], [ANA]) == [f"{approver} wrote the training code"]


def test_an_author_is_refused_under_the_name_of_the_studio_profile():
    """SageMaker records who changed a version in Studio by profile, whose name is derived from an address."""
    user = "jane.doe@acme.example"
    person = Person(part="approved the version in the registry", names=(profile_name(user),))
    assert faults_of_approval(user, [user, "ben"], [person]) == [f"{user} approved the version in the registry"]
    assert faults_of_approval("jane-doe@acme.example", ["jane-doe@acme.example"], [person]) == []


@pytest.mark.parametrize(
    ("approver", "is_listed"),
    [("Jane.Doe@acme.example", True), ("jane.doe", True), ("jane.doe@other.example", False), ("jane-doe", False)],
)
def test_an_approver_may_be_an_address_of_the_directory(approver, is_listed):
    assert (faults_of_approval(approver, ["jane.doe@acme.example"], []) == []) is is_listed


def test_a_listed_person_who_took_no_part_may_approve():
    assert faults_of_approval("ben", ["ana", "ben"], [ANA]) == []
