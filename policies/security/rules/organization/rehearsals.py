"""The rule about production: it is what pre-production is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from policies.security.inputs.readers import UNKNOWN
from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import PROVIDER_TYPE, Subject
from policies.security.rule import EVERY_AWS_RESOURCE, Judgement, Relation, Rule, Verdict, refuse

WORDS = frozenset(
    {
        "accessType", "appNetworkAccessType", "authMode", "authenticationMode", "awsServiceName", "defaultAction",
        "enableDockerAccess", "encryptionType", "executionRoleIdentityConfig", "firewallFailOpen", "httpEndpoint",
        "httpTokens", "imageTagMutability", "internetGatewayBlockMode", "ipProtocol", "keySpec", "keyUsage",
        "logDestinationType", "mode", "mutationProtection", "notebookOutputOption", "objectOwnership", "rootAccess",
        "serviceName", "settingValue", "sseAlgorithm", "state", "status", "tracingConfig", "trafficType", "type",
        "vpcEndpointType",
    }
)  # fmt: skip
"""Properties whose text is a switch. Every truth value is one as well; names, sizes and documents are not."""
ONE_PER_ACCOUNT = (
    "plinth:security:AccountBaseline",
    "plinth:audit:ConfigurationRecorder",
    "plinth:identity:PlatformDeployer",
)
"""Components that an account has once. Where only one of the two environments has an account to itself, its stack has
them and the other's has not: that is the placement's doing, and other rules ask for them."""

_OFF = frozenset({False})
Switches = Mapping[str, frozenset[object]]


def equal_their_rehearsal(stack: Stack) -> Iterator[Judgement]:
    if stack.surroundings.kind != "production" or stack.rehearsal is None:
        return
    ours, theirs = _comparable(stack.everything, stack.rehearsal), _comparable(stack.rehearsal, stack.everything)
    if not theirs:
        for itself in stack.itself:
            yield itself, refuse("leads to production before there is a pre-production", fix="bring that up first")
        return
    for itself in stack.itself:
        yield itself, _lacks(set(theirs) - set(ours))
    for type_, subjects in ours.items():
        for subject in subjects:
            yield subject, _differs(subject, theirs.get(type_, ()))


def _comparable(subjects: Sequence[Subject], others: Sequence[Subject]) -> Mapping[str, Sequence[Subject]]:
    """By type, what stands for the environment rather than for an account that the other has not to itself."""
    left_out = {part for part in ONE_PER_ACCOUNT if not _has(part, others)}
    by_type: defaultdict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        if subject.type.startswith("aws:") and left_out.isdisjoint(subject.parents):
            by_type[subject.type].append(subject)
    return by_type


def _has(component: str, subjects: Iterable[Subject]) -> bool:
    return any(component in subject.parents for subject in subjects)


def _lacks(types: Iterable[str]) -> Verdict:
    named = ", ".join(sorted(types))
    if not named:
        return None
    return refuse(f"leads to production without {named}, which pre-production has", fix="make it in both or in neither")


def _differs(subject: Subject, alike: Sequence[Subject]) -> Verdict:
    """From its namesake, or where only the number of such resources differs, from all others of its type."""
    if not alike:
        return refuse(f"is of {subject.type}, and pre-production has none", fix="bring it up in pre-production first")
    namesakes = [other for other in alike if other.name == subject.name] or alike
    rehearsed = [_switches(other) for other in namesakes]
    apart = ", ".join(path for path in _paths(_switches(subject), rehearsed) if _is_new(path, subject, rehearsed))
    if not apart:
        return None
    return refuse(
        f"is of {subject.type} and differs from pre-production in {apart}",
        fix="set it as it is there, or change it there first",
    )


def _paths(own: Switches, rehearsed: Iterable[Switches]) -> list[str]:
    return sorted({*own, *(path for switches in rehearsed for path in switches)})


def _is_new(path: str, subject: Subject, rehearsed: Sequence[Switches]) -> bool:
    """Whether no other says the same. Nothing that somebody has yet to learn differs."""
    own = _switches(subject)
    if any(_is_unknown(path, switches) for switches in (own, *rehearsed)):
        return False
    return own.get(path, _OFF) not in [switches.get(path, _OFF) for switches in rehearsed]


def _is_unknown(path: str, switches: Switches) -> bool:
    return any(
        UNKNOWN in values and (path == unknown or path.startswith(f"{unknown}."))
        for unknown, values in switches.items()
    )


def _switches(subject: Subject) -> Switches:
    """By dotted path, what the switches there say; items of a list share their path. What is not said is off."""
    found: defaultdict[str, set[object]] = defaultdict(set)
    declared = subject.properties if subject.asked is None else subject.asked
    for path, value in _leaves(declared.tree):
        if isinstance(value, bool) or value is UNKNOWN or path.rpartition(".")[2] in WORDS:
            found[path].add(value)
    return {path: frozenset(values) for path, values in found.items()}


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    elif value is not None:
        yield path, value


RULES = (
    Rule(
        id="ST-14",
        title="Production is what pre-production is",
        severity="high",
        sources=("MLOps tenet consistency", "ACC-06"),
        remedy="Make the same types of resources with the same switches in both; names, numbers and sizes may differ. "
        "What is new comes up in pre-production first. The command line tells the pack what pre-production is: what it "
        "would be when both are previewed, else what was deployed.",
        relations=(Relation((PROVIDER_TYPE, EVERY_AWS_RESOURCE), equal_their_rehearsal),),
    ),
)
