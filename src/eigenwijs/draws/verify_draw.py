"""Recompute the winners of a round of Eigenwijs from its published files.

    python3 verify_draw.py FILE

FILE is the .zip of a round, or a folder with rules.json, tickets.csv and result.json. Needs Python
3.11 or newer and nothing else: it takes no line from the software that drew. Ends with 0 where all
is as published, with 1 and the reasons where it is not. The formats: docs/reference/draw-files.md.
"""

import hashlib
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

NAMES = ("rules.json", "tickets.csv", "result.json")
SMALLEST_CLASS = 10


def read(path: str) -> list[str]:
    """Return the three files as text."""
    if Path(path).is_dir():
        return [Path(path, name).read_bytes().decode() for name in NAMES]
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name).decode() for name in NAMES]


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def key(seed: str, beacon: str, number: str, weight: int) -> str:
    """Return the smallest of as many hashes as the weight."""
    return min(sha256(f"{seed}:{beacon}:{number}:{i}") for i in range(1, weight + 1))


def share_out(tickets: list[Any], cents: int, fit: str) -> tuple[dict[str, int], list[Any]]:
    """Give from the smallest key up while it fits; tickets are (key, number, cents, group)."""
    won: dict[str, int] = {}
    passed, closed = [], False
    for ticket in sorted(tickets):
        _key, number, wanted, _group = ticket
        if not closed and wanted <= cents:
            won[number] = wanted
            cents -= wanted
        elif not closed and fit == "partial" and cents > 0:
            won[number], closed = cents, True
        else:
            passed.append(ticket)
            closed = closed or fit != "skip"
    return won, passed


def draw(rules: Any, rows: list[Any], seed: str, beacon: str) -> tuple[dict[str, int], list[str]]:
    """Return who won how much, and the reserve list; rows are (number, class, weight, cents)."""
    tickets = [
        (key(seed, beacon, number, weight), number, cents, name.rpartition(".")[0])
        for number, name, weight, cents in rows
    ]
    own: dict[str, list[Any]] = {group["id"]: [] for group in rules["groups"]}
    for ticket in tickets:
        own[ticket[3]].append(ticket)
    won: dict[str, int] = {}
    for group in rules["groups"]:
        share = rules["pot_cents"] * group["share_percent"] // 100
        won |= share_out(own[group["id"]], share, "close")[0]
    tickets = [ticket for ticket in tickets if ticket[1] not in won]
    winners, passed = share_out(tickets, rules["pot_cents"] - sum(won.values()), rules["fit"])
    return won | winners, [ticket[1] for ticket in passed[: rules["reserve_places"]]]


def rows_of(text: str) -> list[tuple[str, str, int, int]]:
    """Return the rows of the ticket list."""
    lines = text.splitlines()
    if not lines or lines[0] != "ticket,class,weight,cents":
        raise ValueError("tickets.csv: line 1 is not ticket,class,weight,cents")
    rows = [line.split(",") for line in lines[1:]]
    return [(number, name, int(weight), int(cents)) for number, name, weight, cents in rows]


def faults_in_list(rules: Any, rows: list[Any]) -> Iterator[str]:
    """Say what the ticket list does against the rules."""
    groups = {group["id"]: group for group in rules["groups"]}
    carry, asked = rules["carry_over"], rules["asked"]
    if len({row[0] for row in rows}) != len(rows):
        yield "a ticket stands twice in the list"
    for number, name, weight, cents in rows:
        group, _dot, losses = name.rpartition(".")
        if group not in groups or not losses.isdigit():
            yield f"ticket {number}: class {name} is not in the rules"
        elif weight != groups[group]["weight"] + carry["step"] * min(int(losses), carry["most"]):
            yield f"ticket {number}: weight {weight} is not what the rules give class {name}"
        if not asked["least_cents"] <= cents <= asked["most_cents"]:
            yield f"ticket {number}: {cents} cents is not what could be asked"
    sizes = Counter(row[1] for row in rows)
    for name, size in sizes.items():
        if size < SMALLEST_CLASS and len(sizes) > 1:
            yield f"class {name} has only {size} tickets"


def verify(rules_text: str, tickets_text: str, result_text: str) -> tuple[list[str], list[str]]:
    """Return (faults, remarks) of the published files of a round."""
    rules, result = json.loads(rules_text), json.loads(result_text)
    rows = rows_of(tickets_text)
    faults: list[str] = []
    remarks: list[str] = []
    if sha256(rules_text) != result["rules_sha256"]:
        faults.append("rules.json is not the file of which the hash was published")
    if sha256(tickets_text) != result["tickets_sha256"]:
        faults.append("tickets.csv is not the file of which the hash was published")
    if sha256(result["seed"]) != rules["seed_sha256"]:
        faults.append("the seed is not the one of which the hash was published in the rules")
    faults += faults_in_list(rules, rows)
    beacon = ""
    if rules["beacon"] is None:
        remarks.append("the operator could steer: there was no public beacon")
    else:
        beacon = result["beacon"]["value"]
        falls_at = datetime.fromisoformat(rules["beacon"]["falls_at"])
        if datetime.fromisoformat(result["listed_at"]) >= falls_at:
            remarks.append("the operator could steer: the list was published after the beacon fell")
        if datetime.fromisoformat(result["beacon"]["entered_at"]) < falls_at:
            faults.append("the beacon was entered before it could be known")
        where = "{source}, round {round}".format(**rules["beacon"])
        remarks.append(f"look up yourself: {where}, is it {beacon}?")
    won, reserve = draw(rules, rows, result["seed"], beacon)
    if won != dict(result["winners"]):
        faults.append("the winners are others than those published")
    if reserve != result["reserve"]:
        faults.append("the reserve list is another than the one published")
    remarks.append(f"{len(rows)} tickets, {len(won)} winners, {sum(won.values())} cents")
    remarks.append(f"rules.json has SHA-256 {sha256(rules_text)}: is it what you saw published?")
    return faults, remarks


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        FAULTS, REMARKS = verify(*read(sys.argv[1]))
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        sys.exit(f"unreadable: {error!r}")
    print(*REMARKS, *(f"WRONG: {fault}" for fault in FAULTS), sep="\n")
    sys.exit(1 if FAULTS else print("The winners are as published."))
