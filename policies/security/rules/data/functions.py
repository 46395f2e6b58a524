"""Rules about Lambda functions: inside the VPC, with code of the organization, and callable by named sources only."""

from __future__ import annotations

from policies.evaluation.policy_documents import account_in_arn
from policies.evaluation.readers import Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.security.rules.identity.stack_identities import unknown_accounts

FUNCTION = ("aws:lambda/function:Function",)
PERMISSION = ("aws:lambda/permission:Permission",)

_SERVICE, _BUCKET = ".amazonaws.com", "arn:aws:s3:::"


def runs_in_the_network(resource: Resource) -> Violation | None:
    for part in ("subnetIds", "securityGroupIds"):
        if is_missing(resource.properties.value("vpcConfig", part)):
            return violation("runs outside the VPC", fix="set subnetIds and securityGroupIds in vpcConfig")
    layers = resource.properties.items("layers")
    named = [layer for layer in layers if isinstance(layer, str)] if isinstance(layers, list) else []
    if any(_is_of_a_stranger(layer, resource) for layer in named):
        return violation("runs code of another organization", fix="publish the layer in an account of the settings")
    return None


def admits_named_callers(resource: Resource) -> Violation | None:
    """Requires a source for a service, which could otherwise act for anybody, and an account of the settings for any
    other principal."""
    principal, source = resource.properties.text("principal"), resource.properties.text("sourceArn")
    if resource.properties.text("functionUrlAuthType") == "NONE":
        return violation("admits callers without a signature", fix="set functionUrlAuthType to AWS_IAM")
    if isinstance(principal, Unknown):
        return None
    if not str(principal).endswith(_SERVICE):
        return _of_a_stranger() if _is_of_a_stranger(str(principal), resource) else None
    # An ARN of a bucket contains no account.
    owner = resource.properties.text("sourceAccount")
    named = [owner] if str(source).startswith(_BUCKET) else [source, owner]
    if all(map(is_missing, named)):
        return violation("admits a service on behalf of anybody", fix="set sourceArn, and for a bucket sourceAccount")
    strangers = [name for name in named if isinstance(name, str) and _is_of_a_stranger(name, resource)]
    return _of_a_stranger() if strangers else None


def _of_a_stranger() -> Violation:
    return violation("admits a caller of another organization", fix="name a source or a role of the organization")


def _is_of_a_stranger(named: str, resource: Resource) -> bool:
    """Whether an account id or ARN belongs to no account of the settings."""
    account = named if named.isdigit() else account_in_arn(named)
    return account is None or bool(unknown_accounts({account}, resource))


RULES = (
    Rule(
        id="LM-01",
        title="Functions run in the VPC, and only sources of the organization invoke them",
        severity="high",
        sources=("FSBP Lambda.1", "FSBP Lambda.3", "CKV_AWS_117", "CKV_AWS_364", "SCP-16"),
        remedy="Set vpcConfig to private subnets and a security group, use layers of accounts in the settings, and "
        "name the source of a service that invokes the function.",
        checks=for_each(FUNCTION, runs_in_the_network) | for_each(PERMISSION, admits_named_callers),
    ),
)
