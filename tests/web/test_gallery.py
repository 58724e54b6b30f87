"""Every component has an entry in the gallery, a first line that names its arguments, and works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

import eigenwijs.web

WEB = Path(eigenwijs.web.__file__).parent
COMPONENTS = sorted((WEB / "components").glob("*.html"))
ENTRIES = WEB / "gallery/templates/gallery/entries"
TEMPLATES = sorted(path for path in WEB.rglob("*.html"))

pytestmark = pytest.mark.django_db


def tags(path: Path) -> set[str]:
    return set(re.findall(r"<c-([a-z-]+)", path.read_text(encoding="utf-8"))) - {"vars", "slot"}


def test_the_gallery_shows_every_component() -> None:
    shown = set().union(*(tags(path) for path in ENTRIES.glob("*.html")))
    names = {path.stem.replace("_", "-") for path in COMPONENTS}
    inside = set().union(*(tags(path) for path in COMPONENTS))
    assert names - shown - inside == set()


def test_the_gallery_page_renders_each_entry(client: Client) -> None:
    page = client.get("/gallery/").content.decode()
    for entry in ENTRIES.glob("*.html"):
        assert f'<section id="{entry.stem}">' in page


def test_the_reference_lists_every_component() -> None:
    reference = (WEB.parents[2] / "docs/reference/components.md").read_text(encoding="utf-8")
    for path in COMPONENTS:
        assert f"<c-{path.stem.replace('_', '-')}>" in reference


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_names_its_arguments_first(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("<c-vars")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=['\"]|<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_uses_only_components_that_exist(path: Path) -> None:
    assert tags(path) <= {component.stem.replace("_", "-") for component in COMPONENTS}
