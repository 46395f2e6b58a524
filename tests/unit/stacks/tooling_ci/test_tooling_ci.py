"""The runners in the Kubernetes cluster of the tooling account."""

import json
from functools import cache

import pytest

from settings.derived.stack_graph import StackIdentity
from settings.organization.cluster.ci_runners import CiTeamSettings
from settings.organization.cluster.tooling_cluster import ClusterSettings
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team
from tests.support.variants import CI, PACKAGES

STACK, PLATFORM = StackIdentity("tooling-ci"), StackIdentity("tooling-platform")
TEAMS = {"fraud": CiTeamSettings(jobs=3, cpus=2, memory_gib=8), "churn": CiTeamSettings()}


@cache
def foundation(*, runs=True, packages=True, proxy=True):
    ci = CI.model_copy(update={"teams": TEAMS, **({} if proxy else {"proxy": None})})
    cluster = ClusterSettings(ci=ci if runs else None)
    organization = example_organization(tooling_cluster=cluster, **(PACKAGES if packages else {}))
    return example_foundation(organization=organization, teams=[example_team(), example_team("churn", "10.1.32.0/19")])


@cache
def deployment(**changes):
    return Deployment(foundation(**changes))


def built(**changes):
    return deployment(**changes)["tooling-ci"]


def named(kind, name, namespace=None):
    """Returns the inputs of the one object of a kind with a name."""
    (found,) = (
        resource.inputs
        for resource in built().all(kind)
        if resource.inputs["metadata"]["name"] == name
        and namespace in (None, resource.inputs["metadata"].get("namespace"))
    )
    return found


def pod_of(team):
    return named("kubernetes:apps/v1:Deployment", team)["spec"]["template"]["spec"]


def variables_of(team):
    return {variable["name"]: variable.get("value") for variable in pod_of(team)["containers"][0]["env"]}


def statements(role, **changes):
    """Returns the statements of a role's inline policy."""
    (policy,) = (
        role_policy
        for role_policy in built(**changes).all("aws:iam/rolePolicy:RolePolicy")
        if role_policy.inputs["role"] == role
    )
    return json.loads(policy.inputs["policy"])["Statement"]


def test_the_stack_is_in_the_account_of_the_cluster_after_what_admits_its_pods():
    assert PLATFORM in foundation().stacks[STACK]
    assert foundation().account_of_stack(STACK) == foundation().account_of_stack(PLATFORM)


def test_without_the_setting_there_is_no_such_stack():
    assert STACK not in foundation(runs=False).stacks


