import json

from components.cluster.stack_runner import StackRunner, StackRunnerArgs
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, ORGANIZATION, REGION

IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/plinth@sha256:{'a' * 64}"
RBAC = "kubernetes:rbac.authorization.k8s.io/v1"
LAUNCHERS = ("arn:aws:iam::999999999999:role/platform", "arn:aws:iam::888888888888:role/runner")
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/states"


def runner(**changes):
    args = {
        "cluster_name": "plinth-tooling",
        "cluster_arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/plinth-tooling",
        "account_id": ACCOUNT,
        "organization_id": ORGANIZATION,
        "image": IMAGE,
        "launcher_group": "plinth-launchers",
        "launchers": LAUNCHERS,
        "namespace": "plinth-stacks",
        "jobs": 5,
        "cpus": 2,
        "memory_gib": 3,
        "state_bucket": "acme-states",
    }
    return StackRunner("runner", StackRunnerArgs(**args | changes))


def named(made, token, word):
    """The resource of this type whose logical name contains the word."""
    (found,) = (resource for resource in made.all(token) if word in resource.name)
    return found


def statements(made, role="identity"):
    policy = named(made, "aws:iam/rolePolicy:RolePolicy", role).inputs["policy"]
    return {each["Sid"]: each for each in json.loads(policy)["Statement"]}


def test_the_quota_admits_as_many_jobs_as_the_settings():
    hard = deploy(runner).one("kubernetes:core/v1:ResourceQuota").inputs["spec"]["hard"]
    assert (hard["pods"], hard["requests.cpu"], hard["limits.memory"]) == ("5", "10", "15Gi")


def test_pods_use_leases_and_see_each_other_and_create_nothing_else():
    made = deploy(runner)
    role = named(made, f"{RBAC}:Role", "runner-role")
    assert {(rule["resources"][0], tuple(rule["verbs"])) for rule in role.inputs["rules"]} == {
        ("leases", ("create", "get", "update")),
        ("pods", ("get",)),
    }
    binding = named(made, f"{RBAC}:RoleBinding", "runner-role")
    assert binding.inputs["subjects"] == [{"kind": "ServiceAccount", "name": "worker", "namespace": "plinth-stacks"}]
    assert role.urn in binding.dependencies
    assert made.all(f"{RBAC}:ClusterRole") == []


def test_the_role_assumes_deployers_of_the_organization_for_a_named_person():
    allowed = statements(deploy(runner))
    assert allowed["EnterAsDeployerForSomebody"]["Resource"] == "arn:aws:iam::*:role/plinth/platform-deployer"
    assert allowed["EnterAsDeployerForSomebody"]["Condition"] == {
        "StringEquals": {"aws:ResourceOrgID": ORGANIZATION},
        "Null": {"sts:SourceIdentity": "false"},
    }
    assert allowed["KeepStates"]["Resource"] == "arn:aws:s3:::acme-states/.pulumi/*"
    assert "EncryptStates" not in allowed
    assert statements(deploy(lambda: runner(state_keys=[KEY])))["EncryptStates"]["Resource"] == KEY


def test_the_boundary_of_the_role_allows_what_the_role_may_do():
    made = deploy(runner)
    boundary = json.loads(named(made, "aws:iam/policy:Policy", "runner-boundary").inputs["policy"])
    assert {each["Sid"]: each for each in boundary["Statement"]} == statements(made)


def test_the_role_belongs_to_the_service_account_of_the_binding():
    made = deploy(runner)
    association = made.one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    (account,) = (
        service_account
        for service_account in made.all("kubernetes:core/v1:ServiceAccount")
        if "default" not in service_account.name
    )
    assert (association["namespace"], association["serviceAccount"]) == ("plinth-stacks", "worker")
    assert account.inputs["metadata"] == {"name": "worker", "namespace": "plinth-stacks"}
    assert account.inputs["automountServiceAccountToken"] is False


def test_launchers_use_jobs_and_their_pods_in_one_namespace_once_the_policy_is_enforced():
    made = deploy(runner)
    role = named(made, f"{RBAC}:Role", "launchers")
    assert role.inputs["metadata"] == {"name": "launcher", "namespace": "plinth-stacks"}
    assert {(rule["resources"][0], tuple(rule["verbs"])) for rule in role.inputs["rules"]} == {
        ("jobs", ("create", "delete", "get", "patch")),
        ("pods", ("delete", "list")),
        ("pods/log", ("get",)),
    }
    binding = named(made, f"{RBAC}:RoleBinding", "launchers")
    (subject,) = binding.inputs["subjects"]
    assert (subject["kind"], subject["name"]) == ("Group", "plinth-launchers")
    enforced = made.one("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding")
    assert enforced.urn in binding.dependencies
    assert enforced.inputs["spec"]["validationActions"] == ["Deny"]


def test_launchers_start_one_container_with_the_image_and_the_command_of_the_runner_only():
    policy = deploy(runner).one("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy")
    program, _ = (validation["expression"] for validation in policy.inputs["spec"]["validations"])
    pod = "object.spec.template.spec"
    assert f"size({pod}.containers) == 1 && " in program
    assert f"size({pod}.?initContainers.orValue([])) == 0 && " in program
    assert f"one.image == {json.dumps(IMAGE)} && " in program
    assert "size(one.?args.orValue([])) == 0 && size(one.?envFrom.orValue([])) == 0 && " in program


def test_the_role_of_launchers_enters_the_cluster_as_a_member_and_may_describe_it_only():
    made = deploy(runner)
    entry = made.one("aws:eks/accessEntry:AccessEntry").inputs
    assert entry["kubernetesGroups"] == ["plinth-launchers"]
    assert entry["principalArn"].endswith("platform-launcher")
    assert made.all("aws:eks/accessPolicyAssociation:AccessPolicyAssociation") == []
    (allowed,) = statements(made, "launchers").values()
    assert (allowed["Action"], allowed["Resource"]) == ("eks:DescribeCluster", entry_cluster(made))
    trust = json.loads(named(made, "aws:iam/role:Role", "launchers").inputs["assumeRolePolicy"])["Statement"]
    (trusted,) = trust
    assert trusted["Principal"]["AWS"] == ["arn:aws:iam::888888888888:root", "arn:aws:iam::999999999999:root"]
    assert trusted["Condition"]["ArnEquals"] == {"aws:PrincipalArn": list(LAUNCHERS)}
    assert trusted["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": ORGANIZATION}


def test_without_launchers_nobody_else_than_administrators_enters_the_cluster():
    made = deploy(lambda: runner(launchers=()))
    assert made.all("aws:eks/accessEntry:AccessEntry") == []
    assert made.all("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy") == []


def entry_cluster(made):
    return f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{made.one('aws:eks/accessEntry:AccessEntry').inputs['clusterName']}"
