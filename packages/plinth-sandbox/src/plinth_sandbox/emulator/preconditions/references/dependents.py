"""Resources that still use what a request deletes: subnets and security groups, and profiles that own spaces.

A resource uses a subnet by the network interfaces that its service keeps in it. Those of VPC endpoints, NAT gateways
and attachments are in ``preconditions.networks``. Builds, Spark applications and jobs have interfaces only while they
run, and a Studio domain has interfaces with security groups only while an app runs; its file system has mount targets
in all its subnets.

Sources: EC2 API, DeleteSubnet and DeleteSecurityGroup; EKS User Guide, "View Amazon EKS networking requirements for VPC
and subnets"; SageMaker Developer Guide, "Connect Amazon SageMaker Studio in a VPC to external resources" and "Deploy a
model in a VPC"; Lambda Developer Guide, "Understanding Hyperplane Elastic Network Interfaces"; for profiles the words
of github.com/aws/amazon-sagemaker-feedback/issues/113 (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.preconditions.references.reference import Question, texts
from plinth_sandbox.emulator.store.record import Place, Record


@dataclass(frozen=True, slots=True)
class _User:
    """A kind of stored resources that use subnets or security groups, with the paths to them."""

    service: str
    noun: str
    subnets: str = ""
    groups: tuple[str, ...] = ()


_STORED = (
    _User("sagemaker", "Domain", "SubnetIds[]"),
    _User("sagemaker", "NotebookInstance", "SubnetId", ("SecurityGroups[]",)),
    _User(
        "eks",
        "Cluster",
        "resourcesVpcConfig.subnetIds[]",
        ("resourcesVpcConfig.securityGroupIds[]", "resourcesVpcConfig.clusterSecurityGroupId"),
    ),
    _User("network-firewall", "Firewall", "SubnetMappings[].SubnetId"),
    _User("rds", "DBCluster", groups=("VpcSecurityGroupIds[]",)),
    _User("rds", "DBInstance", groups=("VpcSecurityGroupIds[]",)),
)


def delete_subnet(question: Question) -> None:
    identifier = str(question.call.parameters["SubnetId"])
    if identifier in _subnets(question):
        raise AwsError("DependencyViolation", f"The subnet '{identifier}' has dependencies and cannot be deleted.")


def delete_group(question: Question) -> None:
    identifier = question.call.parameters.get("GroupId")
    if identifier and (identifier in _groups(question) or identifier in _groups_of_rules(question, identifier)):
        raise AwsError("DependencyViolation", f"resource {identifier} has a dependent object")


def delete_profile(question: Question) -> None:
    """Refuses to delete a profile that owns a space."""
    given = question.call.parameters
    domain, name = str(given["DomainId"]), str(given["UserProfileName"])
    for space in _records(question, "sagemaker", "Space"):
        owner = list(texts(space.values, "OwnershipSettings.OwnerUserProfileName"))
        if (space.values["DomainId"], owner) == (domain, [name]):
            call = question.call
            arn = f"arn:aws:sagemaker:{call.region}:{call.account}:user-profile/{domain}/{name}"
            message = f"Unable to delete UserProfile [{arn}] because Space(s) are associated with it."
            raise AwsError("ResourceInUse", message)


def _records(question: Question, service: str, noun: str) -> list[Record]:
    return question.memory.store.records(Place(question.call.account, question.call.region, service), noun)


def _subnets(question: Question) -> set[str]:
    stored = (
        subnet
        for user in _STORED
        for record in _records(question, user.service, user.noun)
        for subnet in texts(record.values, user.subnets)
    )
    return {*stored, *_of_functions(question, "SubnetIds[]"), *_of_endpoints(question, "Subnets[]")}


def _groups(question: Question) -> set[str]:
    stored = (
        group
        for user in _STORED
        for record in _records(question, user.service, user.noun)
        for path in user.groups
        for group in texts(record.values, path)
    )
    networks = (*_of_functions(question, "SecurityGroupIds[]"), *_of_endpoints(question, "SecurityGroupIds[]"))
    return {*stored, *networks, *_of_apps(question)}


def _of_functions(question: Question, path: str) -> Iterator[str]:
    from moto.awslambda.models import lambda_backends

    for function in lambda_backends[question.call.account][question.call.region].list_functions():
        yield from texts(function._vpc_config, path)


def _of_endpoints(question: Question, path: str) -> Iterator[str]:
    """Yields what the models of endpoints use."""
    from moto.sagemaker.models import sagemaker_backends

    models = sagemaker_backends[question.call.account][question.call.region]._models
    configurations = {
        record.values["EndpointConfigName"]: record for record in _records(question, "sagemaker", "EndpointConfig")
    }
    for endpoint in _records(question, "sagemaker", "Endpoint"):
        configuration = configurations.get(endpoint.values["EndpointConfigName"])
        for name in texts(configuration.values, "ProductionVariants[].ModelName") if configuration else ():
            yield from texts(models[name].vpc_config, path) if name in models else ()


def _of_apps(question: Question) -> Iterator[str]:
    """Yields the security groups of domains and profiles in which an app runs."""
    running = {app.values["DomainId"] for app in _records(question, "sagemaker", "App")}
    for noun, path in (
        ("Domain", "DefaultUserSettings.SecurityGroups[]"),
        ("Domain", "DefaultSpaceSettings.SecurityGroups[]"),
        ("UserProfile", "UserSettings.SecurityGroups[]"),
    ):
        for record in _records(question, "sagemaker", noun):
            yield from texts(record.values, path) if record.values["DomainId"] in running else ()


def _groups_of_rules(question: Question, without: str) -> set[str]:
    """Returns the groups to which rules of other groups refer."""
    from moto.ec2.models import ec2_backends

    groups = ec2_backends[question.call.account][question.call.region].groups.values()
    others = [group for known in groups for group in known.values() if group.id != without]
    rules = (rule for group in others for rule in (*group.ingress_rules, *group.egress_rules))
    return {str(rule.source_group["GroupId"]) for rule in rules if (rule.source_group or {}).get("GroupId")}


DELETIONS: Mapping[tuple[str, str], Callable[[Question], None]] = {
    ("ec2", "DeleteSecurityGroup"): delete_group,
    ("ec2", "DeleteSubnet"): delete_subnet,
    ("sagemaker", "DeleteUserProfile"): delete_profile,
}
"""Checks by service and operation. They raise AwsError if something still uses what the request deletes."""
