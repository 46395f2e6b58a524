"""Actions that allow privilege escalation, in lower case.

Sources: prowler, ``privilege_escalation``; Rhino Security Labs, "AWS IAM Privilege Escalation"; for SageMaker its
Developer Guide, "Security best practices".
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
    "autoscaling:createlaunchconfiguration", "cloudformation:createstack", "codebuild:createproject",
    "codebuild:updateproject", "codepipeline:createpipeline", "codepipeline:updatepipeline",
    "datapipeline:createpipeline", "ec2:associateiaminstanceprofile", "ec2:runinstances",
    "ecs:registertaskdefinition", "ecs:runtask", "eks:createpodidentityassociation", "glue:createdevendpoint",
    "glue:createjob", "glue:createsession", "lambda:createfunction", "sagemaker:createdomain",
    "sagemaker:createhyperparametertuningjob", "sagemaker:createmodel", "sagemaker:createnotebookinstance",
    "sagemaker:createprocessingjob", "sagemaker:createtrainingjob", "sagemaker:createuserprofile",
    "scheduler:createschedule", "ssm:startautomationexecution", "states:createstatemachine",
)  # fmt: skip
"""Actions that allow escalation together with ``iam:PassRole`` of a more privileged role."""
