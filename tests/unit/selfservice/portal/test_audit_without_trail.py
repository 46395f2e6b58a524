"""Before the trail is deployed, an auditor reads how to deploy it. The module has no trail, so it is one by itself."""

from __future__ import annotations

from tests.unit.selfservice.portal.delivery_site import Delivery


def test_an_account_without_a_trail_says_how_to_deploy_it(delivery: Delivery) -> None:
    page = delivery.signed_in("anna").get("/audit")
    assert page.status_code == 200
    assert "WorkGroup audit is not found" in page.text
    assert "<code>plinth up audit</code> deploys the trail with its questions" in page.text
