"""Actions on the repositories, builds, images and model package groups of use cases."""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls
from components.identity.deployer.resources.accounts import TAGS
from components.identity.deployer.resources.audit import LOG_GROUPS
from components.identity.deployer.resources.etl import EVENTS
from components.identity.deployer.resources.intake import GLUE_STEPS

DELIVERY: ResourceCalls = {
    **EVENTS,
    **LOG_GROUPS,
    "aws:codeartifact/domain:Domain": calls(
        "codeartifact",
        # The service checks that the caller may use the key and create its grant (CodeArtifact API, CreateDomain).
        create="CreateDomain TagResource kms:CreateGrant kms:DescribeKey",
        read="DescribeDomain ListTagsForResource",
        update=TAGS,
        delete="DeleteDomain",
    ),
    "aws:codeartifact/domainPermissions:DomainPermissions": calls(
        "codeartifact",
        create="PutDomainPermissionsPolicy",
        read="GetDomainPermissionsPolicy",
        update="PutDomainPermissionsPolicy",
        delete="DeleteDomainPermissionsPolicy",
    ),
    "aws:codeartifact/repository:Repository": calls(
        "codeartifact",
        create="AssociateExternalConnection CreateRepository TagResource",
        read="DescribeRepository ListTagsForResource",
        update=f"AssociateExternalConnection DisassociateExternalConnection UpdateRepository {TAGS}",
        delete="DeleteRepository",
    ),
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": calls(
        "codeartifact",
        create="PutRepositoryPermissionsPolicy",
        read="GetRepositoryPermissionsPolicy",
        update="PutRepositoryPermissionsPolicy",
        delete="DeleteRepositoryPermissionsPolicy",
    ),
    "aws:codebuild/project:Project": calls(
        "codebuild",
        create="CreateProject",
        read="BatchGetProjects",
        delete="DeleteProject",
        # Whoever changes a project decides what its role does (IA-06).
        reserved="UpdateProject",
        passes_to="codebuild",
    ),
    "aws:codebuild/reportGroup:ReportGroup": calls(
        "codebuild",
        create="CreateReportGroup",
        read="BatchGetReportGroups",
        update="UpdateReportGroup",
        delete="DeleteReportGroup ListReportsForReportGroup DeleteReport",
    ),
    "aws:codebuild/webhook:Webhook": calls(
        "codebuild",
        # The service checks that the caller may use the connection of the project.
        create="CreateWebhook codeconnections:GetConnection codeconnections:PassConnection "
        "codeconnections:UseConnection",
        read="BatchGetProjects",
        update="UpdateWebhook",
        delete="DeleteWebhook",
    ),
    "aws:codepipeline/pipeline:Pipeline": calls(
        "codepipeline",
        create="CreatePipeline TagResource",
        read="GetPipeline ListTagsForResource",
        update=f"UpdatePipeline {TAGS}",
        delete="DeletePipeline",
        passes_to="codepipeline",
    ),
    "aws:codeconnections/connection:Connection": calls(
        "codeconnections",
        create="CreateConnection TagResource",
        read="GetConnection ListTagsForResource",
        update=TAGS,
    ),
    "aws:codecommit/repository:Repository": calls(
        "codecommit",
        # The service checks that the caller may use the key.
        create="CreateRepository TagResource",
        read="GetRepository ListTagsForResource",
        update=f"UpdateDefaultBranch UpdateRepositoryDescription {TAGS}",
        reserved="UpdateRepositoryEncryptionKey",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": calls(
        "ecr",
        create="PutLifecyclePolicy",
        read="GetLifecyclePolicy",
        update="PutLifecyclePolicy",
        delete="DeleteLifecyclePolicy",
    ),
    "aws:ecr/repository:Repository": calls(
        "ecr",
        create="CreateRepository TagResource kms:CreateGrant kms:DescribeKey",
        read="DescribeRepositories ListTagsForResource",
        update=f"PutImageScanningConfiguration PutImageTagMutability {TAGS}",
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": calls(
        "ecr",
        create="SetRepositoryPolicy",
        read="GetRepositoryPolicy",
        update="SetRepositoryPolicy",
        delete="DeleteRepositoryPolicy",
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": calls(
        "sagemaker",
        create="AddTags CreateModelPackageGroup",
        read="DescribeModelPackageGroup ListTags",
        update="AddTags DeleteTags",
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": calls(
        "sagemaker",
        create="PutModelPackageGroupPolicy",
        read="GetModelPackageGroupPolicy",
        update="PutModelPackageGroupPolicy",
        delete="DeleteModelPackageGroupPolicy",
    ),
}
"""Resources of use cases. Repositories, images and model package groups are never deleted, because they are the only
copy of code and models (TOOL-04). A connection is not, because a person would have to complete a new one."""

REQUESTS: ResourceCalls = {
    "aws:codecommit/repository:Repository": DELIVERY["aws:codecommit/repository:Repository"],
    "aws:codebuild/project:Project": calls(
        "codebuild", read="BatchGetProjects", reserved="CreateProject DeleteProject UpdateProject"
    ),
    "aws:cloudwatch/eventRule:EventRule": EVENTS["aws:cloudwatch/eventRule:EventRule"],
    "aws:cloudwatch/eventTarget:EventTarget": calls(
        "events", read="ListTargetsByRule", reserved="PutTargets RemoveTargets"
    ),
    "aws:pipes/pipe:Pipe": GLUE_STEPS["aws:pipes/pipe:Pipe"],
    "aws:sqs/queue:Queue": EVENTS["aws:sqs/queue:Queue"],
    "aws:sqs/queuePolicy:QueuePolicy": EVENTS["aws:sqs/queuePolicy:QueuePolicy"],
}
"""Resources of the runner of requests. What runs in its builds has the power to create accounts, so the management
account alone decides what that is, and what starts it."""
