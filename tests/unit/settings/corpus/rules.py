"""What fields and files say together."""

from __future__ import annotations

from settings.codes import Code
from tests.unit.settings.corpus.case import ENVIRONMENT, ORGANIZATION, TEAM, Case, environment, organization

RULES = [
    Case(
        20,
        "environment without a team",
        lambda project: project.team().environment("fruad-production"),
        Code.TEAM_UNKNOWN,
        "",
        ("did you mean team fraud?",),
    ),
    Case(
        20,
        "environment before its phase",
        lambda project: project.organization(phase="initial").team().environment("fraud-production"),
        Code.NOT_IN_PHASE,
        "",
        ("comes with phase reliable", "in phase initial"),
    ),
    Case(
        5,
        "account of a merged kind",
        lambda project: project.organization(placement="medium").team(accounts={"experimentation": {"name": "x"}}),
        Code.ACCOUNT_UNUSED,
        TEAM + "accounts.experimentation",
        ("lands in the account of development",),
    ),
    Case(
        5,
        "shared endpoints before the network account",
        organization(phase="initial", endpoints="shared"),
        Code.NOT_IN_PHASE,
        ORGANIZATION + "endpoints",
        ("needs the network account", "phase: repeatable"),
    ),
    Case(
        5,
        "account before its phase",
        organization(phase="initial", accounts={"governance": {"name": "x"}}),
        Code.ACCOUNT_UNUSED,
        ORGANIZATION + "accounts.governance",
        ("comes with phase scalable",),
    ),
    Case(
        35,
        "placed in an account that is not",
        organization(placement={"experimentation": "development", "development": "production"}),
        Code.PLACEMENT,
        ORGANIZATION + "placement.experimentation",
        ("development lands in that of production",),
    ),
    Case(
        35,
        "a preset that is none",
        organization(placement={"preset": "tiny"}),
        Code.NOT_ALLOWED,
        ORGANIZATION + "placement.preset",
        ("small, medium, large",),
    ),
    Case(
        35,
        "a team's environment in an account that the team does not have",
        lambda project: project.organization(placement="medium").team(placement={"production": "experimentation"}),
        Code.PLACEMENT,
        TEAM + "placement.production",
        ("experimentation lands in that of development",),
    ),
    Case(
        35,
        "a team's environment in a shared account of a later phase",
        lambda project: project.organization(phase="initial").team(placement={"experimentation": "tooling"}),
        Code.PLACEMENT,
        TEAM + "placement.experimentation",
        ("no shared kind of phase initial", "step up the phase"),
    ),
    Case(
        33,
        "internet in an account that a team keeps for two environments",
        lambda project: (
            project.organization()
            .team(placement={"experimentation": "development"})
            .environment("fraud-experimentation", internet_access=True)
        ),
        Code.INTERNET_ACCESS,
        ENVIRONMENT + "internet_access",
        ("shares with other kinds",),
    ),
    Case(
        5,
        "account that a team gave up for another",
        lambda project: project.organization().team(
            placement={"experimentation": "development"}, accounts={"experimentation": {"name": "x"}}
        ),
        Code.ACCOUNT_UNUSED,
        TEAM + "accounts.experimentation",
        ("lands in the account of development",),
    ),
    Case(
        35,
        "durable kind in a team's account",
        organization(placement={"tooling": "development"}),
        Code.NOT_ALLOWED,
        ORGANIZATION + "placement.tooling",
        ("is not one of organization, audit",),
    ),
    *(
        Case(
            33,
            f"internet in {name}",
            environment(f"fraud-{name}", internet_access=True),
            Code.INTERNET_ACCESS,
            ENVIRONMENT + "internet_access",
            ("only experimentation may reach it",),
        )
        for name in ("development", "preproduction", "production")
    ),
    Case(
        33,
        "internet in a shared account",
        lambda project: (
            project.organization(placement="medium").team().environment("fraud-experimentation", internet_access=True)
        ),
        Code.INTERNET_ACCESS,
        ENVIRONMENT + "internet_access",
        ("shares with other kinds",),
    ),
    Case(
        33,
        "Studio in production",
        environment("fraud-production", studio={"enabled": True}),
        Code.STUDIO_MISPLACED,
        ENVIRONMENT + "studio.enabled",
        ("experimentation and development only",),
    ),
    Case(
        45,
        "user twice",
        environment(studio={"users": ["ana", "Ana"]}),
        Code.NAME_REPEATED,
        ENVIRONMENT + "studio.users[1]",
        ("listed twice",),
    ),
    Case(
        22,
        "user name",
        environment(studio={"users": ["ana_lopez"]}),
        Code.SLUG,
        ENVIRONMENT + "studio.users[0]",
        ("1-63", "SageMaker"),
    ),
    Case(
        21,
        "use case named as a folder of every bucket",
        lambda project: project.team(use_cases={"users": {}}),
        Code.SLUG_RESERVED,
        TEAM + "use_cases.users",
        ("is a folder of every ML bucket", "try users-model"),
    ),
    Case(
        21,
        "use case with a capital",
        lambda project: project.team(use_cases={"Scoring": {}}),
        Code.SLUG,
        TEAM + "use_cases.Scoring",
        ("3-12", "try scoring"),
    ),
    Case(
        21,
        "more use cases than a bucket can tell apart",
        lambda project: project.team(use_cases={f"case-{number}": {} for number in range(101)}),
        Code.USE_CASE_COUNT,
        TEAM + "use_cases",
        ("101", "(100)"),
    ),
    Case(
        21,
        "batch where models are built",
        environment("fraud-development", retention={"batch": {"days": 30}}),
        Code.RETENTION,
        ENVIRONMENT + "retention.batch",
        ("development does not have", "feature, develop, main"),
    ),
    Case(
        21,
        "feature branches in production",
        environment("fraud-production", retention={"feature": {"days": 30}}),
        Code.RETENTION,
        ENVIRONMENT + "retention.feature",
        ("what is built there is batch",),
    ),
    Case(
        21,
        "a class that is none",
        environment("fraud-development", retention={"features": {"days": 30}}),
        Code.NOT_ALLOWED,
        ENVIRONMENT + "retention.features",
        ("did you mean feature?",),
    ),
    Case(
        21,
        "evidence that goes before the rest",
        environment("fraud-development", retention={"develop": {"days": 90, "evidence_days": 90}}),
        Code.RETENTION,
        ENVIRONMENT + "retention.develop.evidence_days",
        ("no more than the 90",),
    ),
    Case(
        21,
        "evidence of a use case that goes while the rest stays",
        lambda project: project.team(use_cases={"scoring": {"retention": {"main": {"evidence_days": 90}}}}),
        Code.RETENTION,
        TEAM + "use_cases.scoring.retention.main.evidence_days",
        ("less than for ever", "add days"),
    ),
    Case(
        21,
        "history that S3 would have removed",
        environment("fraud-development", noncurrent_retention_days=30, retention={"feature": {"history_days": 31}}),
        Code.RETENTION,
        ENVIRONMENT + "retention.feature.history_days",
        ("more than the 30", "write at most 30"),
    ),
    Case(
        21,
        "days for ever",
        environment("fraud-development", retention={"main": {"days": 0}}),
        Code.OUT_OF_RANGE,
        ENVIRONMENT + "retention.main.days",
        ("1 to 3,650",),
    ),
]
