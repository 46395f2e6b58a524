"""The rule about credentials of pods: a service account of their own, and tokens only for a named audience."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.evaluation.readers import UNKNOWN, Properties, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import DEFAULT_SERVICE_ACCOUNT, SERVICE_ACCOUNT, WORKLOAD
from policies.kubernetes.inputs.pods import Pod, blocks_in, pod_of

LONGEST_SECONDS = 86_400
"""Longest validity of a token: a day, which EKS gives to tokens for IAM roles (EKS User Guide, "Configure Pods to use a
Kubernetes service account")."""

API_AUDIENCE, API_SECONDS = "https://kubernetes.default.svc", 3_600
"""Audience of the API of EKS, and the longest validity of a token for it. The kubelet renews it, and one that leaves
the pod ends in an hour."""
AUDIENCES: Mapping[str, int] = {
    API_AUDIENCE: API_SECONDS,
    "pods.eks.amazonaws.com": LONGEST_SECONDS,
    "sts.amazonaws.com": LONGEST_SECONDS,
}
"""Longest validity of a token by its audience: the Kubernetes API, and those from whom a pod obtains a role of AWS."""


def has_credentials_of_its_own(resource: Resource) -> Violation | None:
    pod = pod_of(resource)
    return None if pod is None else first(_violations(pod))


def _violations(pod: Pod) -> Iterator[Violation | None]:
    account = pod.properties.text("serviceAccountName")
    if is_missing(account) or account == DEFAULT_SERVICE_ACCOUNT:
        yield violation(
            f"has no service account of its own ({pod.place}.serviceAccountName)", fix="name one that you create for it"
        )
    yield _mounts_token(pod.properties, f"{pod.place}.automountServiceAccountToken")
    for place, volume in pod.blocks("volumes"):
        for source_place, source in blocks_in(volume, "projected", "sources", place=place):
            token = source.value("serviceAccountToken")
            if isinstance(token, dict):
                yield _check_token(f"{source_place}.serviceAccountToken", Properties(token))


def _mounts_token(properties: Properties, place: str) -> Violation | None:
    if properties.flag("automountServiceAccountToken") in (False, UNKNOWN):
        return None
    return violation(
        f"mounts a token of the Kubernetes API ({place})",
        fix="set it to false, and project a token with an audience if the pod needs one",
    )


def _check_token(place: str, token: Properties) -> Violation | None:
    audience, seconds = token.text("audience"), token.number("expirationSeconds")
    if audience is not UNKNOWN and audience not in AUDIENCES:
        return violation(
            f"projects a token for the Kubernetes API or another service ({place}.audience)",
            fix=f"use {' or '.join(AUDIENCES)}",
        )
    longest = AUDIENCES.get(str(audience), LONGEST_SECONDS)
    if seconds is None or (seconds is not UNKNOWN and float(seconds) > longest):
        return violation(
            f"projects a token that stays valid ({place}.expirationSeconds)", fix=f"set it to at most {longest} seconds"
        )
    return None


def account_mounts_no_token(resource: Resource) -> Violation | None:
    return _mounts_token(resource.properties, "automountServiceAccountToken")


RULES = (
    Rule(
        id="KU-06",
        title="Pods have a service account of their own and mount no token of the API",
        severity="high",
        sources=("CIS EKS 1.7 4.1.5", "CIS EKS 1.7 4.1.6", "CKV_K8S_38", "CKV_K8S_41"),
        remedy="Name a service account, set automountServiceAccountToken to false in the account and in the pod, and "
        "project a token with an audience and an expiry where a pod needs one: at most a day for roles of AWS, and an "
        "hour for the Kubernetes API.",
        checks=for_each(WORKLOAD, has_credentials_of_its_own) | for_each(SERVICE_ACCOUNT, account_mounts_no_token),
    ),
)
