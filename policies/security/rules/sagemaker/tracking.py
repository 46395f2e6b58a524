"""Rules about experiment tracking and human review: data stays in the account and with the company's own people."""

from __future__ import annotations

import re

from policies.evaluation.readers import UNKNOWN, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

TRACKING_SERVER = ("aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",)
TRACKING_APP = ("aws:sagemaker/mlflowApp:MlflowApp",)
REVIEW = ("aws:sagemaker/flowDefinition:FlowDefinition",)
WORKFORCE = ("aws:sagemaker/workforce:Workforce",)

_BUCKET = re.compile(r"s3://[a-z0-9.-]+-(?P<account>\d{12})-[a-z0-9-]+-an(/.*)?")
_ANYWHERE = ("0.0.0.0/0", "::/0")


def server_stays_in_the_account(resource: Resource) -> Violation | None:
    if resource.properties.flag("automaticModelRegistration") is True:
        return _AUTO_REGISTERED
    return _stores_artifacts_in_own_bucket(resource)


def app_stays_in_the_account(resource: Resource) -> Violation | None:
    if resource.properties.text("modelRegistrationMode") == "AutoModelRegistrationEnabled":
        return _AUTO_REGISTERED
    return _stores_artifacts_in_own_bucket(resource)


_AUTO_REGISTERED = violation(
    "registers models automatically", fix="disable automatic registration; the build registers models"
)


def _stores_artifacts_in_own_bucket(resource: Resource) -> Violation | None:
    return stored_in_own_bucket(resource.properties.text("artifactStoreUri"), resource, "artifacts")


def stored_in_own_bucket(uri: str | Unknown | None, resource: Resource, what: str) -> Violation | None:
    """Checks that a URI names a bucket of the own account, whose id is part of the bucket name."""
    if uri is UNKNOWN:
        return None
    bucket = _BUCKET.fullmatch(str(uri))
    own = resource.account_ids
    if bucket is None or (not isinstance(own, Unknown) and bucket["account"] not in own):
        return violation(f"stores {what} outside its account", fix="use a bucket of the environment")
    return None


def reviews_with_a_private_team(resource: Resource) -> Violation | None:
    team = resource.properties.text("humanLoopConfig", "workteamArn")
    if isinstance(team, str) and ":workteam/private-crowd/" not in team:
        return violation("shows data to people outside the company", fix="use a private work team")
    if is_missing(resource.properties.value("outputConfig", "kmsKeyId")):
        return violation("does not encrypt its output with a customer managed key", fix="set outputConfig.kmsKeyId")
    return stored_in_own_bucket(resource.properties.text("outputConfig", "s3OutputPath"), resource, "review output")


def limits_sign_in_networks(resource: Resource) -> Violation | None:
    networks = resource.properties.items("sourceIpConfig", "cidrs")
    if isinstance(networks, Unknown) or (networks and not set(networks) & set(_ANYWHERE)):
        return None
    return violation("allows sign-in from any network", fix="list the company's networks under sourceIpConfig")


RULES = (
    Rule(
        id="SM-25",
        title="Tracking, review and labelling use private work teams, own buckets and customer managed keys",
        severity="medium",
        sources=("CKV_AWS_372", "condition key sagemaker:WorkteamType", "EXP-10"),
        remedy="Store artifacts and review output in a bucket of the environment under its key, use a private work "
        "team from known networks, and disable automatic model registration.",
        checks=for_each(TRACKING_SERVER, server_stays_in_the_account)
        | for_each(TRACKING_APP, app_stays_in_the_account)
        | for_each(REVIEW, reviews_with_a_private_team)
        | for_each(WORKFORCE, limits_sign_in_networks),
    ),
)
