import json
from ipaddress import ip_network

import pytest

from settings.organization.account import AccountSettings
from settings.organization.audit import AuditSettings
from settings.organization.contacts import Contact
from settings.organization.region_exception import RegionException
from settings.types.aws.document_limits import DOCUMENT_LIMITS, ORGANIZATION_POLICIES, POLICIES_OF_A_TARGET
from settings.types.kinds import ORGANIZATIONAL_UNIT_PATHS
from tests.support.computed import ACCOUNT as MANAGEMENT
from tests.support.every_stack import (
    DATA_SOURCES,
    deploy_stack,
    example_deployment,
    example_foundation,
    example_organization,
)

ACCOUNT = "aws:organizations/account:Account"
POLICY = "aws:organizations/policy:Policy"
ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
UNIT = "aws:organizations/organizationalUnit:OrganizationalUnit"
DESK = Contact(name="Desk", title="On call", email="desk@acme.example", phone="+44 20 7946 0000")
EVERY_SETTING = {
    "partner_accounts": ("888888888888",),
    "corporate_networks": (ip_network("20.10.0.0/16"),),
    "allowed_regions": ("eu-west-1", "us-east-1", "eu-central-1"),
    "contacts": dict.fromkeys(("billing", "operations", "security"), DESK),
    "monthly_budget_usd": 8000,
    "bill_by_tags": True,
    "audit": AuditSettings(macie=True),
}


def organization(**changes):
    foundation = example_foundation(organization=example_organization(**changes))
    return deploy_stack("organization", foundation, data_sources=DATA_SOURCES)


def guardrails_of(recorder, unit):
    target = recorder.exports["organizational_units"][unit]
    return {a.inputs["policyId"] for a in recorder.all(ATTACHMENT) if a.inputs["targetId"] == target}


@pytest.mark.requirement("ACC-01.a", "ACC-03.a")
def test_durable_accounts_are_in_their_units_and_protected():
    recorder = example_deployment()["organization"]
    units = recorder.exports["organizational_units"]
    places = {a.inputs["name"]: a.inputs["parentId"] for a in recorder.all(ACCOUNT)}
    assert places == {
        "acme-audit": units["Security"],
        "acme-network": units["Infrastructure"],
        "acme-data-lake": units["Data"],
        "acme-tooling": units["Tooling"],
        "acme-governance": units["Tooling"],
    }
    assert all(account.protect for account in recorder.all(ACCOUNT))


@pytest.mark.requirement("ACC-07.b")
def test_a_later_phase_adds_accounts_and_changes_none():
    before: dict = {}
    for phase in ("initial", "repeatable", "reliable", "scalable"):
        after = {a.urn: a.inputs for a in organization(phase=phase).all(ACCOUNT)}
        assert {urn: after[urn] for urn in before} == before
        before = after
    assert len(before) == 5


@pytest.mark.requirement("ACC-02.a")
def test_renaming_an_account_changes_its_name_and_nothing_else():
    plain = {r.urn: r for r in organization()}
    renamed = {
        r.urn: r
        for r in organization(
            accounts={
                "organization": AccountSettings(id=MANAGEMENT),
                "tooling": AccountSettings(name="shared-services"),
            }
        )
    }
    assert plain.keys() == renamed.keys()
    changed = [urn for urn in plain if plain[urn].inputs != renamed[urn].inputs]
    (urn,) = changed
    assert plain[urn].inputs | {"name": "shared-services"} == renamed[urn].inputs


@pytest.mark.requirement("ACC-01.b")
def test_an_existing_organization_and_its_accounts_are_adopted():
    accounts = {"organization": AccountSettings(id=MANAGEMENT), "audit": AccountSettings(id="555555555555")}
    recorder = organization(id="o-adopted12345", accounts=accounts)
    assert recorder.one("aws:organizations/organization:Organization").import_id == "o-adopted12345"
    assert {a.import_id for a in recorder.all(ACCOUNT)} == {"", "555555555555"}


