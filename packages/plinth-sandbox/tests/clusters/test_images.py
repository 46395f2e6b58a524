"""Images that pods of a cluster in Auto Mode pull from the emulated ECR."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from clusters.api import eventually
from clusters.pods import pod
from clusters.site_of_clusters import PODS, REPOSITORY, Cluster, pushed, put
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.executors.images import name_environment
from plinth_sandbox.kubernetes.node.oci import digest_of

pytestmark = pytest.mark.nightly


def test_an_image_is_pulled_by_a_tag_that_ecr_has_and_not_by_another(cluster: Cluster, image: str) -> None:
    assert cluster.run(pod("tagged", f"{cluster.image}:1", "echo", "hello")) == "hello\n"
    missing = cluster.why_waiting(pod("missing", f"{cluster.image}:2", "true"))
    assert f"{cluster.image}:2: not found" in missing
    elsewhere = cluster.why_waiting(pod("elsewhere", f"{cluster.image}-other:1", "true"))
    assert f"{cluster.image}-other:1: not found" in elsewhere


def test_a_pushed_image_is_the_one_that_ecr_has_and_a_repeated_push_changes_nothing(
    cluster: Cluster, image: str
) -> None:
    digest = pushed(cluster, f"{cluster.image}:1")
    ecr = cluster.site.aws.client("ecr", cluster.site.account)
    wanted = [{"imageTag": "1"}]
    (found,) = ecr.describe_images(repositoryName=REPOSITORY, imageIds=wanted)["imageDetails"]
    assert image == f"{cluster.image}@{digest}"
    assert found["imageDigest"] == digest


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("{}-missing:1", "no environment stands for"),
        ("{}@sha256:00", "is not an image of ECR"),
        ("{}/other:1", "cannot be pushed"),
    ],
)
def test_an_image_that_cannot_be_pushed_is_refused_with_the_reason(cluster: Cluster, image: str, why: str) -> None:
    name_environment(cluster.site.aws.directory / "images.json", "*/other:*", Path(sys.prefix))
    with pytest.raises(SetUpError, match=why):
        pushed(cluster, image.format(cluster.image))


def test_an_immutable_tag_of_another_image_is_refused_and_an_image_without_a_tag_gets_one_of_its_own(
    cluster: Cluster, tmp_path: Path
) -> None:
    ecr, images = cluster.site.aws.client("ecr", cluster.site.account), cluster.site.aws.directory / "images.json"
    ecr.create_repository(repositoryName="fixed", imageTagMutability="IMMUTABLE")
    repository = f"{cluster.image.partition('/')[0]}/fixed"
    name_environment(images, "*/fixed:*", Path(sys.prefix))
    first = pushed(cluster, f"{repository}:1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    name_environment(images, "*/fixed:*", tmp_path)
    with pytest.raises(SetUpError, match="the tags of the repository are immutable"):
        pushed(cluster, f"{repository}:1")
    second = pushed(cluster, repository)
    assert second == pushed(cluster, repository) != first
    tags = {
        image_detail["imageDigest"]: image_detail["imageTags"]
        for image_detail in ecr.describe_images(repositoryName="fixed")["imageDetails"]
    }
    assert tags == {first: ["1"], second: [second.removeprefix("sha256:")[:12]]}


def test_an_image_that_somebody_else_pushed_is_the_environment_by_its_tag_only(cluster: Cluster) -> None:
    empty = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "a/b", "config": empty, "layers": [empty]})
    put(cluster, "foreign", manifest, digest_of(manifest.encode()))
    assert cluster.run(pod("foreign", f"{cluster.image}:foreign", "echo", "hello")) == "hello\n"
    unknown = f"{cluster.image}@{digest_of(manifest.encode())}"
    assert "not found" in cluster.why_waiting(pod("unknown", unknown, "true"))


def test_a_node_whose_role_may_not_pull_is_refused(cluster: Cluster, image: str) -> None:
    iam = cluster.site.aws.client("iam", cluster.site.account)
    denied = {"Effect": "Deny", "Action": "ecr:BatchGetImage", "Resource": f"arn:aws:ecr:*:*:repository/{REPOSITORY}"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    iam.put_role_policy(RoleName="node", PolicyName="denied", PolicyDocument=document)
    try:
        specification = pod("denied", f"{cluster.image}:1", "true", imagePullPolicy="Always")
        assert "403 Forbidden" in cluster.why_waiting(specification)
    finally:
        iam.delete_role_policy(RoleName="node", PolicyName="denied")
    eventually(lambda: cluster.ask(f"{PODS}/denied")["status"]["phase"] == "Succeeded")


def test_only_the_node_of_a_cluster_may_pull(cluster: Cluster) -> None:
    identifier = cluster.site.described()["identity"]["oidc"]["issuer"].rpartition("/")[2]
    path = f"/_sandbox/kubernetes/{identifier}/registry/{REPOSITORY}/manifests/1?ns={cluster.image.partition('/')[0]}"
    with pytest.raises(HTTPError) as refused:
        urlopen(cluster.site.aws.url + path)
    assert refused.value.code == 404
