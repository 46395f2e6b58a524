from __future__ import annotations

from selfservice.quotas.reference_page import PAGE, page


def test_the_page_has_the_quotas_of_today() -> None:
    assert PAGE.read_text() == page()