def test_features_that_are_enabled_in_an_adopted_organization_stay_enabled():
    made, adopted = organization(), organization(id="o-adopted12345")
    of = "aws:organizations/organization:Organization"
    for property_, found in (
        ("enabledPolicyTypes", "BACKUP_POLICY"),
        ("awsServiceAccessPrincipals", "backup.amazonaws.com"),
    ):
        ours = made.one(of).inputs[property_]
        assert found not in ours
        assert sorted(adopted.one(of).inputs[property_]) == sorted([*ours, found])


def guardrails_above(recorder, unit):
    """Returns the guardrails of a unit, of its parents and of the root."""
    paths = [unit.rsplit("/", n)[0] for n in range(unit.count("/") + 1)]
    units = set().union(*(guardrails_of(recorder, path) for path in paths))
    return units | {a.inputs["policyId"] for a in recorder.all(ATTACHMENT) if a.inputs["targetId"] == "r-root"}


def names(*guardrails):
    return {f"guardrail-{name}-id" for name in guardrails}


EVERYWHERE = names("everywhere", "everywhere-2", "perimeter", "no-learning", "tags", "machines")
GUARDRAILS = {
    "Security": names("one-way-out"),
    "Infrastructure": names("one-way-out"),
    "Data": names("no-way-out", "models"),
    "Tooling": names("one-way-out", "models", "registry"),
    "Workloads": names("models", "work"),
    "Workloads/NonProduction": names("models", "work", "one-way-out", "experiments"),
    "Workloads/Production": names("models", "work", "no-way-out", "releases"),
    "Suspended": names("suspended"),
    "Recycled": names("suspended"),
}


@pytest.mark.requirement("ACC-05.b", "ACC-09.b")
@pytest.mark.parametrize("unit", ORGANIZATIONAL_UNIT_PATHS)
def test_a_unit_has_its_own_guardrails_and_those_of_all_units(unit):
    recorder = example_deployment()["organization"]
    assert guardrails_above(recorder, unit) == EVERYWHERE | GUARDRAILS[unit]


def test_in_an_adopted_organization_only_our_units_are_under_guardrails():
    recorder = organization(id="o-adopted12345")
    ours = {*recorder.exports["organizational_units"].values(), recorder.exports["accounts"]["data-lake"]}
    assert {a.inputs["targetId"] for a in recorder.all(ATTACHMENT)} <= ours
    for unit in ("Security", "Infrastructure", "Data", "Tooling", "Workloads"):
        assert guardrails_of(recorder, unit) >= EVERYWHERE
    for unit in ("Suspended", "Recycled"):
        assert guardrails_of(recorder, unit) == names("suspended", "perimeter", "machines")


def test_policies_are_within_the_limits_of_aws_in_size_and_number():
    for recorder in (example_deployment()["organization"], organization(id="o-adopted12345", **EVERY_SETTING)):
        types = {f"{p.name}-id": p.inputs["type"] for p in recorder.all(POLICY)}
        for policy in recorder.all(POLICY):
            assert len(policy.inputs["content"]) <= DOCUMENT_LIMITS[ORGANIZATION_POLICIES[policy.inputs["type"]]].size
        attached = [(a.inputs["targetId"], types[a.inputs["policyId"]]) for a in recorder.all(ATTACHMENT)]
        assert all(attached.count((target, type_)) <= POLICIES_OF_A_TARGET[type_] for target, type_ in attached)


def test_the_stack_stays_small_with_every_option_set():
    assert len(list(organization(**EVERY_SETTING))) < 135
    assert len(list(organization(id="o-adopted12345", **EVERY_SETTING))) < 150


def statement(recorder, sid):
    found = [s for p in recorder.all(POLICY) for s in json.loads(p.inputs["content"]).get("Statement", ())]
    return next((s for s in found if s["Sid"] == sid), None)


