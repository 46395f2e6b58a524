import json
from fnmatch import fnmatchcase

import pytest

from components.identity.iam.statements import Statement
from components.identity.personas import guide_page as document
from components.identity.personas.capability import Capability
from components.identity.personas.persona import Access
from components.identity.personas.persona_list import (
    AUDITOR,
    BREAK_GLASS,
    BUSINESS_STAKEHOLDER,
    DATA_ENGINEER,
    IT_PLATFORM,
    LEAD_DATA_SCIENTIST,
    MLOPS_ENGINEER,
    PERSONAS,
)
from settings.types.kinds import KINDS
from tests.support.documents import as_list
from tests.unit.components.identifiers import REGION

SETS = {persona.permission_set_of(access): access for persona in PERSONAS for access in persona.access}
every_set = pytest.mark.parametrize("name", SETS)
READS = ("BatchGet", "Describe", "Filter", "Get", "List", "Lookup", "QueryLineage", "Search", "Select", "StartQuery",
         "StopQuery", "View")  # fmt: skip


def every_statement(access):
    """Returns the statements of all capabilities. Those for one way to sign in are for ``iam``."""
    return access.statements(REGION, "iam")


def documents(persona):
    return [statement.as_json() for access in persona.access for statement in every_statement(access)]


def allowed(*accesses):
    return {
        action
        for access in accesses
        for statement in every_statement(access)
        if statement.effect == "Allow"
        for action in statement.actions
    }


def who_may(action):
    """Returns the permission sets that allow an action in any account."""
    return {name for name, access in SETS.items() if any(fnmatchcase(action, pattern) for pattern in allowed(access))}


@every_set
def test_a_permission_set_is_within_the_limits_of_identity_center_and_iam(name):
    document = {"Statement": [statement.as_json() for statement in every_statement(SETS[name])]}
    assert len(name) <= 32
    assert len(json.dumps(document, separators=(",", ":"))) <= 10_240


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_a_persona_has_one_access_for_each_kind_of_account(persona):
    kinds = [kind for access in persona.access for kind in access.kinds]
    assert len(kinds) == len(set(kinds))
    assert len({access.label for access in persona.access}) == len(persona.access)
    assert persona.session_hours <= 4


def test_the_break_glass_permission_set_has_the_name_used_by_guardrails_and_alarms():
    assert [BREAK_GLASS.permission_set_of(access) for access in BREAK_GLASS.access] == ["BreakGlass"]
    assert BREAK_GLASS.session_hours == 1
    assert set(BREAK_GLASS.access[0].kinds) == {*KINDS} - {"governance"}


@pytest.mark.parametrize(
    "action",
    [
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:CreateRole",
        "iam:PassRole",
        "iam:PutRolePermissionsBoundary",
        "iam:UpdateAssumeRolePolicy",
        "organizations:DetachPolicy",
        "sso:CreateAccountAssignment",
        "glue:CreateJob",
        "glue:UpdateJob",
        "lambda:UpdateFunctionCode",
        "sagemaker:CreateNotebookInstance",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:CreateProcessingJob",
        "sagemaker:UpdateNotebookInstanceLifecycleConfig",
        "states:UpdateStateMachine",
    ],
)
def test_no_persona_can_escalate_privileges(action):
    assert who_may(action) == set()


def test_leads_and_operators_start_only_training_of_main_with_the_commands_of_the_repository():
    assert who_may("codebuild:StartBuild") == {"LeadScientist-tooling", "MLOpsEngineer-tooling"}
    for persona, team in ((LEAD_DATA_SCIENTIST, "${aws:PrincipalTag/plinth:team}"), (MLOPS_ENGINEER, None)):
        (statement,) = [d for d in documents(persona) if d["Sid"] == "StartTraining"]
        assert statement["Action"] == "codebuild:StartBuild"
        assert [arn.rpartition(":")[2] for arn in as_list(statement["Resource"])] == ["project/*--*-build"]
        variable = "codebuild:environment.environmentVariables"
        equal = dict(statement["Condition"]["StringEquals"])
        assert equal.pop("aws:ResourceTag/plinth:team", None) == team
        assert equal == {f"{variable}/BRANCH.value": "main", f"{variable}/TASK.value": ["repeat", "train"]}
        assert statement["Condition"]["Null"].keys() >= {"codebuild:source.buildspec", "codebuild:serviceRole"}
        assert statement["Condition"]["ForAllValues:StringEquals"] == {
            f"{variable}.name": ["BRANCH", "REASON", "REPEATED_BUILD", "TASK"]
        }


