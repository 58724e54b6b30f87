#!/usr/bin/env python3
"""Check the seals of the books without the product: `python3 check_seals.py NEW [KEPT]`.

NEW is a folder that `manage export_seals` wrote; KEPT is one that was exported earlier and kept
where nobody who runs the database can change it. Needs Python 3.11 and nothing else.

- The seals of NEW follow each other, and are what their rows say (`rows.txt`, if it is there).
- Each row says what its digest says.
- Every seal of KEPT is still in NEW, and so is every row of KEPT: those that were changed, removed
  or put in between are named.

Prints what is wrong, one thing a line; ends with 1 if anything is, with 0 if nothing is.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

FIRST = "0" * 64

Row = tuple[int, str, str]
NO_MORE: tuple[float, list[Row]] = (float("inf"), [])


def main(new: Path, kept: Path | None) -> int:
    """Print everything that is wrong; return how many things."""
    found = list(chain(new))
    found += against_rows(new) if (new / "rows.txt").exists() else []
    if kept is not None:
        found += against_kept(new, kept)
    for line in found:
        print(line)
    print(f"{len(found)} things are wrong." if found else "Nothing is wrong.")
    return len(found)


def seals(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the seals of a folder."""
    with (folder / "seals.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def rows(folder: Path) -> Iterator[Row]:
    """Yield number, digest and text of each row of a folder."""
    with (folder / "rows.txt").open(encoding="utf-8") as lines:
        for line in lines:
            number, digest, stated = line.rstrip("\n").split(" ", 2)
            yield int(number), digest, stated


def chain(folder: Path) -> Iterator[str]:
    """Yield where a seal does not follow the one before it."""
    number, last, previous = 0, 0, FIRST
    for seal in seals(folder):
        if (seal["seal"], seal["first"], seal["previous"]) != (number + 1, last + 1, previous):
            yield f"seal {seal['seal']} does not follow seal {number}"
        number, last, previous = seal["seal"], seal["last"], seal["hash"]


def against_rows(folder: Path) -> Iterator[str]:
    """Yield the rows that are not what their digest says, and the seals that their rows do not give."""
    waiting = rows(folder)
    row = next(waiting, None)
    for seal in seals(folder):
        lines = []
        while row is not None and row[0] <= seal["last"]:
            number, digest, stated = row
            if hashlib.sha256(stated.encode()).hexdigest() != digest:
                yield f"row {number} is not what was recorded: {stated}"
            lines.append(f"{number} {digest}\n")
            row = next(waiting, None)
        head = f"{seal['previous']}\n{seal['first']} {seal['last']} {len(lines)}\n"
        if hashlib.sha256((head + "".join(lines)).encode()).hexdigest() != seal["hash"]:
            yield (
                f"seal {seal['seal']} is broken: rows {seal['first']} to {seal['last']}, "
                f"{seal['rows']} were sealed and {len(lines)} are there"
            )


def against_kept(new: Path, kept: Path) -> Iterator[str]:
    """Yield the seals and rows that are no longer what they were when KEPT was exported."""
    now = {seal["seal"]: seal["hash"] for seal in seals(new)}
    last = 0
    for seal in seals(kept):
        last = seal["last"]
        if seal["seal"] not in now:
            yield f"seal {seal['seal']} was removed: rows {seal['first']} to {last}"
        elif now[seal["seal"]] != seal["hash"]:
            yield f"seal {seal['seal']} was replaced: rows {seal['first']} to {last}"
    if not all((folder / "rows.txt").exists() for folder in (new, kept)):
        return
    # Both are in the order of their numbers: walk through them side by side.
    before, after = by_number(kept), by_number(new)
    old, young = next(before, NO_MORE), next(after, NO_MORE)
    while old is not NO_MORE or young[0] <= last:
        if old[0] < young[0]:
            yield f"row {old[0]} was removed: {old[1][0][2]}"
            old = next(before, NO_MORE)
        elif young[0] < old[0]:
            yield f"row {young[0]} was put in: {young[1][0][2]}"
            young = next(after, NO_MORE)
        else:
            if old[1] != young[1]:
                yield f"row {old[0]} was changed: {old[1][0][2]} is now {young[1][-1][2]}"
            old, young = next(before, NO_MORE), next(after, NO_MORE)


def by_number(folder: Path) -> Iterator[tuple[float, list[Row]]]:
    """Yield each number with its rows: one, unless somebody put one in beside it."""
    for number, same in groupby(rows(folder), key=lambda row: row[0]):
        yield number, list(same)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folders = [Path(argument) for argument in sys.argv[1:]]
    sys.exit(min(1, main(folders[0], folders[1] if folders[1:] else None)))
