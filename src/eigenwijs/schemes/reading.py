"""YAML 1.2 into plain values, every one with the line it stands on.

Numbers, dates and words all stay text here; the blocks say what each must be. There are no floats,
no yes/no booleans, no null, no anchors and no tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from django.utils.translation import gettext_lazy as _
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    NodeEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.parser import Parser

from eigenwijs.kernel.errors import Fault

Path = tuple[str | int, ...]
Tree = str | list["Tree"] | dict[str, "Tree"]

MOST_CHARACTERS = 200_000
MOST_LEVELS = 12
MOST_VALUES = 2_000

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(
    f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "timestamp", "map", "seq")
)
_MARGIN_KEY = re.compile(r"([a-z_]+) *:")


@dataclass
class Document:
    """A text as values: `lines` gives the line of every value by its path, counting from 1."""

    tree: Tree = ""
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of the value at `path`, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: Path, code: str, message: object, **params: object) -> Fault:
        """Return what is wrong at `path`, with its line."""
        return Fault(code, message, params, self.line(path), label(path))


class _Refused(Exception):
    """Nothing of this text may be built; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def label(path: Path) -> str:
    """Write a path as names and places with dots, places counting from 1."""
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in path)


def read_document(text: str) -> Document:
    """Read a whole text. What is wrong stands in `faults`; the tree is what could be read."""
    document = Document()
    try:
        root = _compose(text)
    except _Refused as refused:
        document.faults.append(refused.fault)
        return document
    document.tree = _value(document, root, ())
    return document


def _compose(text: str) -> MappingNode:
    if len(text) > MOST_CHARACTERS:
        message = _("Dit bestand is te lang: hooguit %(most)s tekens.")
        raise _refused(text, "too_long", 1, message, most=MOST_CHARACTERS)
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Parser = partial(_Watched, text)
        root: Node | None = yaml.compose(text)
    except (YAMLError, ValueError, RecursionError) as error:
        if "single document" in (getattr(error, "context", None) or ""):
            message = _(
                "Hier begint een tweede document (---). Zet elke regeling in een eigen bestand."
            )
            raise _refused(text, "second_document", _line_of(error), message) from None
        message = _(
            "Dit is geen goede YAML: %(problem)s. Kijk of elk haakje en elk aanhalingsteken sluit "
            "en of regels even ver inspringen."
        )
        problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        raise _refused(text, "not_yaml", _line_of(error), message, problem=problem) from None
    if not isinstance(root, MappingNode):
        message = _("Dit bestand moet bestaan uit regels als ‘naam: waarde’.")
        raise _refused(text, "not_a_mapping", 1, message)
    return root


def _line_of(error: Exception) -> int:
    """Return where a person must look: a bracket or quote that never closes is where it opens."""
    if not isinstance(error, MarkedYAMLError):
        return 1
    opens = re.search("flow|quoted", error.context or "")
    mark = error.context_mark if opens else error.problem_mark
    return mark.line + 1 if mark else 1


class _Watched(Parser):
    """Refuses anchors, tags, depth and number as each event is handed on, before anything is built of it."""

    def __init__(self, text: str, loader: YAML) -> None:
        super().__init__(loader)
        self.text = text
        self.level = self.values = 0

    def get_event(self) -> Event:
        """Hand the next event on, or raise _Refused."""
        event: Event = super().get_event()
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            message = _("Verwijzingen (& en *) mogen niet. Schrijf de waarde voluit.")
            raise _refused(self.text, "anchor", line, message)
        if getattr(event, "tag", None):
            message = _(
                "‘%(tag)s’ mag niet: een waarde heeft geen soort. Schrijf alleen de waarde."
            )
            raise _refused(self.text, "tag", line, message, tag=_written_tag(event))
        self.level += isinstance(event, CollectionStartEvent)
        self.level -= isinstance(event, CollectionEndEvent)
        if self.level > MOST_LEVELS:
            message = _("Dit zit te diep in elkaar: hooguit %(most)s lagen.")
            raise _refused(self.text, "too_deep", line, message, most=MOST_LEVELS)
        self.values += isinstance(event, NodeEvent)
        if self.values > MOST_VALUES:
            message = _("Hier staan te veel namen en waarden: hooguit %(most)s.")
            raise _refused(self.text, "too_many", line, message, most=MOST_VALUES)
        return event


def _written_tag(event: Event) -> str:
    return str(getattr(event, "tag", "")).replace(_TAG, "!!")[:40]


def _refused(text: str, code: str, line: int, message: object, **params: object) -> _Refused:
    """The block is the key at the margin that stands last at or above the line."""
    above = reversed(text[:MOST_CHARACTERS].split("\n")[:line])
    found = next((match[1] for one in above if (match := _MARGIN_KEY.match(one))), "")
    return _Refused(Fault(code, message, params, line, found))


def _value(document: Document, node: Node, path: Path) -> Tree:
    line = node.start_mark.line + 1 if node.start_mark else 1
    document.lines.setdefault(path, line)
    if str(node.tag) not in _PLAIN_TAGS:
        document.faults.append(_no_value(document, node, path))
        return ""
    if isinstance(node, MappingNode):
        return _mapping(document, node, path)
    if isinstance(node, SequenceNode):
        return [_value(document, item, (*path, i)) for i, item in enumerate(node.value)]
    return str(node.value)


def _no_value(document: Document, node: Node, path: Path) -> Fault:
    if str(node.tag) == f"{_TAG}null":
        message = _(
            "‘%(field)s’ heeft geen waarde. Zet er een achter de dubbele punt, een getal met een "
            "punt: 38.5; of haal de regel weg."
        )
        return document.fault(path, "empty", message, field=str(path[-1]) if path else "")
    message = _("‘%(value)s’ mag hier niet. Schrijf een getal, een datum, true, false of tekst.")
    return document.fault(path, "not_allowed", message, value=str(node.value)[:40])


def _mapping(document: Document, node: MappingNode, path: Path) -> dict[str, Tree]:
    result: dict[str, Tree] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            message = _("Een naam moet één woord zijn.")
            document.faults.append(Fault("not_a_name", message, {}, line, label((*path, "?"))))
            continue
        key = str(key_node.value)
        if key in result:
            message = _("‘%(key)s’ staat er twee keer. Haal er een weg.")
            document.faults.append(Fault("twice", message, {"key": key}, line, label((*path, key))))
            continue
        document.lines[(*path, key)] = line
        result[key] = _value(document, value_node, (*path, key))
    return result


def formulas(tree: Tree, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the texts that stand where a formula belongs."""
    if isinstance(tree, str):
        if path and path[-1] in (
            "when",
            "amount",
            "otherwise",
            "by",
            "full_from",
            "use",
            "times",
            "plus",
            "others_pay_at_least",
        ):
            yield path, tree
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from formulas(item, (*path, index))
    else:
        for key, item in tree.items():
            yield from formulas(item, (*path, key))
