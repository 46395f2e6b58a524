"""Lookups of resources inside an account: roles, keys, buckets, logs, Studio, data and security services."""

from __future__ import annotations

from collections.abc import Mapping

from selfservice.engine.account_access import Account
from selfservice.engine.resource_lookup.lookup import Composed, Listed, Lookup, Properties, Searched, first, named


def _key(inputs: Properties, account: Account) -> str | None:
    """Finds the key with this description and without an alias: keys have no names, and the alias is created later."""
    aliased = {alias.get("TargetKeyId") for alias in account.every("kms", "list_aliases", "Aliases")}
    client = account.client("kms")
    for listed in account.every("kms", "list_keys", "Keys"):
        key = client.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]
        if key["KeyState"] == "Enabled" and key["Description"] == inputs["description"] and key["KeyId"] not in aliased:
            return str(key["KeyId"])
    return None


def _studio_domain(inputs: Properties, account: Account) -> str | None:
    domains = account.every("sagemaker", "list_domains", "Domains")
    return first(domain["DomainId"] for domain in domains if domain["DomainName"] == inputs["domainName"])


def _tracking_app(inputs: Properties, account: Account) -> str | None:
    """Searches by name, because SageMaker generates the identifier."""
    apps = account.every("sagemaker", "list_mlflow_apps", "Summaries")
    return first(app["Arn"] for app in apps if app["Name"] == inputs["name"])


def _spark_application(inputs: Properties, account: Account) -> str | None:
    """Searches by name and ignores deleted applications, which stay listed for a while."""
    applications = account.every("emr-serverless", "list_applications", "applications")
    alive = (a for a in applications if a["name"] == inputs["name"] and a["state"] != "TERMINATED")
    return first(str(application["id"]) for application in alive)


def _iam_policy(inputs: Properties, account: Account) -> str | None:
    return f"arn:aws:iam::{account.id}:policy{inputs.get('path', '/')}{inputs['name']}"


def _identity_provider(inputs: Properties, account: Account) -> str | None:
    """Composes the ARN, because an account has at most one provider for a URL. A refresh follows."""
    return f"arn:aws:iam::{account.id}:oidc-provider/{str(inputs['url']).removeprefix('https://')}"


def _named_query(inputs: Properties, account: Account) -> str | None:
    """Reads each query to compare its name, because the listing contains only ids."""
    client = account.client("athena")
    for identity in account.every("athena", "list_named_queries", "NamedQueryIds", WorkGroup=inputs["workgroup"]):
        if client.get_named_query(NamedQueryId=identity)["NamedQuery"]["Name"] == inputs["name"]:
            return str(identity)
    return None


def _queue(inputs: Properties, account: Account) -> str | None:
    """Requests the URL of the queue from AWS, because it depends on the partition."""
    client = account.client("sqs")
    try:
        return str(client.get_queue_url(QueueName=inputs["name"])["QueueUrl"])
    except client.exceptions.QueueDoesNotExist:
        return None


def _pod_identity(inputs: Properties, account: Account) -> str | None:
    """Searches by service account, because EKS generates the identifier. The provider also needs the cluster's name."""
    named = {name: inputs[name] for name in ("clusterName", "namespace", "serviceAccount")}
    found = account.every("eks", "list_pod_identity_associations", "associations", **named)
    return first(f"{inputs['clusterName']},{association['associationId']}" for association in found)


def _cells_filter(inputs: Properties, _: Account) -> str | None:
    """Composes the id from the table and the name of the filter."""
    data = inputs["tableData"]
    parts = [data.get(part) for part in ("databaseName", "name", "tableCatalogId", "tableName")]
    return ",".join(parts) if all(parts) else None


def _deployment(inputs: Properties, account: Account) -> str | None:
    """Finds the snapshot of the API that no stage uses yet: the stage is created after it."""
    api = {"restApiId": inputs["restApi"]}
    used = {stage["deploymentId"] for stage in account.client("apigateway").get_stages(**api)["item"]}
    deployments = account.every("apigateway", "get_deployments", "items", **api)
    return first(str(deployment["id"]) for deployment in deployments if deployment["id"] not in used)