@pytest.mark.requirement("DEV-01.c", "PER-03.a", "AMB-17.b")
@pytest.mark.parametrize("action", ["sagemaker:CreatePipeline", "sagemaker:StartPipelineExecution"])
def test_no_person_creates_or_starts_a_sagemaker_pipeline(action):
    assert who_may(action) == set()


@pytest.mark.requirement("PER-03.e", "PER-04.c")
def test_only_leads_approve_models_and_only_of_their_own_team():
    assert who_may("sagemaker:UpdateModelPackage") == {"LeadScientist-tooling"}
    (statement,) = [d for d in documents(LEAD_DATA_SCIENTIST) if d["Sid"] == "DecideOnModels"]
    assert statement["Condition"]["StringEquals"] == {
        "aws:ResourceTag/plinth:team": "${aws:PrincipalTag/plinth:team}",
        "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"],
    }


@pytest.mark.requirement("PER-03.e")
def test_no_persona_both_approves_and_pushes_code():
    assert not who_may("codecommit:GitPush") & who_may("codecommit:UpdatePullRequestApprovalState")
    assert not who_may("codecommit:GitPush") & who_may("codepipeline:PutApprovalResult")


def test_business_approves_releases_only_where_business_approval_is_required():
    assert who_may("codepipeline:PutApprovalResult") == {
        "LeadScientist-tooling",
        "BusinessAnalyst-tooling",
        "ProductOwner-tooling",
    }
    for name in ("BusinessAnalyst-tooling", "ProductOwner-tooling"):
        (statement,) = [s for s in every_statement(SETS[name]) if "codepipeline:PutApprovalResult" in s.actions]
        assert all(resource.endswith("/BusinessApproval") for resource in statement.resources)


@pytest.mark.requirement("PER-06.b", "PER-03.c", "PER-05.c")
def test_only_data_engineers_write_to_the_lake():
    lake = "arn:aws:s3:::acme-lake-raw-111111111111-eu-west-1-an/orders"
    writers = {
        name
        for name, access in SETS.items()
        for statement in every_statement(access)
        if "s3:PutObject" in statement.actions and any(fnmatchcase(lake, str(arn)) for arn in statement.resources)
    }
    assert writers == {"DataEngineer"}
    assert who_may("lakeformation:GrantPermissions") == {"DataEngineer"}


@pytest.mark.requirement("PER-06.d")
def test_data_engineers_deploy_no_models_and_have_access_to_the_lake_only():
    assert [access.kinds for access in DATA_ENGINEER.access] == [("data-lake",)]
    assert not [action for action in allowed(*DATA_ENGINEER.access) if action.startswith("sagemaker:")]


@pytest.mark.requirement("PER-11.c")
def test_auditors_change_nothing_except_their_query_results():
    writes = {}
    for statement in documents(AUDITOR):
        for action in as_list(statement["Action"]):
            if not action.split(":")[1].startswith(READS) and action not in ("athena:StartQueryExecution",):
                writes.setdefault(statement["Sid"], set()).add(action)
    assert writes.pop("AthenaWritesAnswers") == {"s3:AbortMultipartUpload", "s3:PutObject"}
    assert set().union(*writes.values()) <= {"athena:StopQueryExecution", "kms:Decrypt", "kms:GenerateDataKey"}


@pytest.mark.requirement("PER-07.d")
@pytest.mark.parametrize(
    "action", ["s3:GetObject", "athena:GetQueryResults", "glue:GetTable", "lakeformation:GetDataAccess"]
)
def test_it_reads_no_business_data(action):
    assert not [pattern for pattern in allowed(*IT_PLATFORM.access) if fnmatchcase(action, pattern)]


