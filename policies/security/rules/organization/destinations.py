"""Rules about where the values of any property lead, if they name no account: buckets, hosts and container images."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address

from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import EVERY_RESOURCE, Rule, Violation, first, violation
from policies.evaluation.stack_context import PROVIDERS
from policies.evaluation.values import Value
from policies.security.rules.organization.references import read

_NEW_BUCKET = ("aws:s3/bucket:Bucket", ("bucket",))
"""Type and property that name a bucket that does not exist yet. S3-11 requires the account in its name."""
_ENDPOINT = re.compile(
    r"(?:api\.|data\.|runtime\.)?(?!(?:elb|execute-api|vpce)\.)[a-z0-9-]+\.(?:[a-z]{2}(?:-[a-z]+)+-\d\.)?amazonaws\.com"
    r"|(?:[a-z0-9-]+\.)*(?:console|docs)\.aws\.amazon\.com|aws\.amazon\.com"
)
"""Endpoint of a service of AWS, of its console or documentation. Hosts of customers, such as APIs, load balancers and
buckets, have a name of their own before that of the service (AWS General Reference, "Service endpoints")."""
_INSIDE = (".cluster.local", ".svc", ".internal")
"""Ends of names that a resolver in the network answers only."""
_IMAGE_KEY = re.compile(r"[A-Za-z]*[iI]mage(?:Uri)?")
"""Property that names a container image, such as ``baseImage`` and ``ImageUri``."""
_IMAGE = re.compile(r"(?!sha256:)[\w.:-]+(?:/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?")
"""Name of a container image: no digest alone, and nothing that has spaces or braces."""
_REGISTRY = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com/")
_CONNECTION = "CODECONNECTIONS"
"""Type of authorization of a source that a connection leads to (CodeBuild API, ``SourceAuth``)."""
_CURATED = ("aws/codebuild/",)
"""Images that CodeBuild has on its hosts (CodeBuild User Guide, "Docker images provided by CodeBuild")."""


def names_own_buckets(resource: Resource) -> Violation | None:
    known = resource.context.settings_names

    def leads_away(value: Value) -> bool:
        return (resource.type, value.path) != _NEW_BUCKET and any(name not in known for name in value.buckets)

    return _first_place(
        read(resource),
        leads_away,
        "names a bucket without its account",
        fix="use a bucket in the account-regional namespace, or name the bucket in the settings",
    )


def leads_to_known_hosts(resource: Resource) -> Violation | None:
    known = resource.context.settings_hosts

    def is_known(host: str) -> bool:
        return host in known or _is_known(host) or (host in PROVIDERS.values() and _uses_a_connection(resource))

    return _first_place(
        read(resource),
        lambda value: not all(map(is_known, value.hosts)),
        "has an address outside AWS and the settings",
        fix="use an endpoint of an AWS service, a host of the settings, or a name inside the network",
    )


def _uses_a_connection(resource: Resource) -> bool:
    """Whether the resource reaches hosts of code by a connection. OR-09 judges whose connection it is, and its provider
    shows the repositories that somebody of the organization has opened to it."""
    return any(value.text == _CONNECTION for value in read(resource))


def runs_images_of_registries(resource: Resource) -> Violation | None:
    images = [value for value in read(resource) if _names_an_image(value)]
    public = _first_place(
        images,
        lambda value: _REGISTRY.match(value.text) is None,
        "runs an image of a public registry",
        fix="push it to tooling's registry, which scans it",
    )
    return public or _first_place(
        images,
        lambda value: "@" not in value.text and not _is_of(resource, value),
        "names an image by a tag",
        fix="use @sha256: and the digest of the image, which a push cannot change",
    )


def _first_place(
    values: Iterable[Value], leads_away: Callable[[Value], bool], what: str, *, fix: str
) -> Violation | None:
    """Returns a violation with the place of the first value that leads away."""
    return first(violation(f"{what} in {value.place}", fix=fix) for value in values if leads_away(value))


def _names_an_image(value: Value) -> bool:
    named = not value.is_key and _IMAGE_KEY.fullmatch(value.path[-1]) and _IMAGE.fullmatch(value.text)
    return bool(named) and not value.text.startswith(_CURATED)


def _is_of(resource: Resource, value: Value) -> bool:
    """Whether an image is in a registry of the resource's account, where tags do not change (EC-01)."""
    own = resource.account_ids
    return isinstance(own, Unknown) or value.text.startswith(tuple(f"{account}." for account in own))


def _is_known(host: str) -> bool:
    if _ENDPOINT.fullmatch(host) or host.endswith(_INSIDE):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False


RULES = (
    Rule(
        id="OR-11",
        title="Values name buckets that carry their account, or that the settings name",
        severity="critical",
        sources=("data perimeter, untrusted resources", "S3 User Guide, account-regional namespaces"),
        remedy="Anybody can create a bucket with any free name in the global namespace. Use buckets whose names end in "
        "their account and region, so that OR-09 sees whose they are, or name an existing bucket in the settings.",
        checks={EVERY_RESOURCE: names_own_buckets},
    ),
    Rule(
        id="OR-12",
        title="Addresses lead to AWS, to the own network or to hosts of the settings",
        severity="high",
        sources=("data perimeter, untrusted endpoints", "NW-01"),
        remedy="Use endpoints of AWS services and names inside the network. Name the hosts of packages, repositories "
        "and issuers of tokens in the settings of the organization.",
        checks={EVERY_RESOURCE: leads_to_known_hosts},
    ),
    Rule(
        id="OR-13",
        title="Container images come from registries of ECR, by digest",
        severity="high",
        sources=("EXP-09", "MLSEC04-BP03"),
        remedy="Push images to tooling's registry, where they are scanned, and name them by digest, which a push "
        "cannot change. Those of the own account need no digest, because tags of its repositories are immutable. OR-09 "
        "judges the account of a registry.",
        checks={EVERY_RESOURCE: runs_images_of_registries},
    ),
)
