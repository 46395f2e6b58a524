"""The rule about configuration: no secret in an environment, in a ConfigMap or in the state."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import CONFIG_MAP, SECRET, WORKLOAD
from policies.kubernetes.inputs.pods import Container, blocks_in, pod_of
from settings.types.redaction import looks_secret, names_secret


def environment_holds_no_secret(resource: Resource) -> Violation | None:
    pod = pod_of(resource)
    return None if pod is None else first(found for container in pod.containers() for found in _literals(container))


def _literals(container: Container) -> Iterator[Violation]:
    for place, variable in blocks_in(container.properties, "env", place=container.place):
        name, value = variable.text("name"), variable.text("value")
        if isinstance(value, str) and _is_secret(str(name), value):
            yield violation(
                f"has a secret in its environment ({place}.value)",
                fix="pass the ARN of a secret, and let the pod read it with its Pod Identity",
            )


def _is_secret(name: str, value: str) -> bool:
    """Whether a value is a secret. An ARN is only a reference to one."""
    return looks_secret(value) or (names_secret(name) and bool(value) and not value.startswith("arn:"))


def holds_no_secret(resource: Resource) -> Violation | None:
    data = resource.properties.value("data")
    for name, value in data.items() if isinstance(data, dict) else ():
        if isinstance(value, str) and _is_secret(name, value):
            return violation("is a ConfigMap that holds a secret (data)", fix="keep the secret in Secrets Manager")
    return None


def is_kept_elsewhere(_subject: Resource) -> Violation | None:
    return violation(
        "puts a secret into the state", fix="keep it in Secrets Manager, and let the pod read it with its Pod Identity"
    )


RULES = (
    Rule(
        id="KU-09",
        title="Secrets are not stored in manifests",
        severity="critical",
        sources=("CIS EKS 1.7 4.4.2",),
        remedy="Keep secrets in Secrets Manager, and let pods read them with Pod Identity. Create no Secret, because "
        "its value would be in the state, and one of the type service-account-token never expires.",
        checks=for_each(WORKLOAD, environment_holds_no_secret)
        | for_each(CONFIG_MAP, holds_no_secret)
        | for_each(SECRET, is_kept_elsewhere),
    ),
)
