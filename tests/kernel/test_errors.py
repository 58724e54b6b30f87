"""An error can be shown on a page, in an API and in an import."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError, Fault, FaultyImport


class UnableToPay(DomainError):
    """For the tests."""


def test_an_error_has_a_code_for_programs_and_a_sentence_for_people() -> None:
    error = UnableToPay("too_little", _("Je hebt %(cents)s cent te weinig."), {"cents": 5})
    assert error.code == "too_little"
    assert str(error) == "Je hebt 5 cent te weinig."
    assert str(UnableToPay("too_little")) == "too_little"


def test_a_percent_sign_needs_no_places() -> None:
    assert str(UnableToPay("code", "100% klaar")) == "100% klaar"


def test_a_faulty_import_carries_all_its_faults() -> None:
    faults = [Fault("a", "Regel %(n)s", {"n": n}, line=n, field_name="uren") for n in (2, 3)]
    error = FaultyImport("faults", faults)
    assert [str(fault) for fault in error.faults] == ["Regel 2", "Regel 3"]
    assert [fault.line for fault in error.faults] == [2, 3]
