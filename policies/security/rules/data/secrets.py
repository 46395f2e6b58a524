"""Rules about secrets: no plain text in parameters, in the state, or in any property."""

from __future__ import annotations

from policies.evaluation.readers import is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import EVERY_RESOURCE, Rule, Violation, first, for_each, violation
from policies.evaluation.secret_texts import is_secret
from policies.evaluation.values import values
from settings.types.redaction import looks_secret, names_secret

PARAMETER = ("aws:ssm/parameter:Parameter",)
SECRET_VERSION = ("aws:secretsmanager/secretVersion:SecretVersion",)

_ENCRYPTED = "SecureString"
_IN_PARAMETER = ("value", "insecureValue")
_IN_STATE = ("secretString", "secretBinary")


def parameter_holds_no_secret(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.text("type") == _ENCRYPTED and is_missing(properties.value("insecureValue")):
        return None
    texts = [properties.text(key) for key in _IN_PARAMETER]
    named = names_secret(str(properties.text("name")))
    if not named and not any(isinstance(text, str) and looks_secret(text) for text in texts):
        return None
    return violation(
        "is a parameter in plain text that holds a secret", fix="encrypt it, or keep the secret in Secrets Manager"
    )


def value_is_set_elsewhere(resource: Resource) -> Violation | None:
    if all(is_missing(resource.properties.value(key)) for key in _IN_STATE):
        return None
    return violation("puts a secret into the state", fix="set the value outside the program, or by secretStringWo")


def holds_no_secret(resource: Resource) -> Violation | None:
    return first(
        violation(
            f"has a secret in {value.place}",
            fix="pass the ARN of a secret, and let the program read the secret with its role",
        )
        for value in values(resource.properties, left_out=())
        if is_secret("" if value.is_key else value.name, value.text)
    )


RULES = (
    Rule(
        id="SE-01",
        title="Secrets are not stored in plain text",
        severity="critical",
        sources=("CKV2_AWS_34",),
        remedy="Store a secret in Secrets Manager or in a parameter of type SecureString, set its value outside the "
        "program, and pass only its ARN.",
        checks=for_each(PARAMETER, parameter_holds_no_secret) | for_each(SECRET_VERSION, value_is_set_elsewhere),
    ),
    Rule(
        id="SE-02",
        title="No property contains a secret",
        severity="critical",
        sources=("FSBP Lambda, secrets in environment variables", "CKV_AWS_45", "CKV_AWS_41", "CIS EKS 1.7 4.4.1"),
        remedy="Store the secret in Secrets Manager, and pass its ARN, or another reference under a name that ends in "
        "a word such as ID, NAME or PATH. A secret is what has the format of an issuer that detect-secrets knows, a "
        "random token, or a literal under a name such as DB_PWD, also in commands, configuration files and base64.",
        checks={EVERY_RESOURCE: holds_no_secret},
    ),
)
