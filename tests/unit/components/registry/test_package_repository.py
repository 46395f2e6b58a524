import pytest

from components.registry.package_repository import PackageRepository, PackageRepositoryArgs
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import KEY, ORGANIZATION

DOMAIN = "aws:codeartifact/domain:Domain"
REPOSITORY = "aws:codeartifact/repository:Repository"
POLICIES = {
    "aws:codeartifact/domainPermissions:DomainPermissions": {"codeartifact:GetAuthorizationToken"},
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": {
        "codeartifact:GetRepositoryEndpoint",
        "codeartifact:ReadFromRepository",
    },
}


def packages(*, upstream="pypi", preview=False):
    args = PackageRepositoryArgs(
        domain_name="acme",
        repository_name="pypi",
        key_arn=KEY,
        organization_id=ORGANIZATION,
        upstream=upstream,
        tags={"plinth:use": "builds"},
    )
    return deploy(lambda: PackageRepository("packages", args), preview=preview)


@pytest.mark.parametrize("preview", [False, True])
def test_the_domain_encrypts_packages_with_the_given_key(preview):
    recorder = packages(preview=preview)
    assert recorder.one(DOMAIN).inputs == {
        "domain": "acme",
        "encryptionKey": KEY,
        "tags": {"plinth:use": "builds"},
    }
    repository = recorder.one(REPOSITORY).inputs
    assert (repository["domain"], repository["repository"]) == ("acme", "pypi")


def test_packages_come_from_pypi_only_if_the_upstream_is_enabled():
    assert packages().one(REPOSITORY).inputs["externalConnections"] == {"externalConnectionName": "public:pypi"}
    assert "externalConnections" not in packages(upstream="none").one(REPOSITORY).inputs


@pytest.mark.parametrize("preview", [False, True])
def test_reviewed_packages_come_from_pypi_to_a_repository_from_which_no_role_installs(preview):
    recorder = packages(upstream="reviewed", preview=preview)
    builds, public = recorder.one(REPOSITORY, "packages").inputs, recorder.one(REPOSITORY, "packages-public").inputs
    assert (builds["repository"], public["repository"]) == ("pypi", "pypi-public")
    assert "externalConnections" not in builds
    assert public["externalConnections"] == {"externalConnectionName": "public:pypi"}
    policy = recorder.one("aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy")
    assert policy.inputs["repository"] == "pypi"


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("type_", POLICIES)
def test_only_roles_of_the_foundation_in_the_organization_may_read(type_, preview):
    policy = packages(preview=preview).one(type_)
    (statement,) = statements(policy, "policyDocument").values()
    assert set(as_list(statement["Action"])) == POLICIES[type_]
    assert statement["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/plinth/*"},
    }
