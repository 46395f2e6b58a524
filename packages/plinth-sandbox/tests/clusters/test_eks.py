"""Clusters of EKS whose API server runs: endpoint, access entries, access policies, restarts and deletion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from clusters.api import RefusedError, eventually
from clusters.site_of_clusters import Site, ask, token_of
from plinth_sandbox.testing import REGION, EmulatedAws, refusal

pytestmark = pytest.mark.nightly

POLICY = "arn:aws:eks::aws:cluster-access-policy/"
WHOLE = {"type": "cluster"}


@pytest.fixture(scope="module")
def aws(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with EmulatedAws(tmp_path_factory.mktemp("aws"), kubernetes=program) as server:
        yield server


@pytest.fixture(scope="module")
def site(aws: EmulatedAws) -> Site:
    account = aws.new_account("tooling")
    ec2 = aws.client("ec2", account)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    request = {
        "name": "main",
        "version": "1.35",
        "roleArn": aws.role("cluster", "eks", account),
        "resourcesVpcConfig": {"subnetIds": [subnet["SubnetId"] for subnet in subnets]},
        "accessConfig": {"authenticationMode": "API"},
    }
    made = Site(aws, account, request)
    created = made.eks.create_cluster(**request)["cluster"]
    assert created["status"] == "CREATING"
    assert "endpoint" not in created
    made.active()
    return made


def who_am_i(cluster: dict[str, Any], token: str) -> dict[str, Any]:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    return ask(cluster, token, path, body)["status"]["userInfo"]


def test_the_creator_enters_as_administrator_with_the_token_of_the_command_line(site: Site) -> None:
    cluster = site.described()
    keys = {name.upper(): value for name, value in site.aws.credentials(site.account).items()}
    variables = {**os.environ, **keys, "AWS_ENDPOINT_URL": site.aws.url, "AWS_REGION": REGION}
    command = [Path(sys.prefix) / "bin" / "aws", "eks", "get-token", "--cluster-name", "main", "--region", REGION]
    said = subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout
    token = json.loads(said)["status"]["token"]
    user = who_am_i(cluster, token)
    assert user["username"].startswith(f"arn:aws:sts::{site.account}:assumed-role/OrganizationAccountAccessRole/")
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "from-aws"}}
    assert ask(cluster, token, "/api/v1/namespaces", body)["metadata"]["name"] == "from-aws"
    assert cluster["version"] == f"1.{ask(cluster, token, '/version')['emulationMinor']}"
    assert ask(cluster, token, "/.well-known/openid-configuration")["issuer"] == cluster["identity"]["oidc"]["issuer"]


def test_a_principal_without_an_entry_and_tokens_for_others_are_refused(site: Site) -> None:
    cluster, url = site.described(), site.aws.url
    site.role("stranger")
    strange, known = site.session("stranger"), site.session("OrganizationAccountAccessRole")
    spoiled = token_of(known, url)[:-8] + "AAAAAAAA"
    other_header = token_of(known, url, header="x-other")
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=16), tick=False):
        old = token_of(known, url)
    for token in (token_of(strange, url), token_of(known, url, "other"), spoiled, other_header, old, "k8s-aws-v1.YWJj"):
        with pytest.raises(RefusedError) as refused:
            ask(cluster, token, "/api/v1/namespaces")
        assert refused.value.code == 401
    assert ask(cluster, token_of(known, url), "/api/v1/namespaces")["items"]


def test_an_entry_maps_a_role_to_user_and_groups_which_rbac_knows(site: Site) -> None:
    cluster, url = site.described(), site.aws.url
    site.entry("operator", kubernetesGroups=["operators"])
    token, administrator = (token_of(site.session(name), url) for name in ("operator", "OrganizationAccountAccessRole"))
    user = who_am_i(cluster, token)
    assert user["username"] == f"arn:aws:sts::{site.account}:assumed-role/operator/ana-acme.example"
    assert user["groups"] == ["operators", "system:authenticated"]
    assert user["extra"]["sessionname"] == ["ana@acme.example"]
    with pytest.raises(RefusedError, match=r"cannot list resource"):
        ask(cluster, token, "/api/v1/nodes")
    group = "rbac.authorization.k8s.io"
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "operators"},
        "subjects": [{"kind": "Group", "name": "operators", "apiGroup": group}],
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": group},
    }
    ask(cluster, administrator, f"/apis/{group}/v1/clusterrolebindings", binding)
    assert eventually(lambda: ask(cluster, token, "/api/v1/nodes")["kind"] == "NodeList")


def test_access_policies_allow_what_they_say_in_their_scope_and_end_with_their_association(site: Site) -> None:
    cluster, url = site.described(), site.aws.url
    arn = site.entry("viewer")
    token = token_of(site.session("viewer"), url)
    names = {"clusterName": "main", "principalArn": arn}
    scope = {"type": "namespace", "namespaces": ["kube-*"]}
    site.eks.associate_access_policy(**names, policyArn=f"{POLICY}AmazonEKSViewPolicy", accessScope=scope)
    inside, outside = "/api/v1/namespaces/kube-system/configmaps", "/api/v1/namespaces/default/configmaps"
    assert eventually(lambda: ask(cluster, token, inside)["kind"] == "ConfigMapList")
    for path, body in ((outside, None), ("/api/v1/configmaps", None), (inside, {"metadata": {"name": "x"}})):
        with pytest.raises(RefusedError) as refused:
            ask(cluster, token, path, body)
        assert refused.value.code == 403
    with pytest.raises(RefusedError):
        ask(cluster, token, "/api/v1/namespaces/kube-system/secrets")
    site.eks.associate_access_policy(**names, policyArn=f"{POLICY}AmazonEKSEditPolicy", accessScope=scope)
    eventually(lambda: ask(cluster, token, inside, {"metadata": {"name": "x"}})["metadata"]["uid"])
    for name in ("AmazonEKSViewPolicy", "AmazonEKSEditPolicy"):
        site.eks.disassociate_access_policy(**names, policyArn=f"{POLICY}{name}")

    def is_refused() -> bool:
        try:
            ask(cluster, token, inside)
        except RefusedError as error:
            return error.code == 403
        return False

    assert eventually(is_refused)


def test_a_role_of_the_same_name_does_not_inherit_the_entry(site: Site) -> None:
    cluster, url = site.described(), site.aws.url
    arn = site.entry("again")
    assert "principalId" not in site.eks.describe_access_entry(clusterName="main", principalArn=arn)["accessEntry"]
    assert who_am_i(cluster, token_of(site.session("again"), url))
    site.aws.client("iam", site.account).delete_role(RoleName="again")
    site.role("again")
    with pytest.raises(RefusedError) as refused:
        ask(cluster, token_of(site.session("again"), url), "/api")
    assert refused.value.code == 401


def test_entries_and_modes_that_eks_refuses(site: Site) -> None:
    eks, nodes, person = site.eks, site.role("nodes"), site.role("person")
    create = {"clusterName": "main", "principalArn": person}
    assert refusal(eks.create_access_entry, **create, username="ana{{SessionName}}") == "InvalidParameterException"
    eks.create_access_entry(**create, username="team:{{SessionNameRaw}}")
    user = who_am_i(site.described(), token_of(site.session("person"), site.aws.url))
    assert user["username"] == "team:ana@acme.example"
    eks.create_access_entry(clusterName="main", principalArn=nodes, type="EC2_LINUX")
    policy = {"policyArn": f"{POLICY}AmazonEKSViewPolicy", "accessScope": WHOLE}
    assert refusal(eks.associate_access_policy, clusterName="main", principalArn=nodes, **policy) == (
        "InvalidRequestException"
    )
    back = {"authenticationMode": "API_AND_CONFIG_MAP"}
    assert refusal(eks.update_cluster_config, name="main", accessConfig=back) == "InvalidParameterException"


def test_only_the_api_server_may_ask_the_webhooks(site: Site) -> None:
    identifier = site.described()["identity"]["oidc"]["issuer"].rpartition("/")[2]
    for path in ("authentication", "guessed/authentication", "/authorization"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{site.aws.url}/_sandbox/kubernetes/{identifier}/{path}", b"{}")
        assert refused.value.code == 403


def test_a_killed_emulator_comes_back_with_the_cluster_its_data_and_its_address(site: Site) -> None:
    before, url = site.described(), site.aws.url
    session = site.session("OrganizationAccountAccessRole")
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "survivor"}}
    ask(before, token_of(session, url), "/api/v1/namespaces", body)
    site.aws.restart()
    after = site.described()
    assert (after["endpoint"], after["certificateAuthority"]) == (before["endpoint"], before["certificateAuthority"])

    def look() -> Any:
        return ask(after, token_of(session, url), "/api/v1/namespaces/survivor")["metadata"]["uid"]

    assert eventually(look)


def test_an_upgrade_restarts_the_api_server_with_the_next_version_and_keeps_the_data(site: Site) -> None:
    session = site.session("OrganizationAccountAccessRole")
    update = site.eks.update_cluster_version(name="main", version="1.36")["update"]
    assert site.described()["status"] == "UPDATING"
    names = {"name": "main", "updateId": update["id"]}
    assert site.eks.describe_update(**names)["update"]["status"] == "InProgress"
    assert refusal(site.eks.delete_cluster, name="main") == "ResourceInUseException"
    cluster = site.active()
    assert site.eks.describe_update(**names)["update"]["status"] == "Successful"
    token = token_of(session, site.aws.url)
    assert eventually(lambda: ask(cluster, token, "/version"))["emulationMinor"] == "36"
    assert ask(cluster, token, "/api/v1/namespaces/kube-system")["status"]["phase"] == "Active"


def test_a_rollback_restarts_the_api_server_with_the_version_before_and_keeps_the_data(site: Site) -> None:
    session = site.session("OrganizationAccountAccessRole")
    token = token_of(session, site.aws.url)
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "since-the-upgrade"}}
    ask(site.described(), token, "/api/v1/namespaces", body)
    update = site.eks.update_cluster_version(name="main", version="1.35")["update"]
    assert update["type"] == "VersionRollback"
    cluster = site.active()
    token = token_of(session, site.aws.url)
    assert eventually(lambda: ask(cluster, token, "/version"))["emulationMinor"] == "35"
    assert ask(cluster, token, "/api/v1/namespaces/since-the-upgrade")["status"]["phase"] == "Active"
    assert site.eks.describe_update(name="main", updateId=update["id"])["update"]["status"] == "Successful"


def test_a_version_that_the_program_cannot_emulate_is_refused(site: Site) -> None:
    assert refusal(site.eks.create_cluster, **{**site.request, "name": "old", "version": "1.31"}) == (
        "NotImplementedBySandbox"
    )


def test_a_second_cluster_has_its_own_api_server_and_a_deleted_one_leaves_nothing(site: Site) -> None:
    site.eks.create_cluster(**{**site.request, "name": "second"})
    second = site.active("second")
    assert second["endpoint"] != site.described()["endpoint"]
    session = site.session("OrganizationAccountAccessRole")
    token = token_of(session, site.aws.url, "second")
    assert eventually(lambda: ask(second, token, "/api/v1/namespaces/default"))
    folder = site.aws.directory / "kubernetes" / second["identity"]["oidc"]["issuer"].rpartition("/")[2]
    assert folder.is_dir()
    site.eks.delete_cluster(name="second")
    assert refusal(site.eks.describe_cluster, name="second") == "ResourceNotFoundException"
    eventually(lambda: not folder.exists())
    with pytest.raises(OSError, match="refused"):
        ask(second, token, "/version")
