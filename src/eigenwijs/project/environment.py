"""Every environment variable that Eigenwijs reads.

`docs/reference/settings.md` shows this table; `python -m eigenwijs.project.environment` writes it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One environment variable: its name, what it is for and what holds when it is not set."""

    name: str
    purpose: str
    default: str = ""

    def read(self) -> str:
        """Return the value in force."""
        return os.environ.get(self.name, self.default)

    def values(self) -> list[str]:
        """Return the values of a list, which commas keep apart."""
        return [value.strip() for value in self.read().split(",") if value.strip()]

    def is_on(self) -> bool:
        """Whether a yes/no variable says yes."""
        return self.read().lower() in {"1", "yes", "true", "on"}


DATABASE_URL = Variable(
    "DATABASE_URL", "Address of PostgreSQL 15 or newer: postgresql://user@host/name"
)
POOLED = Variable(
    "EIGENWIJS_POOLED",
    "1 for a web server whose DATABASE_URL is a PgBouncer in transaction mode; never for the job worker",
    "0",
)
PG_BINDIR = Variable("PG_BINDIR", "Programs of a PostgreSQL that demo and tests start themselves")
DEMO = Variable(
    "EIGENWIJS_DEMO",
    "1 on a demonstration, on this machine only: fictional personas sign in with a click",
    "0",
)
SECRET_KEY = Variable(
    "EIGENWIJS_SECRET_KEY", "At least 50 random characters; signs sessions and codes"
)
SECRET_KEY_FALLBACKS = Variable(
    "EIGENWIJS_SECRET_KEY_FALLBACKS",
    "Earlier secrets, separated by commas, that open what was made under them",
)
ALLOWED_HOSTS = Variable("EIGENWIJS_ALLOWED_HOSTS", "Host names to answer to, separated by commas")
INSECURE_HTTP = Variable(
    "EIGENWIJS_INSECURE_HTTP", "1 to serve without TLS: cookies and redirects for plain HTTP", "0"
)
PROXY_HEADER = Variable(
    "EIGENWIJS_TRUST_PROXY",
    "1 when a proxy in front sets X-Forwarded-Proto and nobody else can",
    "0",
)
MAIL_URL = Variable(
    "EIGENWIJS_MAIL_URL",
    "smtp://user:password@host:port, or file:///folder to write mails to files",
)
MAIL_FROM = Variable(
    "EIGENWIJS_MAIL_FROM", "Sender of mails", "Eigenwijs <niet-beantwoorden@localhost>"
)
SITE_ADDRESS = Variable(
    "EIGENWIJS_ADDRESS", "Address of the site, for links in mails", "http://127.0.0.1:8000"
)
OIDC_ISSUER = Variable(
    "EIGENWIJS_OIDC_ISSUER", "Address of an OpenID Connect broker to sign in with"
)
OIDC_NAME = Variable("EIGENWIJS_OIDC_NAME", "What the button to that broker says", "DigiD")
OIDC_CLIENT = Variable("EIGENWIJS_OIDC_CLIENT", "Client name at that broker")
OIDC_SECRET = Variable("EIGENWIJS_OIDC_SECRET", "Client secret at that broker")
OPERATOR_NAME = Variable(
    "EIGENWIJS_OPERATOR_NAME", "Name of the organisation that runs this", "Eigenwijs"
)
HELP_EMAIL = Variable("EIGENWIJS_HELP_EMAIL", "E-mail address of the people who help workers")
HELP_PHONE = Variable("EIGENWIJS_HELP_PHONE", "Their telephone number, as people write it")
LOG_LEVEL = Variable(
    "EIGENWIJS_LOG_LEVEL", "Least severe log line: DEBUG, INFO, WARNING or ERROR", "INFO"
)
DATA_FOLDER = Variable("EIGENWIJS_DATA", "Folder for the demo's database and mails", "var")
CHROMIUM = Variable("CHROMIUM", "Browser for the journeys in the test suite")

VARIABLES = tuple(value for value in list(globals().values()) if isinstance(value, Variable))


def as_table() -> str:
    """Return all variables as a table in Markdown."""
    rows = ["| Variable | What it is for | When not set |", "|---|---|---|"]
    for variable in VARIABLES:
        default = f"`{variable.default}`" if variable.default else ""
        rows.append(f"| `{variable.name}` | {variable.purpose} | {default} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(as_table(), end="")
