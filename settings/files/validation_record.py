"""What the validation cache keeps of settings that were without fault: two files for each project directory."""

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
class Record:
    """The names of everything that has settings, and the overview that follows from all of them."""

    plain: Mapping[str, Any]
    """As JSON has it."""

    @classmethod
    def of(cls, foundation: Foundation) -> Record:
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
    def read(cls, file: Path, digest: str) -> Record | None:
        """What was remembered of settings with that digest; None where others were, or nothing that can be read."""
        try:
            kept, _, text = file.read_bytes().partition(b"\n")
            plain = json.loads(text) if kept == digest.encode() else None
        except (OSError, ValueError):
            return None
        return cls(plain) if isinstance(plain, dict) and plain.keys() == _KEYS else None

    def write(self, file: Path, digest: str) -> None:
        write(file, f"{digest}\n{json.dumps(self.plain, separators=(',', ':'))}")

    def names(self, section: str) -> Sequence[str]:
        """The names in a section: teams, environments, datasets, feature_groups."""
        names: Sequence[str] = self.plain[section]
        return names

    @property
    def overview(self) -> Overview:
        return _overview(self.plain["overview"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """The files that a record is about, to tell which of them changed."""

    digest: str
    """That of the record."""
    judged_by: str
    """A digest of the project file and of the code that judged all files."""
    contents: Mapping[str, str]
    """Of each stack file by its name, a digest of its bytes."""
    meanings: Mapping[str, str]
    """Of each file that holds settings, a digest of what it says."""

    @classmethod
    def read(cls, file: Path) -> Files | None:
        try:
            return cls(**json.loads(file.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, file: Path) -> None:
        write(file, json.dumps(asdict(self), separators=(",", ":")))


def write(file: Path, text: str) -> None:
    """Replace a file at once. Where nothing can be written, settings are validated again next time."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as beside:
            beside.write(text)
        Path(beside.name).replace(file)


def _plain(overview: Overview) -> dict[str, Any]:
    """An overview as JSON has it. A stack that is needed is written as its number, since each is needed by many."""
    numbers = {stack: number for number, stack in enumerate(overview.graph)}
    return {
        "stacks": list(overview.graph),
        "needs": [[numbers[need] for need in needs] for needs in overview.graph.values()],
        "accounts": [overview.account_labels[stack] for stack in overview.graph],
        "durable_hosts": overview.durable_hosts,
        "relaxed_rules": [asdict(rule) for rule in overview.relaxed_rules],
        "datasets_by_team": overview.datasets_by_team,
        "has_pushed_data": overview.has_pushed_data,
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
        has_pushed_data=plain["has_pushed_data"],
    )
