"""The policies of the pack as the engine knows them.

The SDK reads a resource's properties anew for every policy, before any rule can look at the type. So there is one
policy per severity, not per rule, and one for advice: the engine passes a policy's severity and level on with every
finding, and the finding starts with the rule's id. What concerns several resources has a policy of its own, which the
engine asks once, when all are registered.
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

from policies.security.dispatch import Dispatcher, Finding
from policies.security.inputs.arguments import related_subject, subject
from policies.security.inputs.readers import Properties
from policies.security.inputs.rehearsal import VARIABLE, rehearsal
from policies.security.inputs.subject import Subject
from policies.security.rule import Level, Rule
from policies.security.rule_list import RULES

REFERENCE = "docs/reference/policies.md"
_SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def policies(rules: Sequence[Rule] = RULES) -> list[Policy]:
    """Mandatory policies for each severity that occurs, and those that advise."""
    requests = _Requests()
    advice = [rule for rule in rules if rule.advises]
    return [*_mandatory(rules, requests), *_advice(advice, requests)]


def _mandatory(rules: Sequence[Rule], requests: _Requests) -> Iterator[Policy]:
    for severity in _SEVERITIES:
        of_severity = [rule for rule in rules if rule.severity == severity.value]
        validation = _Validation(of_severity, "mandatory", requests)
        if of_severity:
            yield ResourceValidationPolicy(
                name=f"{severity.value}-rules",
                description=f"Rules of {severity.value} severity, explained in {REFERENCE}",
                validate=validation.of_resource,
                enforcement_level=EnforcementLevel.MANDATORY,
                severity=severity,
            )
        if any(rule.relations for rule in of_severity):
            yield StackValidationPolicy(
                name=f"{severity.value}-relations",
                description=f"Rules of {severity.value} severity about several resources, explained in {REFERENCE}",
                validate=validation.of_stack,
                enforcement_level=EnforcementLevel.MANDATORY,
                severity=severity,
            )


def _advice(rules: Sequence[Rule], requests: _Requests) -> Iterator[Policy]:
    validation = _Validation(rules, "advisory", requests)
    yield ResourceValidationPolicy(
        name="advice",
        description=f"Rules that advise in this kind of stack, explained in {REFERENCE}",
        validate=validation.of_resource,
        enforcement_level=EnforcementLevel.ADVISORY,
    )
    if any(rule.relations for rule in rules):
        yield StackValidationPolicy(
            name="advice-on-relations",
            description=f"Rules about several resources that advise in this kind of stack, explained in {REFERENCE}",
            validate=validation.of_stack,
            enforcement_level=EnforcementLevel.ADVISORY,
        )


class _Requests:
    """What the program asked of each resource.

    As long as a provider is not configured (its account is not known in an organization's first preview), the engine
    knows nothing of what a resource turns out as, and passes it on without any property once all are registered.
    """

    def __init__(self) -> None:
        self._properties: dict[str, Properties] = {}

    def keep(self, asked: Subject) -> None:
        self._properties[asked.urn] = asked.properties

    def subject(self, resource: PolicyResource) -> Subject:
        """The resource as it turned out, or as it was asked for while nothing is known of that."""
        related = related_subject(resource)
        asked = self._properties.get(related.urn)
        turned_out = related.properties if related.properties.tree or asked is None else asked
        return replace(related, properties=turned_out, asked=asked)


class _Validation:
    """Reports what breaks some rules at one level: a policy of the SDK has one level for all that it reports."""

    def __init__(self, rules: Sequence[Rule], level: Level, requests: _Requests) -> None:
        self._dispatcher, self._level, self._requests = Dispatcher(rules), level, requests

    def of_resource(self, arguments: ResourceValidationArgs, report: ReportViolation) -> None:
        if self._dispatcher.concerns(arguments.resource_type):
            asked = subject(arguments)
            self._requests.keep(asked)
            self._report(self._dispatcher.findings(asked), report)

    def of_stack(self, arguments: StackValidationArgs, report: ReportViolation) -> None:
        related = [r for r in arguments.resources if self._dispatcher.relates(r.resource_type)]
        subjects = [self._requests.subject(r) for r in related]
        self._report(self._dispatcher.findings_together(subjects, rehearsal(os.environ.get(VARIABLE))), report)

    def _report(self, findings: Iterator[Finding], report: ReportViolation) -> None:
        for finding in findings:
            if finding.level == self._level:
                report(finding.message, finding.subject.urn)
