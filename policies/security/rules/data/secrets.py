"""The rule about secrets: no plain text in parameters, environments of functions or the state."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.readers import is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from settings.types.redaction import looks_secret, names_secret

PARAMETER = ("aws:ssm/parameter:Parameter",)
SECRET_VERSION = ("aws:secretsmanager/secretVersion:SecretVersion",)
FUNCTION = ("aws:lambda/function:Function",)

_ENCRYPTED = "SecureString"
_IN_PARAMETER = ("value", "insecureValue")
_IN_STATE = ("secretString", "secretBinary")


def parameter_holds_no_secret(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.text("type") == _ENCRYPTED and is_missing(properties.value("insecureValue")):
        return None
    values = [properties.text(key) for key in _IN_PARAMETER]
    named = names_secret(str(properties.text("name")))
    if not named and not any(isinstance(value, str) and looks_secret(value) for value in values):
        return None
    return violation(
        "is a parameter in plain text that holds a secret", fix="encrypt it, or keep the secret in Secrets Manager"
    )


def value_is_set_elsewhere(resource: Resource) -> Violation | None:
    if all(is_missing(resource.properties.value(key)) for key in _IN_STATE):
        return None
    return violation("puts a secret into the state", fix="set the value outside the program, or by secretStringWo")


def environment_holds_no_secret(resource: Resource) -> Violation | None:
    if not any(_is_secret(name, value) for name, value in _variables(resource)):
        return None
    return violation(
        "has a secret in its environment", fix="pass the ARN of a secret, and let the function read the secret"
    )


def _variables(resource: Resource) -> Iterator[tuple[str, str]]:
    found = resource.properties.value("environment", "variables")
    for name, value in found.items() if isinstance(found, dict) else ():
        if isinstance(value, str):
            yield name, value


def _is_secret(name: str, value: str) -> bool:
    """Whether a variable contains a secret. An ARN is only a reference to one."""
    return looks_secret(value) or (names_secret(name) and bool(value) and not value.startswith("arn:"))


RULES = (
    Rule(
        id="SE-01",
        title="Secrets are not stored in plain text",
        severity="critical",
        sources=("FSBP Lambda, secrets in environment variables", "CKV_AWS_45", "CKV2_AWS_34"),
        remedy="Store a secret in Secrets Manager or in a parameter of type SecureString, set its value outside the "
        "program, and pass only its ARN.",
        checks=for_each(PARAMETER, parameter_holds_no_secret)
        | for_each(SECRET_VERSION, value_is_set_elsewhere)
        | for_each(FUNCTION, environment_holds_no_secret),
    ),
)