def test_only_allowed_regions_are_allowed():
    recorder = organization(allowed_regions=("eu-west-1", "eu-central-1"))
    denied = statement(recorder, "SCP03OnlyAllowedRegions")["Condition"]
    assert denied == {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}


def test_an_exception_allows_its_actions_in_its_regions_and_nothing_else():
    exception = RegionException(
        actions=("bedrock:InvokeModel*",),
        regions=("eu-central-1", "eu-west-3"),
        reason="inference profiles of Bedrock use several regions",
    )
    recorder = organization(allowed_regions=("eu-west-1",), region_exceptions=(exception,))
    general = statement(recorder, "SCP03OnlyAllowedRegions")
    assert "bedrock:InvokeModel*" in general["NotAction"]
    own = statement(recorder, "SCP03OnlyRegionsOfException1")
    assert own["Action"] in ("bedrock:InvokeModel*", ["bedrock:InvokeModel*"])
    assert own["Condition"]["StringNotEquals"] == {"aws:RequestedRegion": ["eu-west-1", "eu-central-1", "eu-west-3"]}
    assert statement(organization(), "SCP03OnlyRegionsOfException1") is None


def test_partner_accounts_may_access_resources_only_if_named():
    sid = "RCP01OnlyOurIdentities"
    alone = statement(organization(), sid)["Condition"]["StringNotEqualsIfExists"]
    assert alone.keys() == {"aws:PrincipalOrgID"}
    together = statement(organization(partner_accounts=("888888888888",)), sid)["Condition"]["StringNotEqualsIfExists"]
    assert together == {**alone, "aws:PrincipalAccount": "888888888888"}


@pytest.mark.parametrize("sid", ["SCP13PeopleFromOurNetworks", "RCP04OnlyFromOurNetworks"])
def test_people_may_call_only_from_corporate_networks_if_these_are_set(sid):
    assert statement(organization(), sid) is None
    assert "20.10.0.0/16" in json.dumps(statement(organization(corporate_networks=(ip_network("20.10.0.0/16"),)), sid))


@pytest.mark.requirement("DL-08.b")
def test_teams_may_only_read_the_lake_if_it_has_an_account_to_itself():
    recorder = organization()
    lake = recorder.exports["accounts"]["data-lake"]
    for sid in ("SCP15LakeIsReadOnly", "SCP15LakeTakesResultsOnly"):
        assert statement(recorder, sid)["Condition"] == {"StringEquals": {"aws:ResourceAccount": lake}}
    of_the_lake = {a.inputs["policyId"] for a in recorder.all(ATTACHMENT) if a.inputs["targetId"] == lake}
    assert of_the_lake == names("lake")
    assert statement(organization(placement="medium"), "SCP15LakeIsReadOnly") is None


@pytest.mark.requirement("ACC-02.b", "SZ-02.a")
def test_in_a_small_placement_every_kind_lands_in_the_management_account():
    recorder = organization(placement="small")
    assert not recorder.all(ACCOUNT)
    assert set(recorder.exports["accounts"].values()) == {MANAGEMENT}


@pytest.mark.requirement("ACC-02.b", "AMB-18.b")
def test_merged_kinds_share_an_account():
    accounts = organization(placement="medium").exports["accounts"]
    shared = {accounts[kind] for kind in ("audit", "network", "data-lake", "tooling", "governance")}
    assert len(shared) == 1
    assert shared != {MANAGEMENT}


def test_nothing_is_created_before_the_organization_and_its_units():
    recorder = example_deployment()["organization"]
    made_first = {recorder.one("aws:organizations/organization:Organization").urn, *(u.urn for u in recorder.all(UNIT))}
    top = [r for r in recorder if r.is_component and r.type != "plinth:organization:Enterprise"]
    assert len([r for r in top if made_first <= r.dependencies]) == len(top) > 10


ADMINISTRATORS = {
    "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": "accountId",
    "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount": "adminAccountId",
    "aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount": "accountId",
    "aws:organizations/delegatedAdministrator:DelegatedAdministrator": "accountId",
    "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount": "adminAccountId",
}
MACIE = "aws:macie2/organizationAdminAccount:OrganizationAdminAccount"


