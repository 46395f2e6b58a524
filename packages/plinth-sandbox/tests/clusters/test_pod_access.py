"""Access to AWS from pods of a cluster in Auto Mode: the Pulumi engine in a pod, and the credentials of pods."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clusters.api import eventually
from clusters.pods import paused, pod
from clusters.site_of_clusters import PODS, Cluster, pushed
from plinth_sandbox import engine, plugin
from plinth_sandbox.engine.image import image_with_engine
from plinth_sandbox.executors.images import name_environment
from plinth_sandbox.kubernetes.administrator import Administrator
from plinth_sandbox.kubernetes.certificates import CERTIFICATES, Certificates
from plinth_sandbox.layout import Layout
from plinth_sandbox.testing import TokenIssuer, refusal

pytestmark = pytest.mark.nightly

ENGINE_REPOSITORY = "platform/plinth"
HOME = {"emptyDir": {"sizeLimit": "200Mi"}}
"""A writable home directory, the only place that a restricted pod can write to."""


@pytest.fixture(scope="module")
def engine_image(cluster: Cluster) -> str:
    """Pushes the environment of the tests with the engine, and returns the name of the image."""
    aws = cluster.site.aws
    layout, programs = Layout(aws.directory.parent), engine.provide().binary_directory
    plugin.install(layout, "plinth", programs)
    folder = image_with_engine(layout.programs, Path(sys.prefix), programs, layout.pulumi_home)
    aws.client("ecr", cluster.site.account).create_repository(repositoryName=ENGINE_REPOSITORY)
    name_environment(aws.directory / "images.json", f"*/{ENGINE_REPOSITORY}:*", folder)
    image = f"{cluster.image.partition('/')[0]}/{ENGINE_REPOSITORY}"
    return f"{image}@{pushed(cluster, f'{image}:1')}"


def test_the_engine_and_the_commands_run_in_a_restricted_pod_without_a_writable_folder(
    cluster: Cluster, engine_image: str
) -> None:
    script = "pulumi version && plinth --help && test ! -w / && test ! -w /tmp && test ! -w $HOME"
    said = cluster.run(pod("engine", engine_image, "sh", "-c", script))
    assert said.startswith(engine.provide().version)
    assert "Usage: plinth" in said


PROGRAM = """
import pulumi, pulumi_aws as aws
bucket = aws.s3.Bucket("deployed", bucket="deployed-by-a-pod")
pulumi.export("arn", bucket.arn)
"""


def test_a_pod_deploys_a_stack_with_its_state_in_a_bucket(cluster: Cluster, engine_image: str) -> None:
    aws, account = cluster.site.aws, cluster.site.account
    s3 = aws.client("s3", account)
    location = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket="state-of-pods", CreateBucketConfiguration=location)
    script = (
        "cd $HOME && printf 'name: small\\nruntime: python\\n' > Pulumi.yaml && "
        "printf '%s' \"$PROGRAM\" > __main__.py && "
        "pulumi stack init one && pulumi up --yes --skip-preview && pulumi stack output arn"
    )
    said = cluster.run(with_home(pod("deploying", engine_image, "sh", "-c", script, env=[
        {"name": "PROGRAM", "value": PROGRAM},
        {"name": "PULUMI_BACKEND_URL", "value": "s3://state-of-pods"},
        {"name": "PULUMI_CONFIG_PASSPHRASE", "value": "pods"},
        *keys(cluster),
    ])))  # fmt: skip
    assert said.endswith("arn:aws:s3:::deployed-by-a-pod\n")
    assert "deployed-by-a-pod" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    stored = s3.list_objects_v2(Bucket="state-of-pods", Prefix=".pulumi/stacks/")["Contents"]
    assert any(object_["Key"].endswith("small/one.json") for object_ in stored)


def with_home(made: dict[str, Any]) -> dict[str, Any]:
    """Gives a pod a writable home directory below /tmp, where the environment of the tests may be too."""
    (container,) = made["spec"]["containers"]
    container["env"] = [*container.get("env", []), {"name": "HOME", "value": "/tmp/home"}]
    container["volumeMounts"] = [{"name": "home", "mountPath": "/tmp/home"}, {"name": "scratch", "mountPath": "/tmp"}]
    made["spec"]["volumes"] = [{"name": "home", **HOME}, {"name": "scratch", **HOME}]
    return made


def keys(cluster: Cluster) -> list[dict[str, str]]:
    issued = cluster.site.aws.credentials(cluster.site.account)
    return [{"name": name.upper(), "value": value} for name, value in issued.items()]


ROLE = "scoring"
CREDENTIALS = "pods.eks.amazonaws.com"


@pytest.fixture(scope="module")
def associated(cluster: Cluster) -> str:
    """Associates a role with the service account ``scoring``, and returns its ARN."""
    return associate(cluster, ROLE)


def associate(cluster: Cluster, name: str, conditions: dict[str, Any] | None = None) -> str:
    """Creates a service account and a role of the same name with an association. The role reads the bucket of its
    namespace and assumes other roles."""
    iam = cluster.site.aws.client("iam", cluster.site.account)
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": CREDENTIALS},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    statement |= {"Condition": conditions} if conditions else {}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    own = "arn:aws:s3:::of-${aws:PrincipalTag/kubernetes-namespace}"
    allowed = [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": own},
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    cluster.ask("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": name}})
    cluster.site.eks.create_pod_identity_association(
        clusterName="main", namespace="default", serviceAccount=name, roleArn=arn
    )
    return arn


def as_account(made: dict[str, Any], name: str) -> dict[str, Any]:
    return {**made, "spec": {**made["spec"], "serviceAccountName": name}}


IDENTITY = """
import boto3, botocore.exceptions, json
found = {"arn": boto3.client("sts").get_caller_identity()["Arn"]}
def outcome(call, **given):
    try:
        call(**given)
        return "allowed"
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
s3 = boto3.client("s3")
for bucket in ("of-default", "of-others"):
    found[bucket] = outcome(s3.list_objects_v2, Bucket=bucket)
