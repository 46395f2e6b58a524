"""Values that AWS would compute for a resource: its identifier and the properties that are outputs only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

ACCOUNT = "111111111111"
REGION = "eu-west-1"

Inputs = Mapping[str, Any]
Computed = tuple[str, dict[str, Any]]
Rule = Callable[[str, Inputs, str], Computed]


def computed_properties(type_: str, name: str, inputs: Inputs, account: str = ACCOUNT) -> Computed:
    """Identifier and computed properties of a resource of an account; by default made from its logical name."""
    rule = _RULES.get(type_)
    if rule is not None:
        return rule(name, inputs, account)
    service, _, kind = type_.removeprefix("aws:").partition("/")
    return f"{name}-id", {"arn": f"arn:aws:{service}:{REGION}:{account}:{kind.split(':')[0]}/{name}"}


def _bucket(name: str, inputs: Inputs, account: str) -> Computed:
    bucket = inputs.get("bucket", name)
    return bucket, {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}


def _access_point(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs.get("name", name)
    return f"{account}:{given}", {
        "alias": f"{given}-0123456789-s3alias",
        "arn": f"arn:aws:s3:{REGION}:{account}:accesspoint/{given}",
    }


def _key(name: str, inputs: Inputs, account: str) -> Computed:
    described = re.sub(r"[^a-z0-9]+", "-", inputs.get("description", "").lower())
    identifier = f"{name}-{described}"  # stacks that share an account call their keys alike
    return identifier, {"keyId": identifier, "arn": f"arn:aws:kms:{REGION}:{account}:key/{identifier}"}


def _topic(name: str, inputs: Inputs, account: str) -> Computed:
    arn = f"arn:aws:sns:{REGION}:{account}:{inputs.get('name', name)}"
    return arn, {"arn": arn}


def _queue(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs.get("name", name)
    url = f"https://sqs.{REGION}.amazonaws.com/{account}/{given}"
    return url, {"url": url, "arn": f"arn:aws:sqs:{REGION}:{account}:{given}"}


def _iam(kind: str) -> Rule:
    def rule(name: str, inputs: Inputs, account: str) -> Computed:
        given = inputs.get("name", name)
        arn = f"arn:aws:iam::{account}:{kind}{inputs.get('path', '/')}{given}"
        return (arn if kind == "policy" else given), {"name": given, "arn": arn}

    return rule


def _organization(name: str, inputs: Inputs, account: str) -> Computed:
    return "o-example1234", {
        "arn": f"arn:aws:organizations::{account}:organization/o-example1234",
        "masterAccountId": account,
        "roots": [{"id": "r-root", "name": "Root"}],
    }


def _unit(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs["name"]
    identifier = f"ou-root-{_digits(f'{name} {given}', 12)}"
    return identifier, {"arn": f"arn:aws:organizations::{account}:ou/o-example1234/{identifier}"}


def _account(name: str, inputs: Inputs, account: str) -> Computed:
    identifier = _digits(f"{name} {inputs['email']}", 12)
    return identifier, {"arn": f"arn:aws:organizations::{account}:account/o-example1234/{identifier}"}


def _digits(text: str, count: int) -> str:
    """Digits that depend on the text alone, so that a test may compare two runs."""
    return f"{sum(ord(letter) * 131**place for place, letter in enumerate(text)) % 10**count:0{count}d}"


def _vpc(name: str, inputs: Inputs, account: str) -> Computed:
    return f"vpc-{name}", {
        "arn": f"arn:aws:ec2:{REGION}:{account}:vpc/vpc-{name}",
        "defaultSecurityGroupId": f"sg-default-{name}",
        "defaultRouteTableId": f"rtb-default-{name}",
    }


def _endpoint(name: str, inputs: Inputs, account: str) -> Computed:
    gateway = {"prefixListId": f"pl-{name}"} if inputs.get("vpcEndpointType") == "Gateway" else {}
    return f"vpce-{name}", {"arn": f"arn:aws:ec2:{REGION}:{account}:vpc-endpoint/vpce-{name}", **gateway}


def _firewall(name: str, inputs: Inputs, account: str) -> Computed:
    arn = f"arn:aws:network-firewall:{REGION}:{account}:firewall/{inputs.get('name', name)}"
    attachment = {"endpointId": f"vpce-{name}", "subnetId": inputs["subnetMappings"][0]["subnetId"]}
    zones = [{"availabilityZone": f"{REGION}a", "attachments": [attachment]}]
    return arn, {"arn": arn, "firewallStatuses": [{"syncStates": zones}]}


def _table(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs.get("name", name)
    return given, {"name": given, "arn": f"arn:aws:dynamodb:{REGION}:{account}:table/{given}"}


def _state_machine(name: str, inputs: Inputs, account: str) -> Computed:
    arn = f"arn:aws:states:{REGION}:{account}:stateMachine:{inputs.get('name', name)}"
    return arn, {"arn": arn}


def _event_bus(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs.get("name", name)
    return given, {"name": given, "arn": f"arn:aws:events:{REGION}:{account}:event-bus/{given}"}


def _log_group(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs.get("name", name)
    return given, {"name": given, "arn": f"arn:aws:logs:{REGION}:{account}:log-group:{given}"}


def _api(name: str, inputs: Inputs, account: str) -> Computed:
    identifier = f"api-{inputs.get('name', name)}"
    return identifier, {
        "arn": f"arn:aws:apigateway:{REGION}::/restapis/{identifier}",
        "executionArn": f"arn:aws:execute-api:{REGION}:{account}:{identifier}",
    }


def _api_stage(name: str, inputs: Inputs, account: str) -> Computed:
    api, stage = inputs.get("restApi"), inputs["stageName"]
    return f"ags-{api}-{stage}", {
        "arn": f"arn:aws:apigateway:{REGION}::/restapis/{api}/stages/{stage}",
        "invokeUrl": f"https://{api}.execute-api.{REGION}.amazonaws.com/{stage}",
    }


def _group(name: str, inputs: Inputs, account: str) -> Computed:
    identifier = f"group-{inputs['displayName']}"
    return f"{inputs['identityStoreId']}/{identifier}", {"groupId": identifier}


def _permission_set(name: str, inputs: Inputs, account: str) -> Computed:
    arn = f"arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-{inputs['name']}"
    return f"{arn},{inputs['instanceArn']}", {"arn": arn}


def _domain(name: str, inputs: Inputs, account: str) -> Computed:
    identifier = f"d-{_digits(f'{name} {account}', 12)}"
    return identifier, {
        "arn": f"arn:aws:sagemaker:{REGION}:{account}:domain/{identifier}",
        "url": f"https://{identifier}.studio.{REGION}.sagemaker.aws",
        "singleSignOnApplicationArn": f"arn:aws:sso::{ACCOUNT}:application/ssoins-1234567890abcdef/apl-{identifier}"
        if inputs["authMode"] == "SSO"
        else "",
    }


def _image_version(name: str, inputs: Inputs, account: str) -> Computed:
    return f"{inputs['imageName']},1", {"version": 1}


def _code_repository(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs["repositoryName"]
    return given, {
        "arn": f"arn:aws:codecommit:{REGION}:{account}:{given}",
        "cloneUrlHttp": f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos/{given}",
    }


def _image_repository(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs.get("name", name)
    return given, {
        "name": given,
        "arn": f"arn:aws:ecr:{REGION}:{account}:repository/{given}",
        "repositoryUrl": f"{account}.dkr.ecr.{REGION}.amazonaws.com/{given}",
    }


def _build(kind: str) -> Rule:
    def rule(name: str, inputs: Inputs, account: str) -> Computed:
        arn = f"arn:aws:codebuild:{REGION}:{account}:{kind}/{inputs.get('name', name)}"
        return arn, {"arn": arn}

    return rule


def _packages(name: str, inputs: Inputs, account: str) -> Computed:
    """Computes the ARN of a domain or repository, which is also the id of its policy."""
    kind = "repository" if "repository" in inputs else "domain"
    names = "/".join(inputs[key] for key in ("domain", "repository") if key in inputs)
    arn = f"arn:aws:codeartifact:{REGION}:{account}:{kind}/{names}"
    return arn, {"resourceArn": arn} if "policyDocument" in inputs else {"arn": arn}


def _model_group(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs["modelPackageGroupName"]
    return given, {"arn": f"arn:aws:sagemaker:{REGION}:{account}:model-package-group/{given}"}


def _model_group_policy(name: str, inputs: Inputs, account: str) -> Computed:
    return inputs["modelPackageGroupName"], {}


def _connection(name: str, inputs: Inputs, account: str) -> Computed:
    arn = f"arn:aws:codeconnections:{REGION}:{account}:connection/{'0' * 8}-0000-0000-0000-{'0' * 12}"
    return arn, {"arn": arn, "connectionStatus": "PENDING"}


def _webhook(name: str, inputs: Inputs, account: str) -> Computed:
    return inputs["projectName"], {"url": f"https://provider.example/hooks/{inputs['projectName']}"}


def _cluster(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs.get("name", name)
    return given, {
        "arn": f"arn:aws:eks:{REGION}:{account}:cluster/{given}",
        "endpoint": f"https://0123456789ABCDEF.gr7.{REGION}.eks.amazonaws.com",
        "certificateAuthority": {"data": "LS0tLS1CRUdJTg=="},
        "identities": [{"oidcs": [{"issuer": f"https://oidc.eks.{REGION}.amazonaws.com/id/0123456789ABCDEF"}]}],
        "vpcConfig": {**inputs["vpcConfig"], "clusterSecurityGroupId": f"sg-{name}"},
    }


def _database(name: str, inputs: Inputs, account: str) -> Computed:
    given, resource = inputs["identifier"], "db-0123456789ABCDEFGHIJKLMNOP"
    secret = f"arn:aws:secretsmanager:{REGION}:{account}:secret:rds!db-{'0' * 8}-AbCdEf"
    return resource, {
        "arn": f"arn:aws:rds:{REGION}:{account}:db:{given}",
        "address": f"{given}.abcdefghijkl.{REGION}.rds.amazonaws.com",
        "port": 5432,
        "resourceId": resource,
        "masterUserSecrets": [{"secretArn": secret, "secretStatus": "active"}],
    }


def _database_cluster(name: str, inputs: Inputs, account: str) -> Computed:
    given = inputs["clusterIdentifier"]
    secret = f"arn:aws:secretsmanager:{REGION}:{account}:secret:rds!cluster-{'0' * 8}-AbCdEf"
    return given, {
        "arn": f"arn:aws:rds:{REGION}:{account}:cluster:{given}",
        "clusterResourceId": "cluster-0123456789ABCDEFGHIJKLMNOP",
        "endpoint": f"{given}.cluster-abcdefghijkl.{REGION}.rds.amazonaws.com",
        "port": 5432,
        "masterUserSecrets": [{"secretArn": secret, "secretStatus": "active"}],
    }


def _secret(name: str, inputs: Inputs, account: str) -> Computed:
    arn = f"arn:aws:secretsmanager:{REGION}:{account}:secret:{inputs['name']}-AbCdEf"
    return arn, {"arn": arn}


def _service(name: str, inputs: Inputs, account: str) -> Computed:
    """Only a Service with a load balancer has an address in its status."""
    given, specification = inputs["metadata"], inputs["spec"]
    ingress = [{"hostname": f"k8s-{given['name']}-0123456789abcdef.elb.{REGION}.amazonaws.com"}]
    balanced = {"ingress": ingress} if specification["type"] == "LoadBalancer" else {}
    return f"{given['namespace']}/{given['name']}", {"status": {"loadBalancer": balanced}}


def _endpoint_service(name: str, inputs: Inputs, account: str) -> Computed:
    """The name of the record is relative to the domain that it shows the owner of."""
    given, record = f"vpce-svc-{'0' * 17}", {"name": f"_{'r' * 20}", "type": "TXT", "value": f"vpce:{'v' * 20}"}
    return given, {
        "serviceName": f"com.amazonaws.vpce.{REGION}.{given}",
        "privateDnsNameConfigurations": [{**record, "state": "pendingVerification"}],
    }


_RULES: dict[str, Rule] = {
    "aws:ec2/vpcEndpointService:VpcEndpointService": _endpoint_service,
    "kubernetes:core/v1:Service": _service,
    "aws:rds/cluster:Cluster": _database_cluster,
    "aws:rds/instance:Instance": _database,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:codeartifact/domain:Domain": _packages,
    "aws:codeartifact/domainPermissions:DomainPermissions": _packages,
    "aws:codeartifact/repository:Repository": _packages,
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": _packages,
    "aws:codebuild/webhook:Webhook": _webhook,
    "aws:codeconnections/connection:Connection": _connection,
    "aws:codebuild/project:Project": _build("project"),
    "aws:codebuild/reportGroup:ReportGroup": _build("report-group"),
    "aws:codecommit/repository:Repository": _code_repository,
    "aws:ecr/repository:Repository": _image_repository,
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _model_group,
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": _model_group_policy,
    "aws:apigateway/restApi:RestApi": _api,
    "aws:apigateway/stage:Stage": _api_stage,
    "aws:s3/accessPoint:AccessPoint": _access_point,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:kms/key:Key": _key,
    "aws:sns/topic:Topic": _topic,
    "aws:sqs/queue:Queue": _queue,
    "aws:iam/role:Role": _iam("role"),
    "aws:iam/policy:Policy": _iam("policy"),
    "aws:identitystore/group:Group": _group,
    "aws:ssoadmin/permissionSet:PermissionSet": _permission_set,
    "aws:organizations/organization:Organization": _organization,
    "aws:organizations/account:Account": _account,
    "aws:organizations/organizationalUnit:OrganizationalUnit": _unit,
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:cloudwatch/eventBus:EventBus": _event_bus,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:dynamodb/table:Table": _table,
    "aws:sfn/stateMachine:StateMachine": _state_machine,
    "aws:networkfirewall/firewall:Firewall": _firewall,
    "aws:sagemaker/domain:Domain": _domain,
    "aws:sagemaker/imageVersion:ImageVersion": _image_version,
}
