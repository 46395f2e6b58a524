"""Bad input in fields and types."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ENVIRONMENT, ORGANIZATION, TEAM, Case, environment, organization, team, text
from tests.unit.settings.project import REMOVED

SHAPES = [
    Case(35, "misspelt", team(ownr="x"), Code.FIELD_UNKNOWN, TEAM + "ownr", ("did you mean owner?",)),
    Case(35, "wrong case", team(Tags={}), Code.FIELD_UNKNOWN, TEAM + "Tags", ("did you mean tags?",)),
    Case(
        35,
        "nested",
        environment(studio={"idle_timeout": 60}),
        Code.FIELD_UNKNOWN,
        ENVIRONMENT + "studio.idle_timeout",
        ("idle_timeout_minutes",),
    ),
    Case(
        35,
        "unlike anything",
        team(zzz=1),
        Code.FIELD_UNKNOWN,
        TEAM + "zzz",
        ("the fields are owner, cost_centre, cidr",),
    ),
    Case(
        35, "name in the file", text("name: fraud"), Code.FIELD_UNKNOWN, TEAM + "name", ("the file name determines it",)
    ),
    Case(
        35,
        "key of the file",
        lambda project: project.team_text("Config: {}\n"),
        Code.FIELD_UNKNOWN,
        "Config",
        ("did you mean config?",),
    ),
    Case(
        35,
        "key of config",
        lambda project: project.stack("fraud", {"plinth:tema": {}}),
        Code.FIELD_UNKNOWN,
        "plinth:tema",
        ("did you mean plinth:team?",),
    ),
    Case(
        35,
        "another file's settings",
        lambda project: project.stack("fraud", {"plinth:organization": {}}),
        Code.FIELD_MISPLACED,
        "plinth:organization",
        ("move it to Pulumi.yaml",),
    ),
    Case(
        35,
        "missing field",
        team(owner=REMOVED),
        Code.FIELD_MISSING,
        TEAM + "owner",
        ("is missing", "fraud-owner@acme.example"),
    ),
    Case(
        35,
        "unknown environment",
        team(accounts={"prodution": {}}),
        Code.NOT_ALLOWED,
        TEAM + "accounts.prodution",
        ("did you mean production?",),
    ),
    Case(
        35,
        "unknown phase",
        organization(phase="reliabel"),
        Code.NOT_ALLOWED,
        ORGANIZATION + "phase",
        ("did you mean reliable?",),
    ),
    Case(
        35,
        "unknown preset",
        organization(placement="big"),
        Code.NOT_ALLOWED,
        ORGANIZATION + "placement",
        ("small, medium, large",),
    ),
    Case(
        36,
        "string for number",
        environment(zones="3"),
        Code.WRONG_TYPE,
        ENVIRONMENT + "zones",
        ("is a string; a whole number", "write 3 without quotes"),
    ),
    Case(
        36, "list for string", team(owner=["a@acme.example"]), Code.WRONG_TYPE, TEAM + "owner", ("is a list; a string",)
    ),
    Case(
        36,
        "null for string",
        text("accounts:\n  production:\n    name: x\ntags:"),
        Code.WRONG_TYPE,
        TEAM + "tags",
        ("is empty (null)", "a mapping"),
    ),
    Case(
        36,
        "true for count",
        environment(zones=True),
        Code.WRONG_TYPE,
        ENVIRONMENT + "zones",
        ("is a boolean; a whole number",),
    ),
    Case(
        36,
        "fraction for count",
        team(monthly_budget_usd=5000.5),
        Code.WRONG_TYPE,
        TEAM + "monthly_budget_usd",
        ("a whole number", "write 5000"),
    ),
    Case(
        36,
        "yes for boolean",
        lambda project: project.team().write(
            "environments/Pulumi.fraud-experimentation.yaml",
            "config:\n  plinth:environment:\n    internet_access: yes\n",
        ),
        Code.WRONG_TYPE,
        ENVIRONMENT + "internet_access",
        ("write true",),
    ),
    Case(
        36,
        "mapping for list",
        environment(allowed_domains={"pypi.org": 1}),
        Code.WRONG_TYPE,
        ENVIRONMENT + "allowed_domains",
        ("a list belongs here",),
    ),
    Case(
        36,
        "list for mapping",
        environment(studio={"users": ["ana"]}),
        Code.WRONG_TYPE,
        ENVIRONMENT + "studio.users",
        ("a mapping belongs here",),
    ),
    Case(
        36,
        "string for mapping",
        environment(studio="on"),
        Code.WRONG_TYPE,
        ENVIRONMENT + "studio",
        ("a mapping belongs here",),
    ),
    Case(40, "NaN", text("tags:\n  a: .nan"), Code.YAML_WORD, TEAM + "tags.a", ("not finite",)),
    *(
        Case(
            40,
            value,
            lambda project, value=value: project.team().write(
                "environments/Pulumi.fraud-development.yaml",
                f"config:\n  plinth:environment:\n    log_retention_days: {value}\n",
            ),
            code,
            ENVIRONMENT + "log_retention_days",
            says,
        )
        for value, code, says in (
            (".inf", Code.WRONG_TYPE, ("not finite", "a whole number")),
            ("1e400", Code.WRONG_TYPE, ("a whole number belongs here",)),
            ("-0", Code.NOT_ALLOWED, ("nearest is 1",)),
            ("9223372036854775808", Code.NOT_ALLOWED, ("nearest is 3653",)),
            ("-5", Code.NOT_ALLOWED, ("nearest is 1",)),
        )
    ),
    *(
        Case(
            48,
            str(value),
            team(monthly_budget_usd=value),
            Code.OUT_OF_RANGE,
            TEAM + "monthly_budget_usd",
            ("1 to 10,000,000 US dollars",),
        )
        for value in (0, -100, 10**12)
    ),
    Case(
        48,
        "another currency",
        team(monthly_budget_eur=5000),
        Code.FIELD_UNKNOWN,
        TEAM + "monthly_budget_eur",
        ("monthly_budget_usd",),
    ),
    Case(
        48,
        "currency in the value",
        team(monthly_budget_usd="5000 EUR"),
        Code.WRONG_TYPE,
        TEAM + "monthly_budget_usd",
        ("a whole number",),
    ),
]
