"""Folders stay small enough to read at once, and the drawing of the layout is current."""

from tests.support.docs.prose import is_left_out
from tests.support.docs.tree import (
    MOST_MODULES,
    PAGE,
    ROOT,
    description,
    drawing,
    drawn_packages,
    module_counts,
    renewed,
)


def test_no_folder_holds_more_modules_than_a_newcomer_reads_at_once():
    assert {folder: count for folder, count in module_counts().items() if count > MOST_MODULES} == {}


def test_every_package_says_what_belongs_in_it():
    packages = [package for package in drawn_packages() if not is_left_out(package.relative_to(ROOT))]
    assert [package for package in packages if not description(package)] == []


def test_the_drawing_of_the_layout_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert drawing() in page
    assert renewed(page) == page, "run `make reference`"
