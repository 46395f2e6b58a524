"""The files of the validation cache: a record and a list of file digests for each project directory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from settings.derived.foundation import Foundation
from settings.derived.overview import Overview
from settings.organization.placement import RelaxedRule

_KEYS = {"teams", "environments", "datasets", "feature_groups", "overview"}


@dataclass(frozen=True, slots=True)
class ValidationRecord:
    """The names of all teams, environments and data in valid settings, and their overview."""

    plain: Mapping[str, Any]
    """The record as JSON data."""

    @classmethod
    def of(cls, foundation: Foundation) -> ValidationRecord:
        return cls(
            {
                "teams": list(foundation.teams),
                "environments": list(foundation.environments),
                "datasets": list(foundation.datasets),
                "feature_groups": list(foundation.feature_groups),
                "overview": _plain(foundation.overview),
            }
        )

    @classmethod
    def read(cls, file: Path, digest: str) -> ValidationRecord | None:
        """Reads the record of settings with a digest. Returns None for another digest or an unreadable file."""
        try:
            recorded, _, text = file.read_bytes().partition(b"\n")
            plain = json.loads(text) if recorded == digest.encode() else None
        except (OSError, ValueError):
            return None
        return cls(plain) if isinstance(plain, dict) and plain.keys() == _KEYS else None

    def write(self, file: Path, digest: str) -> None:
        write(file, f"{digest}\n{json.dumps(self.plain, separators=(',', ':'))}")

    def names(self, section: str) -> Sequence[str]:
        """Returns the names in a section: teams, environments, datasets, feature_groups."""
        names: Sequence[str] = self.plain[section]
        return names

    @property
    def overview(self) -> Overview:
        return _overview(self.plain["overview"])


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDigests:
    """Digests of the files that a record covers, which show which of them changed."""

    digest: str
    """Digest of the record."""
    validator: str
    """Digest of the project file and of the validating code."""
    contents: Mapping[str, str]
    """Digest of the bytes of each stack file, by file name."""
    settings: Mapping[str, str]
    """Digest of the settings in each stack file, by file name."""

    @classmethod
    def read(cls, file: Path) -> FileDigests | None:
        try:
            return cls(**json.loads(file.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, file: Path) -> None:
        write(file, json.dumps(asdict(self), separators=(",", ":")))


def write(file: Path, text: str) -> None:
    """Replaces a file atomically. Ignores write errors: settings are then validated again next time."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as temporary:
            temporary.write(text)
        Path(temporary.name).replace(file)


def _plain(overview: Overview) -> dict[str, Any]:
    """Converts an overview to JSON data. Dependencies are stack numbers, because many stacks share them."""
    numbers = {stack: number for number, stack in enumerate(overview.graph)}
    return {
        "stacks": list(overview.graph),
        "needs": [[numbers[need] for need in needs] for needs in overview.graph.values()],
        "accounts": [overview.account_labels[stack] for stack in overview.graph],
        "durable_hosts": overview.durable_hosts,
        "relaxed_rules": [asdict(rule) for rule in overview.relaxed_rules],
        "datasets_by_team": overview.datasets_by_team,
        "studio_users": overview.studio_users,
        "delivery_people": overview.delivery_people,
        "has_pushed_data": overview.has_pushed_data,
        "has_deliveries": overview.has_deliveries,
    }


def _overview(plain: Mapping[str, Any]) -> Overview:
    stacks: list[str] = plain["stacks"]
    return Overview(
        graph={
            stack: tuple([stacks[number] for number in needs])
            for stack, needs in zip(stacks, plain["needs"], strict=True)
        },
        account_labels=dict(zip(stacks, plain["accounts"], strict=True)),
        durable_hosts={kind: tuple(hosts) for kind, hosts in plain["durable_hosts"].items()},
        relaxed_rules=tuple(RelaxedRule(**{**rule, "kinds": tuple(rule["kinds"])}) for rule in plain["relaxed_rules"]),
        datasets_by_team={team: tuple(names) for team, names in plain["datasets_by_team"].items()},
        studio_users={stack: tuple(names) for stack, names in plain["studio_users"].items()},
        delivery_people={stack: tuple(names) for stack, names in plain["delivery_people"].items()},
        has_pushed_data=plain["has_pushed_data"],
        has_deliveries=plain["has_deliveries"],
    )