@pytest.mark.requirement("PER-07.a")
def test_it_requests_and_decides_under_the_own_name_and_changes_no_record():
    assert who_may("dynamodb:UpdateItem") == set()
    assert who_may("dynamodb:DeleteItem") == set()
    by_sid = {statement["Sid"]: statement for statement in documents(IT_PLATFORM)}
    own = "person#${aws:PrincipalTag/plinth:user}"
    assert by_sid["RequestAndDecide"]["Condition"]["ForAllValues:StringEquals"] == {"dynamodb:LeadingKeys": own}
    assert by_sid["RequestAndDecide"]["Resource"] == "arn:aws:dynamodb:eu-west-1:*:table/plinth-catalog"


@pytest.mark.requirement("TPL-03.c", level="permission")
def test_only_lead_data_scientists_request_use_cases_under_the_name_of_their_session():
    assert who_may("dynamodb:PutItem") == {"ITPlatform-governance", "LeadScientist-tooling"}
    by_sid = {statement["Sid"]: statement for statement in documents(LEAD_DATA_SCIENTIST)}
    own = "${aws:PrincipalTag/plinth:team}#${aws:PrincipalTag/plinth:user}"
    assert by_sid["RequestUseCases"]["Condition"]["ForAllValues:StringEquals"] == {"dynamodb:LeadingKeys": own}
    assert by_sid["RequestUseCases"]["Resource"] == "arn:aws:dynamodb:eu-west-1:*:table/plinth-requests"


@pytest.mark.requirement("PER-10.a", "PER-10.b")
def test_stakeholders_read_reports_and_see_no_infrastructure():
    assert allowed(*BUSINESS_STAKEHOLDER.access) == {
        "s3:ListBucket",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "kms:Decrypt",
    }
    (reading,) = [d for d in documents(BUSINESS_STAKEHOLDER) if d["Sid"] == "ReadResults"]
    assert reading["Resource"] == "arn:aws:s3:::ml-preprod-*/*/ml-pipeline-outputs/reports/*"


@pytest.mark.requirement("PER-13.a")
def test_mlops_engineers_operate_pipelines_but_cannot_change_them():
    operating = allowed(*MLOPS_ENGINEER.access)
    assert {"codepipeline:RollbackStage", "codepipeline:StartPipelineExecution"} <= operating
    assert "codepipeline:UpdatePipeline" not in operating


@pytest.mark.requirement("PER-02.a")
def test_people_open_studio_only_with_their_own_profile_and_from_the_network():
    doors = [
        statement
        for access in SETS.values()
        for statement in every_statement(access)
        if "sagemaker:CreatePresignedDomainUrl" in statement.actions
    ]
    assert len(doors) == 5
    for door in doors:
        assert [str(arn).rpartition(":")[2] for arn in door.resources] == ["user-profile/*"]
        assert door.conditions == {
            "StringEquals": {"aws:ResourceTag/plinth:user": "${aws:PrincipalTag/plinth:user}"},
            "Null": {"aws:SourceVpce": "false"},
        }


@pytest.mark.requirement("PER-16.b")
@every_set
def test_a_permission_set_opens_no_studio_because_identity_center_domains_refuse_presigned_urls(name):
    statements = SETS[name].statements(REGION, "identity-center")
    both_ways = [s for s in statements if s.sid not in ("FindTheDirectory", "LookUpPeople")]
    assert [s for s in every_statement(SETS[name]) if s.sid != "OwnDoor"] == both_ways
    assert "sagemaker:CreatePresignedDomainUrl" not in {action for s in statements for action in s.actions}


def test_two_different_statements_with_one_id_are_refused():
    def saying(*actions):
        return Capability("", lambda _: [Statement(sid="Same", actions=actions, resources=["*"])])

    both = Access(kinds=("audit",), capabilities=(saying("s3:GetObject"), saying("s3:PutObject")))
    with pytest.raises(ValueError, match="Same: two different statements"):
        every_statement(both)


@pytest.mark.requirement("PER-01.a")
def test_the_table_of_personas_in_the_guide_is_current():
    text = document.PAGE.read_text(encoding="utf-8")
    assert text == document.renewed(text), "run `make reference`"
    assert all(f"`{name}`" in text for name in SETS)
