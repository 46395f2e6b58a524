"""Rules about what keeps traces of work beside the pipelines: experiment tracking, and people who label."""

from __future__ import annotations

import re

from policies.security.inputs.readers import UNKNOWN, Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

TRACKING_SERVER = ("aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",)
TRACKING_APP = ("aws:sagemaker/mlflowApp:MlflowApp",)
REVIEW = ("aws:sagemaker/flowDefinition:FlowDefinition",)
WORKFORCE = ("aws:sagemaker/workforce:Workforce",)

_BUCKET = re.compile(r"s3://[a-z0-9.-]+-(?P<account>\d{12})-[a-z0-9-]+-an(/.*)?")
_ANYWHERE = ("0.0.0.0/0", "::/0")


def server_keeps_to_the_account(subject: Subject) -> Verdict:
    if subject.properties.flag("automaticModelRegistration") is True:
        return _REGISTERS
    return _keeps_artifacts_at_home(subject)


def app_keeps_to_the_account(subject: Subject) -> Verdict:
    if subject.properties.text("modelRegistrationMode") == "AutoModelRegistrationEnabled":
        return _REGISTERS
    return _keeps_artifacts_at_home(subject)


_REGISTERS = refuse(
    "registers every model past the pipelines", fix="leave registration off; a build registers what it made"
)


def _keeps_artifacts_at_home(subject: Subject) -> Verdict:
    return kept_at_home(subject.properties.text("artifactStoreUri"), subject, "artifacts")


def kept_at_home(uri: str | Unknown | None, subject: Subject, what: str) -> Verdict:
    """In a bucket of the own account, which has its number in the name."""
    if uri is UNKNOWN:
        return None
    bucket = _BUCKET.fullmatch(str(uri))
    own = subject.account_ids
    if bucket is None or (not isinstance(own, Unknown) and bucket["account"] not in own):
        return refuse(
            f"keeps {what} outside its account", fix="name a bucket of the environment, whose key encrypts it"
        )
    return None


def reviews_by_our_own_people(subject: Subject) -> Verdict:
    team = subject.properties.text("humanLoopConfig", "workteamArn")
    if isinstance(team, str) and ":workteam/private-crowd/" not in team:
        return refuse("shows data to people of no company of ours", fix="name a private work team")
    if lacks(subject.properties.value("outputConfig", "kmsKeyId")):
        return refuse("keeps answers without a key of ours", fix="set outputConfig.kmsKeyId")
    return kept_at_home(subject.properties.text("outputConfig", "s3OutputPath"), subject, "answers")


def admits_known_networks(subject: Subject) -> Verdict:
    networks = subject.properties.items("sourceIpConfig", "cidrs")
    if isinstance(networks, Unknown) or (networks and not set(networks) & set(_ANYWHERE)):
        return None
    return refuse("lets its people in from anywhere", fix="list the company's networks under sourceIpConfig")


RULES = (
    Rule(
        id="SM-25",
        title="Tracking, review and labelling stay with our own people, buckets and keys",
        severity="medium",
        sources=("CKV_AWS_372", "condition key sagemaker:WorkteamType", "EXP-10"),
        remedy="Keep artifacts and answers in a bucket of the environment under its key, review by a private work team "
        "from known networks, and register no model automatically.",
        judges=for_each(TRACKING_SERVER, server_keeps_to_the_account)
        | for_each(TRACKING_APP, app_keeps_to_the_account)
        | for_each(REVIEW, reviews_by_our_own_people)
        | for_each(WORKFORCE, admits_known_networks),
    ),
)
