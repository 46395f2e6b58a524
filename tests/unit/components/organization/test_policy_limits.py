import json

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.identity.iam.statements import Statement
from components.organization.policy_limits import (
    COMPACT,
    MAX_IDENTIFIER_CHARACTERS,
    document,
    max_characters,
    pack,
    require_room,
    size,
)
from tests.support.recorder import deploy

TYPE = "RESOURCE_CONTROL_POLICY"
LIMIT = max_characters(TYPE)


def statement(sid: str, length: int) -> Statement:
    return Statement(sid=sid, effect="Deny", actions=["x" * length], resources=["*"])


def made_of(lengths: list[int]) -> list[Statement]:
    return [statement(f"S{place}", length) for place, length in enumerate(lengths)]


SOME = st.lists(st.integers(1, LIMIT - 200), max_size=25).map(made_of)


@given(SOME)
def test_packing_loses_nothing_and_repeats_nothing(statements):
    packed = pack("plinth-test", TYPE, statements)
    assert sorted(s.sid for policy in packed for s in policy) == sorted(s.sid for s in statements)


@given(SOME)
def test_every_packed_policy_fits(statements):
    for policy in pack("plinth-test", TYPE, statements):
        assert len(json.dumps(document(policy), separators=COMPACT)) <= LIMIT


@given(SOME)
def test_no_two_packed_policies_would_fit_into_one(statements):
    packed = pack("plinth-test", TYPE, statements)
    for place, policy in enumerate(packed):
        for other in packed[place + 1 :]:
            assert size(document([*policy, *other])) > LIMIT


@given(SOME, st.integers(1, LIMIT - 200))
def test_a_statement_at_the_end_moves_none_of_those_before_it(statements, length):
    before, after = pack("t", TYPE, statements), pack("t", TYPE, [*statements, statement("Last", length)])
    assert [[s for s in policy if s.sid != "Last"] for policy in after[: len(before)]] == before


def test_a_policy_may_be_exactly_as_long_as_the_limit():
    fixed = size(document([statement("Long", 1)])) - 1
    assert len(pack("plinth-test", TYPE, [statement("Long", LIMIT - fixed)])) == 1
    with pytest.raises(ValueError, match=r"plinth-test: Long alone exceeds the limit; a policy holds at most 5,120"):
        pack("plinth-test", TYPE, [statement("Short", 1), statement("Long", LIMIT - fixed + 1)])


def test_the_error_names_the_largest_statements_with_their_sizes():
    with pytest.raises(ValueError, match=r"the largest statements are S3 \(9,0\d\d\), S1 \(4,0\d\d\), S2 \(3,0\d\d\)$"):
        pack("plinth-test", TYPE, made_of([10, 4_000, 3_000, 9_000]))


def test_unknown_values_count_with_their_maximum_length():
    sizes = []

    def program():
        unknown = pulumi.Output.from_input(pulumi.UNKNOWN)
        for value in (unknown, "x" * MAX_IDENTIFIER_CHARACTERS):
            condition = {"StringNotEquals": {"aws:PrincipalOrgID": value}}
            sizes.append(
                size(
                    document([Statement(sid="S", effect="Deny", actions=["*"], resources=["*"], conditions=condition)])
                )
            )

    deploy(program, preview=True)
    assert sizes[0] == sizes[1]


def test_the_longest_identifier_is_a_path_of_the_organization():
    path = f"o-{'x' * 32}/r-{'x' * 32}/ou-{'x' * 32}-{'x' * 32}/*"
    assert len(path) == MAX_IDENTIFIER_CHARACTERS


def test_a_target_with_too_many_policies_is_named_with_all_of_them():
    four, five = list("abcd"), list("abcde")
    require_room(TYPE, {"data": four}, [])
    with pytest.raises(ValueError, match=r"tooling would have 5 \(a, b, c, d, e\); at most 4 of type RESOURCE"):
        require_room(TYPE, {"data": four, "tooling": five}, made_of([1, 2]))
