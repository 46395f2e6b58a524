"""Bad input in team names, YAML words and composed names."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ORGANIZATION, TEAM, Case, named, text

TEAM_NAMES = [
    *(
        Case(number, repr(name), named(name), Code.STACK_UNKNOWN, "", says)
        for number, name, says in (
            (13, "ab", ("has 2 characters", "3-12")),
            (13, "abcdefghijklm", ("has 13 characters", "3-12", "abcdefghijkl")),
            (14, "Fraud", ("does not have the form", "fraud")),
            (14, "1fraud", ("starting with a letter",)),
            (14, "fra--ud", ("single inner hyphens", "fra-ud")),
            (14, "fraud-", ("single inner hyphens",)),
            (14, "fra_ud", ("does not have the form", "try fra-ud")),
            (14, "fra.ud", ("does not have the form",)),
            (14, "fra ud", ("does not have the form", "try fra-ud")),
            (15, "fr\u0430ud", ("\\u0430 (cyrillic small letter a) at position 3", "ASCII only")),
            (15, "fra\u200bud", ("\\u200b (zero width space) at position 4",)),
            (15, "fra\u202eud", ("right-to-left override",)),
            (15, "fra\U0001f600d", ("\\U0001f600 (grinning face)",)),
            (15, "\uff46raud", ("\\uff46 (fullwidth latin small letter f)", "ASCII only")),
            (16, "fra\nud", ("\\x0a (line break) at position 4", "control character")),
            (16, "fra\x1b[0mud", ("\\x1b (escape) at position 4",)),
            (17, "$(id)", ("\\x24(id)",)),
            (17, ";rm", (";rm",)),
            (17, "{{7*7}}", ("\\x7b\\x7b7*7",)),
            (17, "${jndi:}", ("\\x24\\x7bjndi:\\x7d",)),
            (17, "=1+1", ("\\x3d1",)),
            (17, "<script>", ("\\x3cscript>",)),
            (17, "*", ('"*"',)),
            (17, "?ab", ('"?ab"',)),
            (17, "arn:aws:iam", ("does not have the form",)),
        )
    ),
    *(
        Case(18, name, named(name), Code.STACK_UNKNOWN, "", (f"is reserved by {whom}" if whom else "is reserved",))
        for name, whom in (
            ("aws", "AWS"),
            ("amazon", "AWS"),
            ("root", "AWS"),
            ("admin", "the operating system"),
            ("system", "the operating system"),
            ("default", "the operating system"),
            ("kube-x", "the operating system"),
            ("platform", "the foundation"),
            ("shared", "the foundation"),
            ("lake", "the foundation"),
            ("security", "the foundation"),
            ("management", "the foundation"),
            ("log", "the foundation"),
            ("exp", "the foundation"),
            ("dev", "the foundation"),
            ("preprod", "the foundation"),
            ("prod", "the foundation"),
            ("all", ""),
            ("none", ""),
        )
    ),
    Case(19, "null as a team", named("null"), Code.STACK_UNKNOWN, "", ("a word that YAML does not read as a string",)),
    *(
        Case(
            19,
            word,
            text(f"accounts:\n  production:\n    name: {word}"),
            Code.YAML_WORD,
            TEAM + "accounts.production.name",
            (f"as {reading}", f'quote it: "{word}"'),
        )
        for word, reading in (
            ("no", "a boolean"),
            ("on", "a boolean"),
            ("true", "a boolean"),
            ("1e3", "a number"),
            ("2024-01-01", "a date"),
            ("0x1f", "a number in another base"),
            ("1_000", "a number"),
            ("1:30", "a number in base 60"),
            ("4711", "a number"),
        )
    ),
    Case(
        19,
        "null",
        text("tags:\n  area: null"),
        Code.WRONG_TYPE,
        TEAM + "tags.area",
        ("empty (null)", "a string belongs here"),
    ),
    Case(
        19,
        "key",
        text("tags:\n  on: x"),
        Code.YAML_WORD,
        TEAM + "tags",
        ("on is a key that YAML reads as a boolean", "quote it"),
    ),
    Case(
        21,
        "composed address",
        lambda project: project.organization(email="aws+a-very-long-prefix-{account}@mail.acme.example").team(
            "fraud-alerts"
        ),
        Code.NAME_TOO_LONG,
        ORGANIZATION + "email",
        (
            "aws+a-very-long-prefix-fraud-alerts-experimentation@mail.acme.ex",
            "has 69 characters",
            "at most 64",
            "team names to 7",
        ),
    ),
]
