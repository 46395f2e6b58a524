"""Domains and repositories as the store keeps them, found by their owner, and their external connections.

Sources: CodeArtifact API, AssociateExternalConnection; CodeArtifact User Guide, "Connect a CodeArtifact repository to a
public repository" (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.patches.patch import Exchange, Memory
from plinth_sandbox.emulator.store.record import Place, Record

SERVICE, DOMAIN, REPOSITORY = "codeartifact", "Domain", "Repository"
CONNECTIONS = "externalConnections"
FORMATS: Mapping[str, str] = {
    "public:crates-io": "cargo",
    "public:maven-androidstudio": "maven",
    "public:maven-apachereleases": "maven",
    "public:maven-central": "maven",
    "public:maven-clojars": "maven",
    "public:maven-commonsware": "maven",
    "public:maven-googleandroid": "maven",
    "public:maven-gradleplugins": "maven",
    "public:npmjs": "npm",
    "public:nuget-org": "nuget",
    "public:pypi": "pypi",
    "public:ruby-gems-org": "ruby",
}
"""Format of the packages of each external connection."""


def owner_of(exchange: Exchange) -> str:
    """Returns the account that owns the domain of a call."""
    return str(exchange.call.parameters.get("domainOwner") or exchange.call.account)


def find_domain(memory: Memory, owner: str, region: str, name: str) -> Record:
    """Returns a domain. Raises AwsError if there is none."""
    found = memory.store.find(Place(owner, region, SERVICE), DOMAIN, {"domain": name})
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Domain not found. Domain '{name}' with owner account {owner}.")
    return found


def find_repository(memory: Memory, owner: str, region: str, domain: str, name: str) -> Record:
    """Returns a repository of a domain. Raises AwsError if there is none."""
    find_domain(memory, owner, region, domain)
    wanted = {"domain": domain, "repository": name}
    found = memory.store.find(Place(owner, region, SERVICE), REPOSITORY, wanted)
    if found is None:
        message = f"Repository not found. Repository '{name}' in domain '{domain}' with owner account {owner}."
        raise AwsError("ResourceNotFoundException", message)
    return found


def repository_of(exchange: Exchange) -> Record:
    """Returns the repository that a call names. Raises AwsError."""
    given = exchange.call.parameters
    where = (owner_of(exchange), exchange.call.region)
    return find_repository(exchange.memory, *where, str(given["domain"]), str(given["repository"]))


def connect(record: Record, name: str) -> None:
    """Adds an external connection, of which a repository has at most one. Raises AwsError."""
    if name not in FORMATS:
        raise AwsError("ResourceNotFoundException", f"External connection {name} does not exist.")
    if record.values.get(CONNECTIONS):
        raise AwsError("ConflictException", "Cannot have more than one external connection.")
    connection = {"externalConnectionName": name, "packageFormat": FORMATS[name], "status": "Available"}
    record.values[CONNECTIONS] = [connection]


def disconnect(record: Record, name: str) -> None:
    """Removes an external connection. Raises AwsError if the repository does not have it."""
    if name not in connections(record):
        message = f"External connection {name} is not associated with the repository."
        raise AwsError("ResourceNotFoundException", message)
    record.values[CONNECTIONS] = []


def connections(record: Record) -> list[str]:
    """Returns the names of a repository's external connections."""
    return [
        str(external_connection["externalConnectionName"]) for external_connection in record.values.get(CONNECTIONS, [])
    ]


def described(record: Record) -> dict[str, Any]:
    """Returns a repository as the API describes it."""
    return {
        "name": record.values["repository"],
        "administratorAccount": record.place.account,
        "domainName": record.values["domain"],
        "domainOwner": record.place.account,
        "arn": record.arn,
        "description": record.values.get("description"),
        "upstreams": list(record.values.get("upstreams", [])),
        CONNECTIONS: list(record.values.get(CONNECTIONS, [])),
        "createdTime": record.created,
    }
