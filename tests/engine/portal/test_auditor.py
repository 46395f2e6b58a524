"""An auditor asks about the trail of the deployed organization, in a browser."""

from __future__ import annotations

from plinth_sandbox.waiting import eventually
from tests.engine.portal.conftest import Portal
from tests.support.platform_team import add_people


def test_an_auditor_finds_the_questions_and_reads_an_answer(portal: Portal) -> None:
    add_people(portal.bench, "olga")
    portal.bench.sandbox("user", "olga", "--group=plinth-auditor")
    olga = portal.signed_in("olga")
    olga.click("Audit")
    olga.refuse_barriers()
    olga.take_picture("audit")
    olga.click("guardrail-denials")
    olga.refuse_barriers()
    olga.page.fill("#field-account", portal.bench.outputs("tooling")["account_id"])
    olga.click("Ask")
    eventually(lambda: "has not answered yet" not in olga.text_now())
    olga.refuse_barriers()
    assert "plinth audit answer" in olga.text()
    assert any(said in olga.text() for said in ("The trail has no such call.", "rows.", "1 row."))
