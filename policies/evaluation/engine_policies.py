"""Turns rules into the policies that the engine runs.

The SDK deserialises a resource's properties for every policy, before the policy can look at the type. So the pack has
one policy per severity instead of one per rule, and one for advisory findings. The engine reports a policy's severity
and level with every finding, and the message starts with the rule's id. Stack checks have policies of their own, which
the engine runs once, after all resources are registered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.evaluation.arguments import resource, resource_in_stack
from policies.evaluation.dispatch import Dispatcher, Finding
from policies.evaluation.readers import Properties
from policies.evaluation.rehearsal import VARIABLE, rehearsal
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Level, Rule
from policies.evaluation.stack import IDENTIFIERS

REFERENCE = "docs/reference/policies.md"
_SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def engine_policies(rules: Sequence[Rule]) -> list[Policy]:
    """Returns mandatory policies for each severity in use, and the advisory policies."""
    inputs = _RecordedInputs()
    advisory = [rule for rule in rules if rule.has_advisory_findings]
    return [*_mandatory(rules, inputs), *_advisory(advisory, inputs)]


def _mandatory(rules: Sequence[Rule], inputs: _RecordedInputs) -> Iterator[Policy]:
    for severity in _SEVERITIES:
        with_severity = [rule for rule in rules if rule.severity == severity.value]
        validation = _Validation(with_severity, "mandatory", inputs)
        if with_severity:
            yield ResourceValidationPolicy(
                name=f"{severity.value}-rules",
                description=f"Rules of {severity.value} severity, explained in {REFERENCE}",
                validate=validation.of_resource,
                enforcement_level=EnforcementLevel.MANDATORY,
                severity=severity,
            )
        if any(rule.stack_checks for rule in with_severity):
            yield StackValidationPolicy(
                name=f"{severity.value}-stack-rules",
                description=f"Stack rules of {severity.value} severity, explained in {REFERENCE}",
                validate=validation.of_stack,
                enforcement_level=EnforcementLevel.MANDATORY,
                severity=severity,
            )


def _advisory(rules: Sequence[Rule], inputs: _RecordedInputs) -> Iterator[Policy]:
    validation = _Validation(rules, "advisory", inputs)
    yield ResourceValidationPolicy(
        name="advisory-rules",
        description=f"Rules that are advisory in this kind of stack, explained in {REFERENCE}",
        validate=validation.of_resource,
        enforcement_level=EnforcementLevel.ADVISORY,
    )
    if any(rule.stack_checks for rule in rules):
        yield StackValidationPolicy(
            name="advisory-stack-rules",
            description=f"Stack rules that are advisory in this kind of stack, explained in {REFERENCE}",
            validate=validation.of_stack,
            enforcement_level=EnforcementLevel.ADVISORY,
        )


class _RecordedInputs:
    """The inputs that the program gave to each resource. Stack policies receive outputs from the engine.

    A provider cannot be configured until its account is known, as in an organization's first preview. Until then, the
    engine passes resources without any property to stack policies, and the recorded inputs take their place.
    """

    def __init__(self) -> None:
        self._properties: dict[str, Properties] = {}

    def record(self, requested: Resource) -> None:
        self._properties[requested.urn] = requested.properties

    def resource(self, registered: PolicyResource) -> Resource:
        """Returns a registered resource as the program asks for it, with the identifiers that AWS assigned.

        After a refresh, other outputs contain what somebody changed in AWS. A finding about them would refuse the
        update that corrects the change.
        """
        found = resource_in_stack(registered)
        inputs = self._properties.get(found.urn)
        if inputs is None:
            return found
        outputs = found.properties.tree
        assigned = {key: outputs[key] for key in IDENTIFIERS if key in outputs}
        return replace(found, properties=Properties({**assigned, **inputs.tree}), requested=inputs)


class _Validation:
    """Reports the findings of one level, because a policy of the SDK has one level for all its findings."""

    def __init__(self, rules: Sequence[Rule], level: Level, inputs: _RecordedInputs) -> None:
        self._dispatcher, self._level, self._inputs = Dispatcher(rules), level, inputs

    def of_resource(self, arguments: ResourceValidationArgs, report: ReportViolation) -> None:
        if self._dispatcher.concerns(arguments.resource_type):
            requested = resource(arguments)
            self._inputs.record(requested)
            self._report(self._dispatcher.findings(requested), report)

    def of_stack(self, arguments: StackValidationArgs, report: ReportViolation) -> None:
        needed = [r for r in arguments.resources if self._dispatcher.needs_for_stack_checks(r.resource_type)]
        resources = [self._inputs.resource(r) for r in needed]
        self._report(self._dispatcher.stack_findings(resources, rehearsal(os.environ.get(VARIABLE))), report)

    def _report(self, findings: Iterator[Finding], report: ReportViolation) -> None:
        for finding in findings:
            if finding.level == self._level:
                report(finding.message, finding.resource.urn)
