"""Templates compile, stand in the page, speak through gettext, and carry no script or style of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import Context, Origin, TemplateSyntaxError, engines
from django.template import Template as CompiledTemplate
from django.template.loader import get_template

from tests.architecture.source import HOUSE, assert_none

WEB = HOUSE / "web"
TEXT_ATTRIBUTES = {
    "alt", "title", "aria-label", "aria-description", "placeholder", "label", "heading", "text",
    "hint", "caption", "summary", "legend", "lead", "summary-text",
}  # fmt: skip
# Names are the same in every language.
NAMES = {"Eigenwijs", "IBAN", "BIC", "KvK", "CSV", "PDF", "JSON", "XML"}
FORBIDDEN = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a style in the page": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an event handler in the page": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script as address": re.compile(r"javascript:", re.IGNORECASE),
    "text that is not escaped": re.compile(r"\|\s*safe\b|\|\s*safeseq\b|{%\s*autoescape\s+off"),
    "another site": re.compile(r"(?:src|<link[^>]*href)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE),
    "a form without its token": re.compile(
        r"<form\b(?=[^>]*method=[\"']?post)(?:(?!</form>)(?!csrf_token).)*</form>",
        re.IGNORECASE | re.DOTALL,
    ),
}


@dataclass(frozen=True)
class Template:
    """One template: the name it is loaded by, and its text."""

    name: str
    text: str

    @property
    def stands_alone(self) -> bool:
        """Whether it is a whole page or mail, not a component or part that another includes."""
        parts = Path(self.name).parts
        return not (parts[0] == "components" or "entries" in parts or parts[-1].startswith("_"))

    @property
    def is_page(self) -> bool:
        """Whether a browser shows it as a page."""
        is_mail = self.name.endswith(".txt") or {"mail", "email"} & set(Path(self.name).parts)
        return self.stands_alone and self.name != "page.html" and not is_mail

    @property
    def is_example(self) -> bool:
        """Whether it only shows makers what a component looks like, with made-up words."""
        return self.name.startswith("gallery/entries/")


def templates() -> list[Template]:
    """Every template of the house."""
    found = []
    for path in sorted([*HOUSE.rglob("*.html"), *HOUSE.rglob("*.txt")]):
        parts = path.relative_to(HOUSE).parts
        if "templates" in parts:
            name = "/".join(parts[parts.index("templates") + 1 :])
        elif "components" in parts:
            name = "/".join(parts[parts.index("components") :])
        else:
            continue
        found.append(Template(name, path.read_text(encoding="utf-8")))
    return found


def find_broken(found: Iterable[Template]) -> list[str]:
    """Name every template that does not compile."""
    breaches = []
    for template in found:
        try:
            get_template(template.name)
        except TemplateSyntaxError as error:
            breaches.append(f"{template.name}: {error}")
    return breaches


def find_forbidden(found: Iterable[Template]) -> list[str]:
    """Name every template with something that a page may not contain."""
    return [
        f"{template.name} has {what}"
        for template in found
        for what, pattern in FORBIDDEN.items()
        if pattern.search(template.text)
    ]


def find_pages_without_frame(found: Iterable[Template]) -> list[str]:
    """Name every page that does not extend `page.html` in the end, or has no title."""
    by_name = {template.name: template for template in found}
    breaches = []
    for template in by_name.values():
        if not template.is_page:
            continue
        here, has_title = template, False
        while here.name != "page.html":
            has_title = has_title or "{% block title %}" in here.text
            parent = re.search(r"{% extends [\"']([^\"']+)[\"'] %}", here.text)
            if parent is None or parent[1] not in by_name:
                breaches.append(f"{template.name} does not extend page.html")
                break
            here = by_name[parent[1]]
        if not has_title:
            breaches.append(f"{template.name} has no title")
    return breaches


def find_untranslated(found: Iterable[Template]) -> list[str]:
    """Name every text that people see or hear and that is not for translation."""
    breaches = []
    for template in found:
        reader = _VisibleText()
        reader.feed(_without_tags(template.text))
        reader.close()
        breaches += [f"{template.name}: {text!r}" for text in reader.texts]
    return breaches


def find_components_not_shown(found: Iterable[Template]) -> list[str]:
    """Name every component without a `<c-vars>` as its first line, or absent from the gallery."""
    by_name = {template.name: template for template in found}
    components = {n: t for n, t in by_name.items() if n.startswith("components/")}
    shown: set[str] = set()
    to_read = [template for name, template in by_name.items() if name.startswith("gallery/")]
    while to_read:
        for tag in re.findall(r"<c-([a-z0-9.-]+)", to_read.pop().text):
            name = f"components/{tag.replace('-', '_').replace('.', '/')}.html"
            if name in components and name not in shown:
                shown.add(name)
                to_read.append(components[name])
    breaches = [f"{name} is not in the gallery" for name in components if name not in shown]
    return breaches + [
        f"{name} does not start with <c-vars …>"
        for name, template in components.items()
        if not template.text.startswith("<c-vars")
    ]


def _without_tags(text: str) -> str:
    for pattern in (
        r"{#.*?#}",
        r"{%\s*comment\b.*?{%\s*endcomment\s*%}",
        r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}",
        r"{%.*?%}",
        r"{{.*?}}",
    ):
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    return text


class _VisibleText(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        words = re.findall(r"[^\W\d_]{2,}", data)
        if self.cdata_elem is None and any(word not in NAMES for word in words):
            self.texts.append(" ".join(data.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in TEXT_ATTRIBUTES and value and re.search(r"[^\W\d_]{2,}", value):
                self.texts.append(f"{tag} {name}={value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def test_templates_compile() -> None:
    assert_none(find_broken(templates()))


def test_templates_contain_nothing_forbidden() -> None:
    assert_none(find_forbidden(t for t in templates() if not t.is_example))


def test_pages_stand_in_the_frame_and_have_a_title() -> None:
    assert_none(find_pages_without_frame(templates()))


def test_all_text_goes_through_gettext() -> None:
    assert_none(find_untranslated(t for t in templates() if not t.is_example))


def test_every_component_is_in_the_gallery() -> None:
    assert_none(find_components_not_shown(templates()))


@pytest.mark.parametrize(
    "text",
    [
        "<script>go()</script>",
        "<style>p {}</style>",
        '<p style="color: red">',
        '<p onclick="go()">',
        '<a href="javascript:go()">',
        "{{ name|safe }}",
        "{% autoescape off %}",
        '<img src="//elsewhere.example/a.png">',
        '<form method="post"><input></form>',
    ],
)
def test_planted_forbidden_content(text: str) -> None:
    assert len(find_forbidden([Template("a.html", text)])) == 1


def test_planted_page_outside_the_frame() -> None:
    frame = Template("page.html", "{% block title %}{% endblock %}")
    middle = Template("middle.html", '{% extends "page.html" %}{% block title %}T{% endblock %}')
    good = Template("good.html", '{% extends "middle.html" %}')
    assert not find_pages_without_frame([frame, middle, good])
    no_title = Template("a.html", '{% extends "page.html" %}')
    no_frame = Template("b.html", "{% block title %}T{% endblock %}")
    assert len(find_pages_without_frame([frame, no_title, no_frame])) == 2


@pytest.mark.parametrize(
    "text",
    ["<p>Hallo</p>", "<p>{{ name }} is</p>", '<img alt="Een huis">', '<c-card heading="Hallo" />'],
)
def test_planted_text_outside_gettext(text: str) -> None:
    assert find_untranslated([Template("a.html", text)])
    translated = """{# Note #}<p title="{% translate "Hoi" %}">{% blocktranslate %}Hallo <b>jij</b>
        {% endblocktranslate %} {{ name|default:"x" }} Eigenwijs &euro; 12,50</p>"""
    assert not find_untranslated([Template("a.html", translated)])


def test_planted_template_that_does_not_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engines["django"]
    monkeypatch.setattr(
        "tests.architecture.test_templates.get_template",
        lambda name: engine.from_string("{% if %}" if name == "a.html" else ""),
    )
    assert len(find_broken([Template("a.html", ""), Template("b.html", "")])) == 1


def test_planted_undefined_variable() -> None:
    engine = engines["django"].engine
    ours = Origin(str(HOUSE / "web/templates/planted.html"))
    for text in ("{{ nobody }}", "{% blocktranslate %}{{ nobody }}{% endblocktranslate %}"):
        with pytest.raises(AssertionError, match="nobody"):
            CompiledTemplate(text, origin=ours, engine=engine).render(Context())
    theirs = Origin("site-packages/allauth/page.html")
    assert CompiledTemplate("{{ nobody }}", origin=theirs, engine=engine).render(Context()) == ""
    asked = CompiledTemplate("{% if nobody %}x{% endif %}", origin=ours, engine=engine)
    assert asked.render(Context()) == ""


def test_planted_component_outside_the_gallery() -> None:
    entry = Template("gallery/entries/a.html", "<c-shown-one />")
    shown = Template("components/shown_one.html", "<c-vars /><c-inner />")
    inner = Template("components/inner.html", "<c-vars />")
    assert not find_components_not_shown([entry, shown, inner])
    hidden = Template("components/hidden.html", "<p></p>")
    assert len(find_components_not_shown([entry, shown, inner, hidden])) == 2