def test_each_team_has_a_runner_and_a_namespace_whose_quota_is_that_of_its_jobs():
    assert {resource.inputs["metadata"]["name"] for resource in built().all("kubernetes:apps/v1:Deployment")} == {
        "fraud",
        "churn",
    }
    quota = named("kubernetes:core/v1:ResourceQuota", "quota", "plinth-ci-fraud")["spec"]["hard"]
    expected = {"pods": "3", "requests.cpu": "6", "requests.memory": "24Gi", "limits.memory": "24Gi"}
    assert expected.items() <= quota.items()
    for namespace in ("plinth-ci", "plinth-ci-fraud", "plinth-ci-churn"):
        labels = named("kubernetes:core/v1:Namespace", namespace)["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_token_is_in_the_state_and_people_store_it():
    secret = next(
        resource
        for resource in built().all("aws:secretsmanager/secret:Secret")
        if resource.inputs["name"] == "plinth/ci/fraud"
    )
    assert not [
        resource
        for resource in built().resources
        if "secretVersion" in resource.type
        or (resource.type.endswith(":Secret") and resource.type.startswith("kubernetes:"))
    ]
    assert secret.inputs["kmsKeyId"] == statements("tooling-ci-fraud")[1]["Resource"]
    assert built().exports["token_secrets"]["fraud"] == variables_of("fraud")["CI_TOKEN_SECRET"]
    assert not any(text in json.dumps(pod_of("fraud")) for text in ("glrt-", "AKIA", "valueFrom"))


def test_a_runner_reads_its_own_token_and_nothing_else():
    read, decrypt = statements("tooling-ci-fraud")
    assert (read["Action"], read["Resource"]) == (
        "secretsmanager:GetSecretValue",
        built().exports["token_secrets"]["fraud"],
    )
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    associations = {
        association.inputs["roleArn"].rpartition("/")[2]: (
            association.inputs["namespace"],
            association.inputs["serviceAccount"],
        )
        for association in built().all("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    }
    assert associations == {
        "tooling-ci-fraud": ("plinth-ci", "fraud"),
        "tooling-ci-fraud-jobs": ("plinth-ci-fraud", "job"),
        "tooling-ci-churn": ("plinth-ci", "churn"),
        "tooling-ci-churn-jobs": ("plinth-ci-churn", "job"),
    }


def test_jobs_install_packages_and_have_no_role_without_a_package_repository():
    assert [statement["Sid"] for statement in statements("tooling-ci-fraud-jobs")] == [
        "InstallPackages",
        "BearTokensOfCodeArtifact",
    ]
    without = built(packages=False)
    names = {role.inputs["name"] for role in without.all("aws:iam/role:Role")}
    assert names == {"tooling-ci-fraud", "tooling-ci-churn"}
    assert without.exports["job_role_arns"] == {}


def test_a_runner_may_use_the_namespace_of_its_own_jobs_and_reads_no_secret_there():
    roles = {
        role.inputs["metadata"]["namespace"]: role.inputs
        for role in built().all("kubernetes:rbac.authorization.k8s.io/v1:Role")
    }
    assert roles.keys() == {"plinth-ci-fraud", "plinth-ci-churn"}
    verbs = {resource: rule["verbs"] for rule in roles["plinth-ci-fraud"]["rules"] for resource in rule["resources"]}
    assert verbs["secrets"] == ["create", "delete", "update"]
    assert not {"pods/ephemeralcontainers", "pods/portforward", "serviceaccounts/token"} & verbs.keys()
    binding = named("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "fraud", "plinth-ci-fraud")
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "fraud", "namespace": "plinth-ci"}]


@pytest.mark.threat("T-30")
def test_an_admission_policy_decides_about_each_pod_of_a_runner_before_the_runner_may_create_one():
    policies = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
    spec = named(policies, "plinth-ci-fraud")["spec"]
    (condition,) = spec["matchConditions"]
    assert condition["expression"] == "request.userInfo.username == 'system:serviceaccount:plinth-ci:fraud'"
    assert spec["matchConstraints"]["namespaceSelector"] == {
        "matchLabels": {"kubernetes.io/metadata.name": "plinth-ci-fraud"}
    }
    pods = spec["validations"][0]["expression"]
    assert 'serviceAccountName == "job"' in pods
    for digest in (CI.helper_image, *CI.job_images):
        assert digest in pods
    assert CI.image not in pods
    (denied,) = (
        resource
        for resource in built().all(f"{policies}Binding")
        if resource.inputs["spec"]["policyName"] == "plinth-ci-fraud"
    )
    (bound,) = (
        role_binding
        for role_binding in built().all("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
        if role_binding.inputs["metadata"]["namespace"] == "plinth-ci-fraud"
    )
    assert denied.urn in bound.dependencies


def test_a_runner_has_a_token_of_the_api_for_an_hour_and_finishes_its_jobs():
    pod = pod_of("fraud")
    assert pod["automountServiceAccountToken"] is False
    (projected,) = (volume["projected"]["sources"] for volume in pod["volumes"] if "projected" in volume)
    assert projected[0]["serviceAccountToken"] == {
        "audience": "https://kubernetes.default.svc",
        "expirationSeconds": 3600,
        "path": "token",
    }
    assert pod["terminationGracePeriodSeconds"] == 3600


def test_runners_and_jobs_reach_the_proxy_and_nobody_reaches_them():
    policies = [
        network_policy.inputs for network_policy in built().all("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    ]
    proxied = {
        policy["metadata"]["namespace"]: policy["spec"]
        for policy in policies
        if policy["metadata"]["name"] == "allow-proxy"
    }
    assert proxied.keys() == {"plinth-ci", "plinth-ci-fraud", "plinth-ci-churn"}
    (rule,) = proxied["plinth-ci-fraud"]["egress"]
    assert rule == {"to": [{"ipBlock": {"cidr": "10.200.4.0/22"}}], "ports": [{"port": 3128, "protocol": "TCP"}]}
    assert not any(policy["spec"].get("ingress") for policy in policies)
    assert variables_of("fraud")["CI_PROXY"] == "http://proxy.acme.example:3128"
    names = {
        network_policy.inputs["metadata"]["name"]
        for network_policy in built(proxy=False).all("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    }
    assert names == {"allow-aws", "deny-all"}


def test_definitions_of_jobs_name_the_images_of_the_outputs():
    images = built().exports["job_images"]
    assert images == json.loads(variables_of("fraud")["CI_JOB_IMAGES"])
    assert [image.partition("@")[2] for image in images] == list(CI.job_images)


def test_another_team_changes_nothing_of_the_first_one():
    ci = CI.model_copy(update={"teams": {"fraud": TEAMS["fraud"]}})
    organization = example_organization(tooling_cluster=ClusterSettings(ci=ci), **PACKAGES)
    teams = [example_team(), example_team("churn", "10.1.32.0/19")]
    alone = Deployment(example_foundation(organization=organization, teams=teams))["tooling-ci"]
    of_fraud = {resource.urn: resource.inputs for resource in alone.resources if resource.name.startswith("fraud")}
    both = {resource.urn: resource.inputs for resource in built().resources}
    assert of_fraud
    assert {urn: both[urn] for urn in of_fraud} == of_fraud


def test_each_resource_uses_the_provider_of_its_own_api():
    for package in ("aws", "kubernetes"):
        (provider,) = built().all(f"pulumi:providers:{package}")
        theirs = {resource.provider for resource in built().resources if resource.type.startswith(f"{package}:")}
        assert theirs == {provider.name}


def test_a_preview_before_the_first_deployment_shows_every_resource():
    previewed = Deployment(foundation(), preview=True)["tooling-ci"]
    assert {record.urn for record in previewed.records} == {record.urn for record in built().records}
