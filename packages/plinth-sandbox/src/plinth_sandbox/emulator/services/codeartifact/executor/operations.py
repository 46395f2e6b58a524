"""The operations of CodeArtifact that the fallback store cannot answer: connections, policies, tokens and endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random
from moto.sts.models import sts_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codeartifact.executor import policies, tokens
from plinth_sandbox.emulator.services.codeartifact.executor.repositories import (
    DOMAIN,
    REPOSITORY,
    SERVICE,
    connect,
    described,
    disconnect,
    find_domain,
    find_repository,
    owner_of,
    repository_of,
)
from plinth_sandbox.emulator.services.codeartifact.executor.retained import Retained
from plinth_sandbox.emulator.services.codeartifact.executor.upload import normalized, version_of
from plinth_sandbox.emulator.store.record import Place

_LISTED = frozenset({"administratorAccount", "arn", "createdTime", "description", "domainName", "domainOwner", "name"})
"""Members of a repository in the answer of a list operation (CodeArtifact API, RepositorySummary)."""


def _create_repository(exchange: Exchange, _runtime: Runtime) -> Answer:
    given = exchange.call.parameters
    find_domain(exchange.memory, owner_of(exchange), exchange.call.region, str(given["domain"]))
    answer = exchange.below()
    return exchange.call.reply({"repository": described(repository_of(exchange))}) if answer.succeeded else answer


def _describe_repository(exchange: Exchange, _runtime: Runtime) -> Answer:
    return exchange.call.reply({"repository": described(repository_of(exchange))})


def _list_repositories(exchange: Exchange, _runtime: Runtime) -> Answer:
    """Lists the repositories of the caller's account, by prefix and in one domain if the call names them."""
    call, given = exchange.call, exchange.call.parameters
    if "domain" in given:
        find_domain(exchange.memory, owner_of(exchange), call.region, str(given["domain"]))
    place = Place(owner_of(exchange), call.region, SERVICE)
    found = [
        {name: value for name, value in described(record).items() if name in _LISTED}
        for record in exchange.memory.store.records(place, REPOSITORY)
        if record.values["domain"] == given.get("domain", record.values["domain"])
        and str(record.values["repository"]).startswith(given.get("repositoryPrefix") or "")
    ]
    return call.reply({"repositories": sorted(found, key=lambda domain: (domain["domainName"], domain["name"]))})


def _update_repository(exchange: Exchange, _runtime: Runtime) -> Answer:
    record, given = repository_of(exchange), exchange.call.parameters
    record.values |= {name: given[name] for name in ("description", "upstreams") if given.get(name) is not None}
    return exchange.call.reply({"repository": described(record)})


def _delete_repository(exchange: Exchange, _runtime: Runtime) -> Answer:
    record = repository_of(exchange)
    exchange.memory.store.remove(record)
    return exchange.call.reply({"repository": described(record)})


def _describe_domain(exchange: Exchange, _runtime: Runtime) -> Answer:
    owner, name = owner_of(exchange), str(exchange.call.parameters["domain"])
    record = find_domain(exchange.memory, owner, exchange.call.region, name)
    place = Place(owner, exchange.call.region, SERVICE)
    held = [
        candidate
        for candidate in exchange.memory.store.records(place, REPOSITORY)
        if candidate.values["domain"] == name
    ]
    domain = {
        "name": name,
        "owner": owner,
        "arn": record.arn,
        "status": "Active",
        "createdTime": record.created,
        "encryptionKey": record.values.get("encryptionKey"),
        "repositoryCount": len(held),
        "assetSizeBytes": 0,
    }
    return exchange.call.reply({"domain": domain})


def _delete_domain(exchange: Exchange, runtime: Runtime) -> Answer:
    """Deletes a domain without repositories. Deleting one that does not exist succeeds (CodeArtifact API)."""
    owner, name = owner_of(exchange), str(exchange.call.parameters["domain"])
    place = Place(owner, exchange.call.region, SERVICE)
    if any(repository.values["domain"] == name for repository in exchange.memory.store.records(place, REPOSITORY)):
        raise AwsError("ConflictException", f"Domain '{name}' contains repositories. Delete them first.")
    record = exchange.memory.store.find(place, DOMAIN, {"domain": name})
    if record is None:
        return exchange.call.reply({})
    answer = _describe_domain(exchange, runtime)
    exchange.memory.store.remove(record)
    return answer


def _associate(exchange: Exchange, _runtime: Runtime) -> Answer:
    record = repository_of(exchange)
    connect(record, str(exchange.call.parameters["externalConnection"]))
    return exchange.call.reply({"repository": described(record)})


def _disassociate(exchange: Exchange, _runtime: Runtime) -> Answer:
    record = repository_of(exchange)
    disconnect(record, str(exchange.call.parameters["externalConnection"]))
    return exchange.call.reply({"repository": described(record)})


