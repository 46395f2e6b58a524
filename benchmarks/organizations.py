"""Writes the settings of an organization with as many teams as asked for: real files, as people and the engine do.

Each team has nine stacks (its own, four environments, two Studios, its data, an intake) and publishes five datasets,
which itself and the next team read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from settings.derived.stack_graph import SHARED_STACKS
from settings.organization.organization import Organization
from settings.types.kinds import ENVIRONMENTS, INTERACTIVE_ENVIRONMENTS

STACKS_PER_TEAM = 9
DATASETS_PER_TEAM = 5

_ORGANIZATION = {
    "name": "acme",
    "email": "aws+{account}@acme.example",
    "owner": "platform@acme.example",
    "cost_centre": "1000",
    "home_region": "eu-west-1",
    "phase": "scalable",
    "placement": "large",
    "monthly_budget_usd": 8000,
    "accounts": {"organization": {"id": "123456789012"}},
    "contacts": {
        "security": {
            "name": "Security operations",
            "title": "On call",
            "email": "security@acme.example",
            "phone": "+44 20 7946 0000",
        }
    },
}
_COLUMNS = [
    {"name": "payment_id", "type": "string", "description": "Made up where the payment was taken in"},
    {"name": "holder", "type": "string", "classification": "restricted", "personal": True},
    {"name": "amount", "type": "decimal(12,2)"},
    {"name": "merchant", "type": "string"},
    {"name": "taken_at", "type": "timestamp"},
    {"name": "day", "type": "date", "partition": True},
]


def team_name(number: int) -> str:
    return f"team{number:04}"


def write_organization(directory: Path, teams: int, *, main: Path, virtualenv: Path) -> None:
    """Write Pulumi.yaml and every stack's file into ``directory``, for the program in ``main``."""
    folder = directory / "environments"
    folder.mkdir(parents=True)
    content = {
        "name": "plinth",
        "main": str(main),
        "runtime": {"name": "python", "options": {"virtualenv": str(virtualenv)}},
        "stackConfigDir": "environments",
        "config": {
            "pulumi:disable-default-providers": ["*"],
            "plinth:organization": {"value": _ORGANIZATION},
        },
    }
    (directory / "Pulumi.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    for stack, config in _stacks(teams):
        text = yaml.dump({"config": config}, Dumper=yaml.CSafeDumper, sort_keys=False)
        (folder / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")


def _stacks(teams: int) -> Iterator[tuple[str, dict[str, object]]]:
    for shared in SHARED_STACKS:
        yield shared, {}
    plan = Organization.model_validate(_ORGANIZATION).address_plan
    blocks = plan.supernet.subnets(new_prefix=plan.team_prefix_length)
    free = (block for block in blocks if not any(block.overlaps(taken) for taken in plan.reserved_blocks().values()))
    for number, cidr in zip(range(teams), free, strict=False):
        yield from _team(team_name(number), team_name((number + 1) % teams), str(cidr))


def _team(name: str, neighbour: str, cidr: str) -> Iterator[tuple[str, dict[str, object]]]:
    yield name, {"plinth:team": _team_settings(name, cidr)}
    for environment in ENVIRONMENTS:
        yield f"{name}-{environment}", {"plinth:environment": _environment(name, environment)}
    for workplace in INTERACTIVE_ENVIRONMENTS:
        yield f"{name}-{workplace}-studio", {}
    yield f"{name}-development-intake", {}
    yield f"{name}-data", {}
    for number in range(DATASETS_PER_TEAM):
        yield f"data-lake--{_dataset_name(name, number)}", {"plinth:dataset": _dataset(name, neighbour)}


def _team_settings(name: str, cidr: str) -> dict[str, object]:
    return {
        "owner": f"{name}-owner@acme.example",
        "cost_centre": "4711",
        "cidr": cidr,
        "monthly_budget_usd": 5000,
        "use_cases": {"scoring": {}, "disputes": {"retention": {"batch": {"days": 2557}}}},
    }


def _environment(team: str, environment: str) -> dict[str, object]:
    if environment not in INTERACTIVE_ENVIRONMENTS:
        return {}
    settings: dict[str, object] = {"studio": {"users": {"ana": {"persona": "lead-data-scientist"}}}}
    if environment == "development":
        taken_in = {"use_case": "scoring", "dataset": _dataset_name(team, 0), "part": "historical", "on_arrival": True}
        settings["intake"] = {"history": taken_in}
    return settings


def _dataset_name(team: str, number: int) -> str:
    return f"{team}-payments-{number}"


def _dataset(team: str, neighbour: str) -> dict[str, object]:
    return {
        "owner": f"{team}-data@acme.example",
        "description": "Payments, one row each",
        "classification": "confidential",
        "columns": _COLUMNS,
        "anonymised": {"columns": ["amount", "merchant", "day"]},
        "shared_with": {team: list(ENVIRONMENTS), neighbour: ["development"]},
        "etl": {"script": "etl/card_payments.py", "sources": ["cards"], "crawl": True},
    }
