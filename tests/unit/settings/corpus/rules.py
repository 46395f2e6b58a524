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
]
