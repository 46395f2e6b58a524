"""Ways by which a principal can end up with more than it was given, as data.

Sources: prowler, ``privilege_escalation``; Rhino Security Labs, "AWS IAM Privilege Escalation"; for SageMaker its
Developer Guide, "Security best practices". All in lower case, as IAM compares them.
"""

from __future__ import annotations

ALONE = (
    # Rewriting what somebody may do.
    "iam:addusertogroup", "iam:attachgrouppolicy", "iam:attachrolepolicy", "iam:attachuserpolicy",
    "iam:createpolicyversion", "iam:putgrouppolicy", "iam:putrolepolicy", "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    # Becoming somebody else.
    "iam:createaccesskey", "iam:createloginprofile", "iam:createservicespecificcredential",
    "iam:updateassumerolepolicy", "iam:updateloginprofile",
    # Lifting a ceiling.
    "iam:deleterolepermissionsboundary", "iam:deleteuserpermissionsboundary", "iam:putrolepermissionsboundary",
    "iam:putuserpermissionsboundary", "organizations:detachpolicy", "organizations:updatepolicy",
    # Signing oneself in to more.
    "sso:attachmanagedpolicytopermissionset", "sso:createaccountassignment", "sso:createpermissionset",
    "sso:putinlinepolicytopermissionset", "sso:deletepermissionsboundaryfrompermissionset",
    "identitystore:creategroupmembership",
    # Working as whoever something runs as.
    "codebuild:startbuild", "codebuild:startbuildbatch", "ec2-instance-connect:sendsshpublickey",
    "glue:updatedevendpoint", "glue:updatejob", "lambda:updatefunctioncode",
    "sagemaker:createpresignednotebookinstanceurl", "sagemaker:updatenotebookinstancelifecycleconfig",
    "ssm:sendcommand", "ssm:startsession", "states:updatestatemachine",
)  # fmt: skip
"""Each is a way by itself. ``StartBuild`` takes another buildspec than the project's."""

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
"""Each is a way together with ``iam:PassRole`` of a role that may do more."""
