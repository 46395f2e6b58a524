"""Creates, changes and deletes load balancers in the name of a cluster.

The role of the cluster creates and changes them, judged by its policies and the guardrails of its account. The
service-linked role of EKS reads and deletes them (AWS managed policies AmazonEKSLoadBalancingPolicy and
AmazonEKSServiceRolePolicy, read 2026-11-29).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.services.elbv2.executor.services import (
    UnfulfilledError,
    WantedBalancer,
    WantedListener,
)

_SUBNET_TAGS = {"internal": "kubernetes.io/role/internal-elb", "internet-facing": "kubernetes.io/role/elb"}
_MOST_TAGGED = 20
"""Resources whose tags one request describes (ELB API, DescribeTags)."""
_TAG = "service.eks.amazonaws.com"

Target = tuple[str, int]
"""Address and port of a pod."""


@dataclass(frozen=True, slots=True)
class Provisioning:
    """Clients of the two roles, for the load balancers of one cluster."""

    cluster: str
    vpc: str
    elb: Any
    ec2: Any
    service_elb: Any
    service_ec2: Any

    def ensure(
        self, wanted: WantedBalancer, targets: Mapping[int, list[Target]]
    ) -> tuple[str, dict[str, list[Target]]]:
        """Creates a load balancer or changes it. ``targets`` are the pods by port of the listener.

        Returns its DNS name, and the pods by ARN of their target group. Raises UnfulfilledError, and ClientError if AWS
        refuses.
        """
        subnets = list(wanted.subnets) or self._tagged_subnets(wanted.scheme)
        found = self._balancer(wanted.name)
        if found is not None and found["Scheme"] != wanted.scheme:
            self.delete(wanted.name, wanted.stack)
            found = None
        if found is None:
            found = self._create(wanted, subnets)
        elif {zone["SubnetId"] for zone in found["AvailabilityZones"]} != set(subnets):
            self.elb.set_subnets(LoadBalancerArn=found["LoadBalancerArn"], Subnets=subnets)
        for security_group in found.get("SecurityGroups", []):
            self._admit(security_group, wanted)
        arn = str(found["LoadBalancerArn"])
        self._set_attributes(arn, wanted)
        listeners = {existing["Port"]: existing for existing in self._listeners(arn)}
        groups: dict[str, list[Target]] = {}
        for listener in wanted.listeners:
            pods = targets.get(listener.port, [])
            group = self._ensure_group(wanted, listener, pods)
            groups[group] = pods
            self._ensure_listener(arn, wanted, listener, group, listeners.pop(listener.port, None))
        for surplus in listeners.values():
            self._delete_listener(surplus)
        return str(found["DNSName"]), groups

    def delete(self, name: str, stack: str) -> None:
        """Deletes a load balancer with its listeners, target groups and security group, also what an attempt left that
        AWS refused."""
        found = self._balancer(name)
        if found is not None:
            for listener in self._listeners(found["LoadBalancerArn"]):
                self._delete_listener(listener)
            self.service_elb.delete_load_balancer(LoadBalancerArn=found["LoadBalancerArn"])
        for arn in self._groups_of(stack):
            self.service_elb.delete_target_group(TargetGroupArn=arn)
        self._delete_security_group(name)

    def _groups_of(self, stack: str) -> list[str]:
        """Returns the ARNs of the target groups whose tags name a Service of the cluster."""
        arns = [
            target_group["TargetGroupArn"] for target_group in self.service_elb.describe_target_groups()["TargetGroups"]
        ]
        wanted = {"eks:eks-cluster-name": self.cluster, f"{_TAG}/stack": stack}.items()
        return [
            str(described["ResourceArn"])
            for start in range(0, len(arns), _MOST_TAGGED)
            for described in self.service_elb.describe_tags(ResourceArns=arns[start : start + _MOST_TAGGED])[
                "TagDescriptions"
            ]
            if wanted <= {tag["Key"]: tag["Value"] for tag in described["Tags"]}.items()
        ]

    def _delete_security_group(self, name: str) -> None:
        named = [{"Name": "group-name", "Values": [name]}, {"Name": "vpc-id", "Values": [self.vpc]}]
        for group in self.service_ec2.describe_security_groups(Filters=named)["SecurityGroups"]:
            self.service_ec2.delete_security_group(GroupId=group["GroupId"])

    def _delete_listener(self, listener: dict[str, Any]) -> None:
        self.service_elb.delete_listener(ListenerArn=listener["ListenerArn"])
        for action in listener["DefaultActions"]:
            self.service_elb.delete_target_group(TargetGroupArn=action["TargetGroupArn"])

    def _create(self, wanted: WantedBalancer, subnets: Sequence[str]) -> dict[str, Any]:
        created: dict[str, Any] = self.elb.create_load_balancer(
            Name=wanted.name,
            Type="network",
            Scheme=wanted.scheme,
            Subnets=list(subnets),
            SecurityGroups=[self._security_group(wanted)],
            Tags=self._tags(wanted, "LoadBalancer"),
        )["LoadBalancers"][0]
        return created

    def _security_group(self, wanted: WantedBalancer) -> str:
        """Creates the security group of the load balancer, after one that an attempt left which AWS refused."""
        self._delete_security_group(wanted.name)
        tags = self._tags(wanted, "ManagedLBSecurityGroup")
        return str(
            self.ec2.create_security_group(
                GroupName=wanted.name,
                Description=f"[k8s] Managed SecurityGroup for {wanted.stack}",
                VpcId=self.vpc,
                TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
            )["GroupId"]
        )

    def _admit(self, group: str, wanted: WantedBalancer) -> None:
        """Admits the source ranges to the listeners, and nobody else."""
        (described,) = self.service_ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        known = {
            (ip_permission["FromPort"], source["CidrIp"])
            for ip_permission in described["IpPermissions"]
            for source in ip_permission["IpRanges"]
        }
        admitted = {(listener.port, source) for listener in wanted.listeners for source in wanted.source_ranges}
        if gone := known - admitted:
            self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=_permissions(gone))
        if new := admitted - known:
            self.ec2.authorize_security_group_ingress(
                GroupId=group,
                IpPermissions=_permissions(new),
                TagSpecifications=[
                    {"ResourceType": "security-group-rule", "Tags": self._tags(wanted, "ManagedLBSecurityGroup")}
                ],
            )

    def _set_attributes(self, arn: str, wanted: WantedBalancer) -> None:
        described = self.service_elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        known = {attribute["Key"]: attribute["Value"] for attribute in described}
        changed = [{"Key": key, "Value": value} for key, value in wanted.attributes.items() if known.get(key) != value]
        if changed:
            self.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=changed)

    def _ensure_group(self, wanted: WantedBalancer, listener: WantedListener, targets: list[Target]) -> str:
        """Creates the target group of a listener, or registers and deregisters pods. Returns its ARN."""
        try:
            described = self.service_elb.describe_target_groups(Names=[listener.group_name])["TargetGroups"][0]
        except self.service_elb.exceptions.TargetGroupNotFoundException:
            described = self._create_group(wanted, listener)
        arn, health = str(described["TargetGroupArn"]), self._checked(wanted)
        if any(described.get(member) != value for member, value in health.items()):
            self.elb.modify_target_group(TargetGroupArn=arn, **health)
        registered = {
            (description["Target"]["Id"], description["Target"]["Port"])
            for description in self.service_elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        }
        if gone := registered - set(targets):
            self.service_elb.deregister_targets(TargetGroupArn=arn, Targets=_described(gone))
        if new := set(targets) - registered:
            self.elb.register_targets(TargetGroupArn=arn, Targets=_described(new))
        return arn

    def _create_group(self, wanted: WantedBalancer, listener: WantedListener) -> dict[str, Any]:
        created: dict[str, Any] = self.elb.create_target_group(
            Name=listener.group_name,
            Protocol="TCP",
            Port=listener.port,
            VpcId=self.vpc,
            TargetType="ip",
            Tags=self._tags(wanted, f"{wanted.stack}:{listener.port}"),
            **self._checked(wanted),
        )["TargetGroups"][0]
        return created

    @staticmethod
    def _checked(wanted: WantedBalancer) -> dict[str, Any]:
        health = wanted.health
        path = {} if health.protocol == "TCP" else {"HealthCheckPath": health.path}
        return {
            "HealthCheckProtocol": health.protocol,
            "HealthCheckPort": health.port,
            "HealthCheckIntervalSeconds": health.interval_seconds,
            "HealthCheckTimeoutSeconds": health.timeout_seconds,
            **path,
        }

    def _ensure_listener(
        self, arn: str, wanted: WantedBalancer, listener: WantedListener, group: str, known: dict[str, Any] | None
    ) -> None:
        encrypted = {
            "Certificates": [{"CertificateArn": certificate} for certificate in listener.certificates[:1]],
            "SslPolicy": listener.tls_policy,
        }
        asked = {"Protocol": listener.protocol, **(encrypted if listener.certificates else {})}
        if known is None:
            self.elb.create_listener(
                LoadBalancerArn=arn,
                Port=listener.port,
                DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
                Tags=self._tags(wanted, str(listener.port)),
                **asked,
            )
        elif any(known.get(member) != value for member, value in asked.items()):
            self.elb.modify_listener(ListenerArn=known["ListenerArn"], **asked)

    def _balancer(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.service_elb.describe_load_balancers(Names=[name])["LoadBalancers"][0]
        except self.service_elb.exceptions.LoadBalancerNotFoundException:
            return None
        return found

    def _listeners(self, arn: str) -> list[dict[str, Any]]:
        return list(self.service_elb.describe_listeners(LoadBalancerArn=arn)["Listeners"])

    def _tagged_subnets(self, scheme: str) -> list[str]:
        filters = [
            {"Name": "vpc-id", "Values": [self.vpc]},
            {"Name": "tag-key", "Values": [_SUBNET_TAGS[scheme]]},
        ]
        found = [subnet["SubnetId"] for subnet in self.service_ec2.describe_subnets(Filters=filters)["Subnets"]]
        if not found:
            raise UnfulfilledError("unable to resolve at least one subnet (0 match VPC and tags)")
        return found

    def _tags(self, wanted: WantedBalancer, resource: str) -> list[dict[str, str]]:
        tags = {
            "eks:eks-cluster-name": self.cluster,
            f"{_TAG}/stack": wanted.stack,
            f"{_TAG}/resource": resource,
        }
        return [{"Key": key, "Value": value} for key, value in tags.items()]


def _permissions(rules: set[tuple[int, str]]) -> list[dict[str, Any]]:
    return [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": source}]}
        for port, source in sorted(rules)
    ]


def _described(targets: set[Target]) -> list[dict[str, Any]]:
    return [{"Id": address, "Port": port} for address, port in sorted(targets)]
