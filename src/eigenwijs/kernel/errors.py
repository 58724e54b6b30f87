"""What goes wrong, said in a way that a page, an API and an import can each show."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext_lazy, override


class DomainError(Exception):
    """A request that a rule refuses.

    `code` is stable and for programs; `message` is a (lazily translated) sentence with
    ``%(name)s`` places; `params` fills them. Each operation has its own subclass `UnableTo…`.
    """

    def __init__(
        self, code: str, message: object = "", params: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.params: dict[str, object] = dict(params or {})

    def __str__(self) -> str:
        text = str(self.message) or self.code
        return text % self.params if self.params else text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a delivered file: what, where and what to do.

    `line` counts as the deliverer's spreadsheet does: the header is line 1. `field` is the
    column's name as delivered.
    """

    code: str
    message: object
    params: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None
    field_name: str = ""

    def __str__(self) -> str:
        text = str(self.message)
        return text % dict(self.params) if self.params else text

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column; the message is kept as it stands in the source."""
        with override("nl"):
            return {
                "code": self.code,
                "message": str(self.message),
                "params": {name: _plain(value) for name, value in self.params.items()},
                "line": self.line,
                "field_name": self.field_name,
            }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; the message speaks the reader's language again."""
        text = values["message"]
        return cls(**{**values, "message": gettext_lazy(text)})


def _plain(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)


class FaultyImport(DomainError):
    """A delivered file that is refused as a whole, with all its faults at once."""

    def __init__(
        self, code: str, faults: Sequence[Fault], message: object = "", **params: object
    ) -> None:
        super().__init__(code, message, params)
        self.faults = tuple(faults)


def described(error: Exception) -> str:
    """Return what kind of error it is and through which lines it came, for the log.

    Without its message: the values in it may be somebody's name or address.
    """
    code = f" ({error.code})" if isinstance(error, DomainError) else ""
    lines = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    return f"{type(error).__name__}{code}\n{lines}"
