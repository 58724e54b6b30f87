"""YAML 1.2 into plain values, every one with the line it stands on.

Numbers, dates and words all stay text here; the blocks say what each must be. There are no floats,
no yes/no booleans, no null, no anchors and no tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from eigenwijs.kernel.errors import Fault

Path = tuple[str | int, ...]
Tree = str | list["Tree"] | dict[str, "Tree"]

MOST_CHARACTERS = 200_000
MOST_LEVELS = 12

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "timestamp", "map", "seq")
)


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


def read_document(text: str) -> Document:
    """Read a whole text. What is wrong stands in `faults`; the tree is what could be read."""
    document = Document()
    if len(text) > MOST_CHARACTERS:
        _refuse(
            document,
            "too_long",
            1,
            _("Dit bestand is te lang: hooguit %(most)s tekens."),
            most=MOST_CHARACTERS,
        )
        return document
    try:
        root = _compose(document, text)
    except (YAMLError, ValueError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        _refuse(
            document,
            "not_yaml",
            mark.line + 1 if mark else 1,
            _("Dit is geen goede YAML: %(problem)s."),
            problem=problem,
        )
        return document
    if not isinstance(root, MappingNode):
        _refuse(
            document,
            "not_a_mapping",
            1,
            _("Dit bestand moet bestaan uit regels als ‘naam: waarde’."),
        )
        return document
    document.tree = _value(document, root, ())
    return document


def _compose(document: Document, text: str) -> Node | None:
    """Refuse anchors and depth on the stream of events, before anything is built from them."""
    level = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        mark = event.start_mark
        line = mark.line + 1 if mark else 1
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            _refuse(
                document,
                "anchor",
                line,
                _("Verwijzingen (& en *) mogen niet. Schrijf de waarde voluit."),
            )
            return MappingNode("tag:yaml.org,2002:map", [])
        level += type(event).__name__ in ("MappingStartEvent", "SequenceStartEvent")
        level -= type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent")
        if level > MOST_LEVELS:
            _refuse(
                document,
                "too_deep",
                line,
                _("Dit zit te diep in elkaar: hooguit %(most)s lagen."),
                most=MOST_LEVELS,
            )
            return MappingNode("tag:yaml.org,2002:map", [])
    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    return node


def _value(document: Document, node: Node, path: Path) -> Tree:
    line = node.start_mark.line + 1 if node.start_mark else 1
    document.lines.setdefault(path, line)
    if str(node.tag) not in _PLAIN_TAGS:
        _refuse(
            document,
            "not_allowed",
            line,
            _("‘%(value)s’ mag hier niet. Schrijf een getal, een datum, true, false of tekst."),
            value=str(node.value)[:40] if isinstance(node, ScalarNode) else str(node.tag),
        )
        return ""
    if isinstance(node, MappingNode):
        return _mapping(document, node, path)
    if isinstance(node, SequenceNode):
        return [_value(document, item, (*path, i)) for i, item in enumerate(node.value)]
    return str(node.value)


def _mapping(document: Document, node: MappingNode, path: Path) -> dict[str, Tree]:
    result: dict[str, Tree] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            _refuse(document, "not_allowed", line, _("Een naam moet één woord zijn."))
            continue
        key = str(key_node.value)
        if key in result:
            _refuse(document, "twice", line, _("‘%(key)s’ staat er twee keer."), key=key)
            continue
        document.lines[(*path, key)] = line
        result[key] = _value(document, value_node, (*path, key))
    return result


def _refuse(document: Document, code: str, line: int, message: object, **params: object) -> None:
    values: Mapping[str, object] = params
    document.faults.append(Fault(code, message, values, line=line))