chained = boto3.client("sts").assume_role(RoleArn=CHAINED, RoleSessionName="chained")["Credentials"]
keys = dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
                (chained["AccessKeyId"], chained["SecretAccessKey"], chained["SessionToken"])))
found["chained"] = outcome(boto3.client("s3", **keys).list_objects_v2, Bucket="of-default")
found["chained elsewhere"] = outcome(boto3.client("s3", **keys).list_objects_v2, Bucket="of-others")
print(json.dumps(found))
"""


def test_boto3_in_a_pod_has_the_role_of_its_service_account_and_tags_that_follow_it(
    cluster: Cluster, image: str, associated: str
) -> None:
    aws, account = cluster.site.aws, cluster.site.account
    s3, iam = aws.client("s3", account), aws.client("iam", account)
    for bucket in ("of-default", "of-others"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    # Without the tags of the pod, its trust and its policy refuse everything.
    condition = {"StringEquals": {"aws:PrincipalTag/kubernetes-service-account": ROLE}}
    trust = {"Effect": "Allow", "Principal": {"AWS": associated}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**trust, "Condition": condition}]})
    chained = iam.create_role(RoleName="chained", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    own = "arn:aws:s3:::of-${aws:PrincipalTag/kubernetes-namespace}"
    allowed = [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": own}]
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName="chained", PolicyName="own", PolicyDocument=document)
    script = IDENTITY.replace("=CHAINED", f"={chained!r}")
    found = json.loads(cluster.run(as_account(pod("identified", image, "python3", "-c", script), ROLE)))
    assert f"assumed-role/{ROLE}/eks-main-identified-" in found.pop("arn")
    assert found == {
        "of-default": "allowed", "of-others": "AccessDenied", "chained": "allowed", "chained elsewhere": "AccessDenied",
    }  # fmt: skip


def test_tokens_that_do_not_stand_for_a_pod_with_an_association_are_refused(cluster: Cluster, associated: str) -> None:
    elsewhere = {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "others"}}
    associate(cluster, "untrusted", elsewhere)
    cluster.ask("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "unassociated"}})
    holders = {}
    for account in (ROLE, "untrusted", "unassociated"):
        made = cluster.ask(PODS, as_account(paused(f"holder-{account}"), account))
        holders[account] = {"kind": "Pod", "apiVersion": "v1", "name": made["metadata"]["name"]}

    good = token(cluster, ROLE, CREDENTIALS, holders[ROLE])
    answered = eks_auth(cluster).assume_role_for_pod_identity(clusterName="main", token=good)
    assert answered["subject"] == {"namespace": "default", "serviceAccount": ROLE}
    assert f":assumed-role/{associated.rpartition('/')[2]}/eks-main-holder-scori-" in answered["assumedRoleUser"]["arn"]

    def code(text: str, name: str = "main") -> str:
        return refusal(eks_auth(cluster).assume_role_for_pod_identity, clusterName=name, token=text)

    assert code(good, "missing") == "ResourceNotFoundException"
    assert code(token(cluster, "unassociated", CREDENTIALS, holders["unassociated"])) == "ResourceNotFoundException"
    assert code(token(cluster, "untrusted", CREDENTIALS, holders["untrusted"])) == "AccessDeniedException"
    assert code(token(cluster, ROLE, "sts.amazonaws.com", holders[ROLE])) == "InvalidTokenException"
    assert code(token(cluster, ROLE, CREDENTIALS, None)) == "InvalidTokenException"
    assert code("no.token.atall") == "InvalidTokenException"
    own, claims = issuer_of(cluster), claims_of(good)
    assert code(own.token(**{**claims, "exp": claims["iat"] - 60})) == "ExpiredTokenException"
    assert code(TokenIssuer(own.url, key_id=own.key_id).token(**claims)) == "InvalidTokenException"
    cluster.ask(f"{PODS}/holder-{ROLE}?gracePeriodSeconds=0", method="DELETE")
    # The API server keeps what it knows about a token for ten seconds.
    assert eventually(lambda: is_refused(cluster, good))


def is_refused(cluster: Cluster, text: str) -> bool:
    try:
        eks_auth(cluster).assume_role_for_pod_identity(clusterName="main", token=text)
    except ClientError as error:
        return code_of_error(error) == "InvalidTokenException"
    return False


def code_of_error(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def eks_auth(cluster: Cluster) -> Any:
    return cluster.site.aws.client("eks-auth", cluster.site.account)


def token(cluster: Cluster, account: str, audience: str, holder: dict[str, str] | None) -> str:
    """Returns a token of a service account for a pod, as kubelet requests it."""
    bound = {"boundObjectRef": holder} if holder else {}
    asked = {"spec": {"audiences": [audience], "expirationSeconds": 3600, **bound}}
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", **asked}
    path = f"/api/v1/namespaces/default/serviceaccounts/{account}/token"
    return str(cluster.ask(path, request)["status"]["token"])


def claims_of(text: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(text.split(".")[1] + "==")))


def issuer_of(cluster: Cluster) -> TokenIssuer:
    """Returns the issuer of the cluster's tokens, with its key."""
    url = cluster.site.described()["identity"]["oidc"]["issuer"]
    folder = cluster.site.aws.directory / "kubernetes" / url.rpartition("/")[2]
    key = load_pem_private_key((folder / "certificates" / "service-accounts-key.pem").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    (known,) = Administrator(cluster.site.described()["endpoint"], Certificates(folder / CERTIFICATES)).token_keys()
    return TokenIssuer(url, key, known["kid"])


AGENT = """
import os, urllib.error, urllib.request
token = open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read()
for authorization in (token, ""):
    request = urllib.request.Request(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
    request.add_header("Authorization", authorization)
    try: print(urllib.request.urlopen(request, timeout=60).status)
    except urllib.error.HTTPError as error: print(error.code, error.read().decode())
"""


def test_a_node_whose_role_may_not_exchange_tokens_gives_no_credentials(
    cluster: Cluster, image: str, associated: str
) -> None:
    iam = cluster.site.aws.client("iam", cluster.site.account)
    denied = {"Effect": "Deny", "Action": "eks-auth:AssumeRoleForPodIdentity", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    iam.put_role_policy(RoleName="node", PolicyName="denied", PolicyDocument=document)
    try:
        said = cluster.run(as_account(pod("denied", image, "python3", "-c", AGENT), ROLE)).splitlines()
    finally:
        iam.delete_role_policy(RoleName="node", PolicyName="denied")
    assert "AccessDeniedException" in said[0]
    assert "assumed-role/node/i-" in said[0]
    assert said[1] == "400 Service account token cannot be empty"
    assert cluster.run(as_account(pod("allowed", image, "python3", "-c", AGENT), ROLE)).startswith("200\n")


def test_the_webhook_prepares_all_containers_and_changes_nothing_that_a_pod_sets(
    cluster: Cluster, associated: str
) -> None:
    made = as_account(paused("prepared"), ROLE)
    first = {**made["spec"]["containers"][0], "env": [{"name": "AWS_REGION", "value": "eu-north-1"}]}
    made["spec"] |= {"initContainers": [{**first, "name": "first"}]}
    skipped = {**first, "name": "skipped"}
    made["spec"]["containers"] = [*made["spec"]["containers"], skipped]
    made["metadata"]["annotations"] = {"eks.amazonaws.com/skip-containers": "skipped"}
    seen = cluster.ask(f"{PODS}?dryRun=All", made)["spec"]
    (volume,) = [candidate for candidate in seen["volumes"] if candidate["name"] == "eks-pod-identity-token"]
    (source,) = volume["projected"]["sources"]
    assert source["serviceAccountToken"]["audience"] == CREDENTIALS
    values = {
        container["name"]: {variable["name"]: variable["value"] for variable in container.get("env", [])}
        for container in [*seen["initContainers"], *seen["containers"]]
    }
    assert values["main"]["AWS_CONTAINER_CREDENTIALS_FULL_URI"] == "http://169.254.170.23/v1/credentials"
    assert values["first"]["AWS_CONTAINER_CREDENTIALS_FULL_URI"] == "http://169.254.170.23/v1/credentials"
    assert values["first"]["AWS_REGION"] == "eu-north-1"
    assert values["skipped"] == {"AWS_REGION": "eu-north-1"}
    without = cluster.ask(f"{PODS}?dryRun=All", paused("other"))["spec"]
    assert "env" not in without["containers"][0]


def test_a_pod_whose_service_account_names_a_role_gets_it_with_its_token(cluster: Cluster, image: str) -> None:
    iam, issuer = cluster.site.aws.client("iam", cluster.site.account), issuer_of(cluster).url
    host = issuer.removeprefix("https://")
    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
    subject = "system:serviceaccount:default:named"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": subject}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_role(RoleName="named", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    for name in ("named", "other"):
        metadata = {"name": name, "annotations": {"eks.amazonaws.com/role-arn": arn}}
        cluster.ask("/api/v1/namespaces/default/serviceaccounts", {"metadata": metadata})
    script = (
        "import boto3, botocore.exceptions\n"
        "try: print(boto3.client('sts').get_caller_identity()['Arn'])\n"
        "except botocore.exceptions.ClientError as error: print(error.response['Error']['Code'])"
    )
    assert ":assumed-role/named/" in cluster.run(as_account(pod("named", image, "python3", "-c", script), "named"))
    said = cluster.run(as_account(pod("other-account", image, "python3", "-c", script), "other"))
    assert said == "AccessDenied\n"
