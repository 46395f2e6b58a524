"""Bad input in account ids and organization ids."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ORGANIZATION, TEAM, Case, adopted, organization, team, text

PRODUCTION_ID = TEAM + "accounts.production.id"

ACCOUNTS = [
    Case(
        1,
        "11 digits",
        team(accounts=adopted("12345678901")),
        Code.ACCOUNT_ID,
        PRODUCTION_ID,
        ("has 11 digits", "exactly 12"),
    ),
    Case(
        1,
        "13 digits",
        team(accounts=adopted("1234567890123")),
        Code.ACCOUNT_ID,
        PRODUCTION_ID,
        ("has 13 digits", "exactly 12"),
    ),
    Case(
        2,
        "dashes",
        team(accounts=adopted("1234-5678-9012")),
        Code.ACCOUNT_ID,
        PRODUCTION_ID,
        ("separators", '"123456789012"'),
    ),
    Case(
        3,
        "unquoted",
        text("accounts:\n  production:\n    id: 123456789012"),
        Code.ACCOUNT_ID,
        PRODUCTION_ID,
        ("a number", "quoted string of exactly 12 digits", 'quote it: "123456789012"'),
    ),
    Case(
        3,
        "unquoted octal",
        text("accounts:\n  production:\n    id: 012345670123"),
        Code.ACCOUNT_ID,
        PRODUCTION_ID,
        ("an octal number", "leading zeros", 'quote it: "012345670123"'),
    ),
    Case(
        3,
        "unquoted short",
        text("accounts:\n  production:\n    id: 1234567890"),
        Code.ACCOUNT_ID,
        PRODUCTION_ID,
        ("this has 10",),
    ),
    Case(
        4,
        "one id for two environments",
        team(accounts=adopted("1" * 12, development={"id": "1" * 12})),
        Code.ACCOUNT_REPEATED,
        TEAM + "accounts.development.id",
        ("already the account of fraud-production",),
    ),
    Case(
        4,
        "one id for two teams",
        lambda project: project.team(accounts=adopted("1" * 12)).team(
            "sales", cidr="10.1.32.0/19", accounts=adopted("1" * 12)
        ),
        Code.ACCOUNT_REPEATED,
        PRODUCTION_ID,
        ("already the account of fraud-production",),
    ),
    *(
        Case(
            5,
            f"id of {kind} in a team",
            lambda project, kind=kind: project.organization(accounts={kind: {"id": "2" * 12}}).team(
                accounts=adopted("2" * 12)
            ),
            Code.ACCOUNT_REPEATED,
            PRODUCTION_ID,
            (f"already the account of {kind}", "outlives every team"),
        )
        for kind in ("organization", "data-lake", "audit")
    ),
    *(
        Case(7, name, organization(id=value), Code.ORGANIZATION_ID, ORGANIZATION + "id", says)
        for name, value, says in (
            ("short", "o-abc", ("is not an organization id", "o-[a-z0-9]{10,32}")),
            ("root", "r-ab12", ("is a root id, not an organization id",)),
            ("unit", "ou-ab12-12345678", ("is an organizational unit id",)),
            ("account", "123456789012", ("is an account id",)),
        )
    ),
]
