"""Hooks of MkDocs for the documentation site: ``make docs``.

The front page is the README, whose list of documentation is the navigation. Each component has a page, generated from
its docstrings. Links to files that are no pages lead to the repository if ``repo_url`` is set, and are text otherwise.
"""

from __future__ import annotations

import ast
import functools
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[3]
PAGES_OF_THE_ROOT = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
}
"""Files beside the folder of the documentation that are pages, and the names of the pages."""
_SECTION = re.compile(r"^- \*\*(?P<title>[^*]+)\*\*: (?P<links>.+?)(?=^- |\n\n)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[(?P<text>[^\]\[]+)\]\((?P<target>[^)#\s]+)?(?P<anchor>#[^)\s]*)?\)")
_FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    config.nav = [{"Plinth": "index.md"}, *_sections(), *_components_by_folder()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for source, page in PAGES_OF_THE_ROOT.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    for component in components():
        files.append(File.generated(config, page_of(component), content=_page(component)))
    library = ROOT / "build" / "mermaid" / "mermaid.min.js"
    files.append(File.generated(config, "assets/mermaid.min.js", abs_src_path=str(library)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, **_: Any) -> str:
    source = next((name for name, uri in PAGES_OF_THE_ROOT.items() if uri == page.file.src_uri), None)
    folder = posixpath.dirname(source or f"docs/{page.file.src_uri}")

    def leading(link: re.Match[str]) -> str:
        target, anchor = link["target"] or "", link["anchor"] or ""
        if not target or "://" in target or target.startswith("mailto:"):
            return link[0]
        path = posixpath.normpath(posixpath.join(folder, target)).lstrip("/")
        uri = _page_of_file(path)
        if uri is not None and uri != page.file.src_uri:
            own = posixpath.dirname(page.file.src_uri) or "."
            return f"[{link['text']}]({posixpath.relpath(uri, own)}{anchor})"
        if config.repo_url:
            return f"[{link['text']}]({config.repo_url.rstrip('/')}/blob/main/{path}{anchor})"
        return link["text"]

    parts = _FENCE.split(markdown)
    return "".join(part if number % 2 else _LINK.sub(leading, part) for number, part in enumerate(parts))


def components() -> Iterator[Path]:
    """Yields the modules with a component, as paths from the root of the repository."""
    for module in sorted((ROOT / "components").rglob("*.py")):
        if _class_of(module):
            yield module.relative_to(ROOT)


def page_of(component: Path) -> str:
    return component.with_suffix(".md").as_posix()


def _page_of_file(path: str) -> str | None:
    """Returns the page of a file of the repository, or None if it has none."""
    if path in PAGES_OF_THE_ROOT:
        return PAGES_OF_THE_ROOT[path]
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    is_component = path.startswith("components/") and path.endswith(".py") and _class_of(ROOT / path)
    return page_of(Path(path)) if is_component else None


@functools.cache
def _class_of(module: Path) -> str | None:
    """Returns the name of the component of a module, or None if it has none."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return next(
        (class_.name for class_ in classes if "pulumi.ComponentResource" in map(ast.unparse, class_.bases)), None
    )


def _page(component: Path) -> str:
    """Returns the page of a component: the component, and then its arguments."""
    module, name = ".".join(component.with_suffix("").parts), _class_of(ROOT / component)
    itself = f"::: {module}.{name}\n    options: {{show_root_heading: false}}\n"
    return f"# {name}\n\n{itself}\n::: {module}.{name}Args\n\nSource: [`{component}`](/{component})\n"


def _sections() -> Iterator[dict[str, Any]]:
    """Yields the sections of the navigation: the list of documentation of the README."""
    _, _, listed = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Documentation\n")
    for section in _SECTION.finditer(listed):
        pages: list[Any] = []
        for link in _LINK.finditer(section["links"]):
            page = _page_of_file(link["target"])
            text = link["text"][0].upper() + link["text"][1:]
            pages.append({text: _decisions() if page == "decisions/README.md" else page})
        yield {section["title"]: pages}


def _decisions() -> list[str]:
    return [
        "decisions/README.md",
        *sorted(f"decisions/{path.name}" for path in (ROOT / "docs/decisions").glob("0*.md")),
    ]


def _components_by_folder() -> Iterator[dict[str, Any]]:
    folders: dict[str, list[Any]] = {}
    for component in components():
        title = component.parts[1].replace("_", " ").capitalize()
        folders.setdefault(title, []).append({_class_of(ROOT / component): page_of(component)})
    yield {"Components": [{title: pages} for title, pages in folders.items()]}
