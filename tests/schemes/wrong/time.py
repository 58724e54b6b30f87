"""Wrong words about time to learn: what only money has, and what its employer would learn from it."""

from __future__ import annotations

from tests.schemes.wrong import Wrong

WRONG = [
    Wrong(
        "starts:",
        "unit: hours\nstarts:",
        "only_money",
        "correctable_for",
        "correctable_for:",
        "Remove ‘correctable_for’.",
    ),
    Wrong(
        "portable: true",
        "portable: false\nunit: hours",
        "time_stays",
        "portable",
        "portable: false",
        "Write portable: true.",
    ),
    Wrong(
        "absent:\n",
        "unit: hours\nabsent:\n  qualification: {use: primary, article: x}\n",
        "time_tells",
        "absent.qualification",
        "qualification: {use",
        "Do not count ‘qualification’, nor under absent. Count what the employer knows already.",
    ),
]
