"""Folders stay small enough to read at once, and the drawing of the layout is current."""

from tests.support.docs.tree import MOST_MODULES, PAGE, drawing, module_counts, renewed


def test_no_folder_holds_more_modules_than_a_newcomer_reads_at_once():
    assert {folder: count for folder, count in module_counts().items() if count > MOST_MODULES} == {}


def test_the_drawing_of_the_layout_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert drawing() in page
    assert renewed(page) == page, "run `make reference`"