LOOKUPS: Mapping[str, Lookup] = {
    "aws:kms/key:Key": Searched(_key, ("description",)),
    "aws:kms/alias:Alias": named("name"),
    "aws:s3/bucket:Bucket": named("bucket"),
    "aws:s3/accessPoint:AccessPoint": Composed("{@account}:{name}"),
    "aws:iam/role:Role": named("name"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Searched(_identity_provider, ("url",)),
    "aws:iam/policy:Policy": Searched(_iam_policy, ("path", "name")),
    "aws:codeartifact/domain:Domain": Composed("arn:aws:codeartifact:{@region}:{@account}:domain/{domain}"),
    "aws:codeartifact/repository:Repository": Composed(
        "arn:aws:codeartifact:{@region}:{@account}:repository/{domain}/{repository}"
    ),
    "aws:codebuild/project:Project": Composed("arn:aws:codebuild:{@region}:{@account}:project/{name}"),
    "aws:codebuild/reportGroup:ReportGroup": Composed("arn:aws:codebuild:{@region}:{@account}:report-group/{name}"),
    "aws:codebuild/webhook:Webhook": named("projectName"),
    "aws:codecommit/repository:Repository": named("repositoryName"),
    "aws:codeconnections/connection:Connection": Listed(
        "codeconnections", "list_connections", "Connections", "ConnectionArn", {"ConnectionName": "name"}
    ),
    "aws:codepipeline/pipeline:Pipeline": named("name"),
    "aws:ecr/repository:Repository": named("name"),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": named("modelPackageGroupName"),
    "aws:cloudwatch/eventBus:EventBus": named("name"),
    "aws:cloudwatch/logGroup:LogGroup": named("name"),
    "aws:dynamodb/table:Table": named("name"),
    "aws:eks/accessEntry:AccessEntry": Composed("{clusterName}:{principalArn}"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Composed("{clusterName}#{principalArn}#{policyArn}"),
    "aws:eks/cluster:Cluster": named("name"),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Searched(
        _pod_identity, ("clusterName", "namespace", "serviceAccount")
    ),
    "aws:rds/cluster:Cluster": named("clusterIdentifier"),
    "aws:rds/clusterInstance:ClusterInstance": named("identifier"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": named("name"),
    "aws:rds/instance:Instance": Listed(
        "rds", "describe_db_instances", "DBInstances", "DbiResourceId", {"DBInstanceIdentifier": "identifier"}
    ),
    "aws:rds/parameterGroup:ParameterGroup": named("name"),
    "aws:rds/subnetGroup:SubnetGroup": named("name"),
    "aws:secretsmanager/secret:Secret": Listed("secretsmanager", "list_secrets", "SecretList", "ARN", {"Name": "name"}),
    "aws:pipes/pipe:Pipe": named("name"),
    "aws:sfn/stateMachine:StateMachine": Composed("arn:aws:states:{@region}:{@account}:stateMachine:{name}"),
    "aws:emrserverless/application:Application": Searched(_spark_application, ("name",)),
    "aws:sagemaker/domain:Domain": Searched(_studio_domain, ("domainName",)),
    "aws:sagemaker/appImageConfig:AppImageConfig": named("appImageConfigName"),
    "aws:sagemaker/featureGroup:FeatureGroup": named("featureGroupName"),
    "aws:sagemaker/image:Image": named("imageName"),
    "aws:sagemaker/mlflowApp:MlflowApp": Searched(_tracking_app, ("name",)),
    "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig": named("studioLifecycleConfigName"),
    "aws:sagemaker/space:Space": Composed("arn:aws:sagemaker:{@region}:{@account}:space/{domainId}/{spaceName}"),
    "aws:sagemaker/userProfile:UserProfile": Composed(
        "arn:aws:sagemaker:{@region}:{@account}:user-profile/{domainId}/{userProfileName}"
    ),
    "aws:accessanalyzer/analyzer:Analyzer": named("analyzerName"),
    "aws:apigateway/restApi:RestApi": Listed("apigateway", "get_rest_apis", "items", "id", {"name": "name"}),
    "aws:apigateway/deployment:Deployment": Searched(_deployment, ("restApi",)),
    "aws:apigateway/stage:Stage": Composed("ags-{restApi}-{stageName}"),
    "aws:athena/namedQuery:NamedQuery": Searched(_named_query, ("workgroup", "name")),
    "aws:athena/workgroup:Workgroup": named("name"),
    "aws:cloudtrail/trail:Trail": Listed("cloudtrail", "list_trails", "Trails", "TrailARN", {"Name": "name"}),
    "aws:glue/catalogDatabase:CatalogDatabase": Composed("{@account}:{name}"),
    "aws:glue/catalogTable:CatalogTable": Composed("{@account}:{databaseName}:{name}"),
    "aws:glue/resourcePolicy:ResourcePolicy": Composed("{@account}"),
    "aws:glue/connection:Connection": Composed("{@account}:{name}"),
    "aws:glue/crawler:Crawler": named("name"),
    "aws:glue/job:Job": named("name"),
    "aws:glue/securityConfiguration:SecurityConfiguration": named("name"),
    "aws:glue/trigger:Trigger": named("name"),
    "aws:glue/workflow:Workflow": named("name"),
    "aws:lakeformation/dataCellsFilter:DataCellsFilter": Searched(
        _cells_filter, ("tableData.databaseName", "tableData.tableName", "tableData.name")
    ),
    "aws:lakeformation/lfTag:LfTag": Composed("{@account}:{key}"),
    "aws:lakeformation/resource:Resource": named("arn"),
    "aws:securityhub/configurationPolicy:ConfigurationPolicy": Listed(
        "securityhub", "list_configuration_policies", "ConfigurationPolicySummaries", "Id", {"Name": "name"}
    ),
    "aws:sns/topic:Topic": Composed("arn:aws:sns:{@region}:{@account}:{name}"),
    "aws:sqs/queue:Queue": Searched(_queue, ("name",)),
    "aws:ssm/parameter:Parameter": named("name"),
}
