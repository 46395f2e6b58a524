"""Actions that allow privilege escalation, in lower case.

Sources: prowler 5.46, ``privilege_escalation``; cloudsplaining 0.9.1, with the paths of pathfinding.cloud; Rhino
Security Labs, "AWS IAM Privilege Escalation"; for SageMaker its Developer Guide, "Security best practices". A test
compares the lists with those of prowler and cloudsplaining.
"""

from __future__ import annotations

ALONE = (
    # Change a principal's permissions.
    "iam:addusertogroup", "iam:attachgrouppolicy", "iam:attachrolepolicy", "iam:attachuserpolicy",
    "iam:createpolicyversion", "iam:putgrouppolicy", "iam:putrolepolicy", "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    # Obtain another principal's credentials.
    "iam:createaccesskey", "iam:createloginprofile", "iam:createservicespecificcredential",
    "iam:updateassumerolepolicy", "iam:updateloginprofile",
    # Remove or weaken a permissions boundary or a guardrail.
    "iam:deleterolepermissionsboundary", "iam:deleteuserpermissionsboundary", "iam:putrolepermissionsboundary",
    "iam:putuserpermissionsboundary", "organizations:detachpolicy", "organizations:updatepolicy",
    # Extend the own sign-in permissions.
    "sso:attachmanagedpolicytopermissionset", "sso:createaccountassignment", "sso:createpermissionset",
    "sso:putinlinepolicytopermissionset", "sso:deletepermissionsboundaryfrompermissionset",
    "identitystore:creategroupmembership",
    # Run code with the role of an existing resource.
    "codebuild:startbuild", "codebuild:startbuildbatch", "ec2-instance-connect:sendsshpublickey",
    "glue:updatedevendpoint", "glue:updatejob", "lambda:updatefunctioncode",
    "sagemaker:createpresignednotebookinstanceurl", "sagemaker:updatenotebookinstancelifecycleconfig",
    "ssm:sendcommand", "ssm:startsession", "states:updatestatemachine",
)  # fmt: skip
"""Actions that allow escalation on their own. ``StartBuild`` accepts a buildspec that overrides the project's."""

WITH_A_ROLE = (
    "apprunner:createservice", "autoscaling:createautoscalinggroup", "autoscaling:createlaunchconfiguration",
    "batch:registerjobdefinition", "bedrock-agentcore:createagentruntime", "bedrock-agentcore:createbrowser",
    "bedrock-agentcore:createcodeinterpreter", "bedrock-agentcore:createharness", "braket:createjob",
    "cloudformation:createstack", "cloudformation:createstackset", "cloudformation:updatestackset",
    "codebuild:createproject", "codebuild:updateproject", "codepipeline:createpipeline", "codepipeline:updatepipeline",
    "codestar:createproject", "cognito-identity:setidentitypoolroles", "datapipeline:createpipeline",
    "ec2:associateiaminstanceprofile", "ec2:requestspotinstances", "ec2:runinstances", "ecs:registertaskdefinition",
    "ecs:runtask", "ecs:starttask", "eks:createpodidentityassociation", "elasticmapreduce:runjobflow",
    "emr-serverless:startjobrun", "gamelift:createfleet", "glue:createdevendpoint", "glue:createjob",
    "glue:createsession", "imagebuilder:createinfrastructureconfiguration", "kinesisanalytics:createapplication",
    "lambda:createfunction", "omics:startrun", "sagemaker:createdomain", "sagemaker:createhyperparametertuningjob",
    "sagemaker:createmodel", "sagemaker:createnotebookinstance", "sagemaker:createprocessingjob",
    "sagemaker:createtrainingjob", "sagemaker:createuserprofile", "scheduler:createschedule",
    "ssm:startautomationexecution", "states:createstatemachine",
)  # fmt: skip
"""Actions that allow escalation together with ``iam:PassRole`` of a more privileged role."""

TOGETHER = tuple(
    frozenset(actions.split())
    for actions in (
        "apprunner:updateservice",
        "batch:submitjob",
        "bedrock-agentcore:connectbrowserautomationstream bedrock-agentcore:startbrowsersession",
        "bedrock-agentcore:invokeagentruntimecommand",
        "bedrock-agentcore:invokecodeinterpreter bedrock-agentcore:startcodeinterpretersession",
        "cloudformation:createchangeset cloudformation:executechangeset",
        "cloudformation:updatestack",
        "codedeploy:createdeployment codedeploy:registerapplicationrevision",
        "ec2:createlaunchtemplateversion ec2:modifylaunchtemplate",
        "ec2:modifyinstanceattribute ec2:startinstances ec2:stopinstances",
        "ecs:executecommand",
        "lambda:updatefunctionconfiguration",
        "sagemaker:createnotebookinstancelifecycleconfig sagemaker:updatenotebookinstance",
    )
)
"""Actions that together run code with the role of something that exists."""
