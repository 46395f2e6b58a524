"""Bad input in e-mail addresses and account names."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ORGANIZATION, TEAM, Case, organization, team, two_teams

EMAILS = [
    *(
        Case(9, name, team(owner=value), Code.EMAIL, TEAM + "owner", says)
        for name, value, says in (
            ("5 characters", "a@b.c", ("has 5 characters", "6-64")),
            ("65 characters", "a" * 53 + "@acme.example", ("has 66 characters", "6-64")),
            ("two @", "a@b@acme.example", ("contains 2 @",)),
            ("non-ASCII", "ána@acme.example", ("\\xe1 at position 1", "ASCII")),
            ("quote", "o'neil@acme.example", ("contains ' before the @",)),
            ("percent", "a%b@acme.example", ("contains % before the @",)),
            ("ampersand", "a&b@acme.example", ("contains & before the @",)),
            ("leading dot", ".ana@acme.example", ("starts with a dot",)),
            ("domain without dot", "ana@localhost", ("no valid domain",)),
            ("domain ends in hyphen", "ana@acme.example-", ("no valid domain",)),
        )
    ),
    Case(
        10,
        "address used twice",
        two_teams(accounts={"production": {"email": "aws+fraud-production@acme.example"}}),
        Code.EMAIL_REPEATED,
        TEAM + "accounts.production.email",
        ("fraud-production", "churn-production", "once"),
    ),
    Case(
        10,
        "address differs in case only",
        two_teams(accounts={"production": {"email": "AWS+Fraud-Production@acme.example"}}),
        Code.EMAIL_REPEATED,
        TEAM + "accounts.production.email",
        ("ignoring case",),
    ),
    *(
        Case(11, value, team(owner=value), Code.EMAIL_PLACEHOLDER, TEAM + "owner", ("sample address",))
        for value in ("ana@example.com", "changeme@acme.example", "your-email@acme.example", "todo@acme.example")
    ),
    Case(
        9,
        "pattern without placeholder",
        organization(email="aws@acme.example"),
        Code.EMAIL_PATTERN,
        ORGANIZATION + "email",
        ("{account}", "once"),
    ),
    Case(
        9,
        "placeholder in the domain",
        organization(email="aws@{account}.example"),
        Code.EMAIL_PATTERN,
        ORGANIZATION + "email",
        ("before the @",),
    ),
    *(
        Case(12, name, team(accounts={"production": {"name": value}}), code, TEAM + "accounts.production.name", says)
        for name, value, code, says in (
            ("51 characters", "x" * 51, Code.ACCOUNT_NAME, ("has 51 characters", "1-50")),
            ("empty", "", Code.ACCOUNT_NAME, ("has 0 characters", "1-50")),
            ("not ASCII", "Betrügerei", Code.LOOK_ALIKE, ("\\xfc", "position 5", "ASCII only")),
            ("not printable", "a\x07b", Code.CONTROL_CHARACTER, ("\\x07", "position 2")),
            ("leading space", " fraud", Code.ACCOUNT_NAME, ("starts or ends with a space",)),
        )
    ),
    Case(
        12,
        "name of another account",
        two_teams(accounts={"production": {"name": "Acme-Fraud-Production"}}),
        Code.ACCOUNT_NAME_REPEATED,
        TEAM + "accounts.production.name",
        ("fraud-production", "churn-production"),
    ),
]