def administrators(recorder):
    kinds = {**ADMINISTRATORS, MACIE: "adminAccountId"}
    return {(type_, record.inputs[key]) for type_, key in kinds.items() for record in recorder.all(type_)}


@pytest.mark.parametrize("placement", ["large", "medium"])
def test_the_audit_account_administers_the_security_services(placement):
    recorder = organization(placement=placement)
    audit = recorder.exports["accounts"]["audit"]
    assert administrators(recorder) == {(type_, audit) for type_ in ADMINISTRATORS}


def test_the_management_account_delegates_nothing_to_itself():
    assert administrators(organization(placement="small")) == set()


def test_macie_is_delegated_if_it_is_enabled():
    recorder = organization(audit=AuditSettings(macie=True))
    assert (MACIE, recorder.exports["accounts"]["audit"]) in administrators(recorder)


def test_every_delegated_service_has_trusted_access():
    recorder = organization()
    trusted = recorder.one("aws:organizations/organization:Organization").inputs["awsServiceAccessPrincipals"]
    delegated = recorder.all("aws:organizations/delegatedAdministrator:DelegatedAdministrator")
    assert {d.inputs["servicePrincipal"] for d in delegated} < set(trusted)


def test_the_management_account_manages_root_users_of_members():
    features = organization().one("aws:iam/organizationsFeatures:OrganizationsFeatures")
    assert features.inputs["enabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]


def test_every_account_has_the_same_alternate_contacts():
    recorder = organization(contacts={"security": DESK})
    contacts = recorder.all("aws:account/alternativeContact:AlternativeContact")
    members = {account for account in recorder.exports["accounts"].values() if account != MANAGEMENT}
    # AWS does not accept the id of the management account itself.
    assert {contact.inputs.get("accountId") for contact in contacts} == {None, *members}
    assert {contact.inputs["alternateContactType"] for contact in contacts} == {"SECURITY"}


@pytest.mark.requirement("COST-01")
def test_the_shared_accounts_have_a_common_budget_with_a_share_for_each():
    recorder = organization(monthly_budget_usd=6001)
    budgets = {b.inputs["name"]: b.inputs for b in recorder.all("aws:budgets/budget:Budget")}
    accounts = recorder.exports["accounts"]
    together = budgets.pop("acme")
    assert together["limitAmount"] == "6001"
    assert set(together["costFilters"][0]["values"]) == set(accounts.values())
    assert {name: b["costFilters"][0]["values"] for name, b in budgets.items()} == {
        f"acme-{kind}": [account] for kind, account in accounts.items()
    }
    assert {b["limitAmount"] for b in budgets.values()} == {"1000"}


@pytest.mark.requirement("COST-02.a")
def test_the_mandatory_tags_and_those_of_use_cases_and_users_are_cost_allocation_tags_if_enabled():
    type_ = "aws:costexplorer/costAllocationTag:CostAllocationTag"
    assert organization().all(type_) == []
    shown = {tag.inputs["tagKey"] for tag in organization(bill_by_tags=True).all(type_)}
    own = {"plinth:use-case", "plinth:user"}
    assert {"plinth:team", "plinth:cost-centre", "plinth:environment"} | own <= shown


def test_accounts_are_created_one_after_the_other():
    accounts = {account.urn: account for account in organization().all(ACCOUNT)}

    def before(urn: str) -> set[str]:
        direct = accounts[urn].dependencies & accounts.keys()
        return direct.union(*(before(dependency) for dependency in direct))

    assert sorted(len(before(urn)) for urn in accounts) == list(range(len(accounts)))


BLOCK = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"


def test_the_management_account_has_the_baseline_unless_it_is_adopted():
    assert organization().one(BLOCK).inputs["internetGatewayBlockMode"] == "block-bidirectional"
    assert not organization(id="o-adopted12345").all(BLOCK)
