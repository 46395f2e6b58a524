import pytest

from settings.types.error_codes import Code
from tests.unit.settings.project import REMOVED, Project

ORGANIZATION = "plinth:organization."


@pytest.mark.requirement("COST-01")
@pytest.mark.parametrize("field", ["contacts", "monthly_budget_usd"])
def test_what_the_policy_pack_insists_on_is_required(project: Project, field: str) -> None:
    (fault,) = project.organization(**{field: REMOVED}).faults()
    assert (fault.code, fault.path) == (Code.FIELD_MISSING, ORGANIZATION + field)


def test_a_security_contact_is_required_among_the_contacts(project: Project) -> None:
    desk = {"name": "Bills", "title": "Desk", "email": "bills@acme.example", "phone": "+44 20 7946 0000"}
    (fault,) = project.organization(contacts={"billing": desk}).faults()
    assert (fault.code, fault.path) == (Code.FIELD_MISSING, f"{ORGANIZATION}contacts")
    assert "contacts.security" in fault.fix
