"""Rules about minimum gates: each has one limit, in the direction in which the organization limits the metric."""

from __future__ import annotations

from collections.abc import Iterator

from settings.organization.minimum_gate import MinimumGates
from settings.rules.partial_config import PROJECT_FILE, PartialConfig
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.redaction import shown

_ORGANIZATION = "plinth:organization.minimum_gates"


def minimum_gate_faults(config: PartialConfig) -> Iterator[Fault]:
    everywhere: MinimumGates = {}
    if config.organization.has("minimum_gates"):
        everywhere = config.organization.model.minimum_gates
        yield from _faults(PROJECT_FILE, _ORGANIZATION, everywhere, {})
    for placed in config.deliveries():
        yield from _faults(placed.file, f"{placed.path}.minimum_gates", placed.settings.minimum_gates, everywhere)


def _faults(file: str, path: str, gates: MinimumGates, everywhere: MinimumGates) -> Iterator[Fault]:
    for metric, gate in gates.items():
        limits, others = gate.limits, everywhere[metric].limits if metric in everywhere else {}
        if len(limits) != 1:
            rule, fix = "has not exactly one limit", "give either at_least or at_most"
        elif len(others) == 1 and others.keys() != limits.keys():
            rule = f"is limited by {'; '.join(limits)}, and the organization limits it by {'; '.join(others)}"
            fix = f"write {'; '.join(others)}, or choose another metric"
        else:
            continue
        place = f"{path}.{metric}"
        yield Fault(code=Code.MINIMUM_GATE, file=file, path=place, value=shown(metric), rule=rule, fix=fix)
