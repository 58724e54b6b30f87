"""Sending notices by mail, and finding another way where mail cannot reach."""

from __future__ import annotations

import logging
from datetime import datetime
from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext, override

from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import described
from eigenwijs.kernel.lifecycle import UnableToMove
from eigenwijs.notices import operations as notices
from eigenwijs.notices import queries
from eigenwijs.notices.types import DueNotice

_log = logging.getLogger(__name__)


def send_mails(*, by: Actor, at: datetime) -> int:
    """Mail every notice that is due; return how many went out.

    A file that nobody has opened gets no mail: its notices wait in the app. Whoever has no address,
    or one that the mail server refuses, gets a letter where the kind of notice allows it. When the
    mail server does not answer, everything stays due for the next time. A notice that was handed to
    the server just before a crash goes out again, under the same Message-ID.
    """
    sent, last = 0, None
    while due := queries.due_notices(after=last):
        last = due[-1].id
        for notice in due:
            try:
                sent += _handle(notice, by=by, at=at)
            except UnableToMove:
                continue  # another worker has just handled it
            except OSError as error:  # smtplib's errors are OSErrors
                _log.error("mail waits: %s after %s sent", type(error).__name__, sent)
                return sent
            except Exception as error:
                _log.error("notice %s is not mailed: %s", notice.id, described(error))
    return sent


def _handle(notice: DueNotice, *, by: Actor, at: datetime) -> bool:
    if not notice.claimed:
        notices.keep_in_app(notice_id=notice.id, by=by, at=at)
        return False
    if notice.addresses:
        with transaction.atomic():
            notices.mark_mailed(notice_id=notice.id, by=by, at=at)
            reached = [_send(notice, address) for address in notice.addresses]
            if any(reached):
                return True
            transaction.set_rollback(True)
    if notice.may_go_by_letter:
        notices.ask_letter(notice_id=notice.id, by=by, at=at)
    else:
        notices.keep_in_app(notice_id=notice.id, by=by, at=at)
    return False


def _send(notice: DueNotice, address: str) -> bool:
    """Mail to one address; whether it takes mail. One that refuses keeps no other from hearing."""
    try:
        _message(notice, address).send()
    except SMTPRecipientsRefused as refusal:
        if any(code < 500 for code, _answer in refusal.recipients.values()):
            raise
        return False
    return True


def _message(notice: DueNotice, address: str) -> EmailMessage:
    with override(notice.language):
        lines = [
            gettext("Dag %(name)s,") % {"name": notice.name},
            notice.body,
            gettext("Lees meer of doe iets: %(address)s") % {"address": settings.SITE_ADDRESS},
            settings.OPERATOR_NAME,
        ]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2]
    return EmailMessage(
        subject=" ".join(notice.title.split()),
        body="\n\n".join(lines) + "\n",
        to=[address],
        headers={"Message-ID": f"<{notice.id}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
