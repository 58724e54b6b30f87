"""What every block of a scheme is made of: keys that are known, sentences, and where a rule was found."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from eigenwijs.schemes.values import Formula, Sentence


class Block(BaseModel):
    """Exactly these keys; nothing changes after reading.

    What stands below a key tells people what it says: in the reference and in their editors.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, use_attribute_docstrings=True
    )


class Texts(Block):
    """One sentence for people, in both languages."""

    nl: Sentence
    """In Dutch."""
    en: Sentence
    """In English."""

    def in_language(self, language: str) -> str:
        """Return the sentence in `language`; Dutch where there is none."""
        return self.en if language == "en" else self.nl


class Sourced(Block):
    """A rule and where it was found."""

    article: Sentence | None = None
    """Where the rule stands in the scheme's `source`."""
    source: Sentence | None = None
    """Where it stands, if not there: an address or a title."""
    status: Literal["inferred"] | None = None
    """Nobody published it. Such a scheme runs in demonstrations only."""
    why: Sentence | None = None
    """Why it was assumed; needed with `status`."""

    @property
    def place(self) -> str:
        """Where people can read it: the article, else the source; empty where nobody published it."""
        return self.article or self.source or ""


class Case(Block):
    """An amount under a condition, or the amount `otherwise`, which ends the list."""

    when: Formula | None = None
    """The condition. The first case whose condition holds counts."""
    amount: Formula | None = None
    """The amount under that condition."""
    otherwise: Formula | None = None
    """The amount where none of the conditions holds: alone, as the last of the list."""

    @property
    def formulas(self) -> tuple[str, ...]:
        """The formulas in it."""
        return tuple(text for text in (self.when, self.amount, self.otherwise) if text)


Cases = Annotated[list[Case], Field(min_length=1)]