def _authorization_token(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    domain = find_domain(exchange.memory, owner_of(exchange), call.region, str(given["domain"]))
    expires = tokens.expiry(given.get("durationSeconds"), _session_end(call.account, call.access_key))
    token = tokens.issue(tokens.Token(call.access_key, domain.arn, expires), runtime.outside.directory)
    return call.reply({"authorizationToken": token, "expiration": datetime.fromtimestamp(expires, UTC)})


def _session_end(account: str, access_key: str) -> float | None:
    """Returns the end of the session of a role, or None for another access key."""
    roles = sts_backends[account]["aws"].assumed_roles
    ends = (role.expiration for role in roles if role.access_key_id == access_key)
    return next((end.replace(tzinfo=end.tzinfo or UTC).timestamp() for end in ends), None)


def _endpoint(exchange: Exchange, _runtime: Runtime) -> Answer:
    record, given = repository_of(exchange), exchange.call.parameters
    if given.get("endpointType") == "dualstack":
        raise AwsError("NotImplementedBySandbox", "The sandbox serves repositories at their IPv4 endpoints only.")
    place = record.place
    host = f"{record.values['domain']}-{place.account}.d.codeartifact.{place.region}.amazonaws.com"
    url = f"https://{host}/{given['format']}/{record.values['repository']}/"
    return exchange.call.reply({"repositoryEndpoint": url})


def _package_version_assets(exchange: Exchange, runtime: Runtime) -> Answer:
    record, given = repository_of(exchange), exchange.call.parameters
    project, version = normalized(str(given["package"])), str(given["packageVersion"])
    held = Retained(runtime.outside.directory, record)
    assets = [
        {"name": file.name, "size": len(held.content(project, file.name) or b""), "hashes": {"SHA-256": digest}}
        for file in held.files(project)
        if version_of(file.name) == version and (digest := file.hashes["sha256"])
    ]
    if not assets:
        raise AwsError(
            "ResourceNotFoundException", f"Package version not found. Package '{project}' version {version}."
        )
    named = {name: given[name] for name in ("format", "package")}
    return exchange.call.reply({**named, "version": version, "assets": assets})


def _copy(exchange: Exchange, runtime: Runtime) -> Answer:
    """Copies versions between two repositories of a domain (CodeArtifact User Guide, "Copy packages between
    repositories")."""
    call, given = exchange.call, exchange.call.parameters
    where, domain = (owner_of(exchange), call.region), str(given["domain"])
    if given["format"] != "pypi" or given.get("versionRevisions") or given.get("includeFromUpstream"):
        message = "The sandbox copies versions of Python packages, by version, that the source repository has."
        raise AwsError("NotImplementedBySandbox", message)
    if not given.get("versions"):
        raise AwsError("ValidationException", "One of versions and versionRevisions is required.")
    if given["sourceRepository"] == given["destinationRepository"]:
        raise AwsError("ValidationException", "Source and destination must be different repositories.")
    source, target = (
        Retained(runtime.outside.directory, find_repository(exchange.memory, *where, domain, str(given[name])))
        for name in ("sourceRepository", "destinationRepository")
    )
    project = normalized(str(given["package"]))
    sourced, copied = source.files(project), source.copied(project)
    if not (sourced or copied):
        raise AwsError("ResourceNotFoundException", f"Package not found. Package '{project}' in the source repository.")
    done: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    held = {version_of(file.name) for file in target.files(project)} | target.copied(project)
    for version in given["versions"]:
        names = [file.name for file in sourced if version_of(file.name) == version]
        if not names and version not in copied:
            failed[version] = {"errorCode": "NOT_FOUND", "errorMessage": f"Package version {version} not found."}
        elif version in held and not given.get("allowOverwrite"):
            failed[version] = {"errorCode": "ALREADY_EXISTS", "errorMessage": f"Package version {version} exists."}
        else:
            target.copy(project, version, source, names)
            done[version] = {"revision": mock_random.get_random_hex(44), "status": "Published"}
    return call.reply({"successfulVersions": done, "failedVersions": failed})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "AssociateExternalConnection": _associate,
    "CopyPackageVersions": _copy,
    "CreateRepository": _create_repository,
    "DeleteDomain": _delete_domain,
    "DeleteDomainPermissionsPolicy": policies.delete,
    "DeleteRepository": _delete_repository,
    "DeleteRepositoryPermissionsPolicy": policies.delete,
    "DescribeDomain": _describe_domain,
    "DescribeRepository": _describe_repository,
    "DisassociateExternalConnection": _disassociate,
    "GetAuthorizationToken": _authorization_token,
    "GetDomainPermissionsPolicy": policies.get,
    "GetRepositoryEndpoint": _endpoint,
    "GetRepositoryPermissionsPolicy": policies.get,
    "ListPackageVersionAssets": _package_version_assets,
    "ListRepositories": _list_repositories,
    "ListRepositoriesInDomain": _list_repositories,
    "PutDomainPermissionsPolicy": policies.put,
    "PutRepositoryPermissionsPolicy": policies.put,
    "UpdateRepository": _update_repository,
}
