"""What callers of this room get and give. Frozen, and free of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What somebody acts as. One person may hold several and acts in one at a time."""

    WORKER = "worker"
    EMPLOYER = "employer"
    PROVIDER = "provider"
    FINANCE = "finance"
    DESK = "desk"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    NEGOTIATOR = "negotiator"

    @property
    def label(self) -> str | Promise:
        """The role on the screen."""
        return _ROLE_LABELS[self]

    @property
    def is_staff(self) -> bool:
        """Every role but worker: signs in with a passkey or an authenticator app, always."""
        return self is not Role.WORKER

    @property
    def needs_organisation(self) -> bool:
        """Whether this role is always held for one organisation."""
        return self in (Role.EMPLOYER, Role.PROVIDER, Role.NEGOTIATOR)


class Permission(StrEnum):
    """What a page or an operation asks for. A role has some of them (`access.ROLE_PERMISSIONS`)."""

    # worker
    SEE_OWN_FILE = "see_own_file"
    CHANGE_OWN_CONTACT = "change_own_contact"
    SEE_OWN_ACCOUNT = "see_own_account"
    SEE_OWN_BOOKINGS = "see_own_bookings"
    SEE_OWN_MESSAGES = "see_own_messages"
    BOOK_COURSES = "book_courses"
    ENTER_ROUNDS = "enter_rounds"
    ASK_ADVANCES = "ask_advances"
    TAKE_TIME = "take_time"
    # employer
    DELIVER_PAYROLL = "deliver_payroll"
    SEE_DELIVERIES = "see_deliveries"
    SEE_PAYMENT_REQUESTS = "see_payment_requests"
    ANSWER_TIME = "answer_time"
    # provider
    MANAGE_COURSES = "manage_courses"
    ANSWER_BOOKINGS = "answer_bookings"
    SEE_PAYOUTS = "see_payouts"
    CHANGE_PAYEE_ACCOUNT = "change_payee_account"
    # finance
    IMPORT_STATEMENTS = "import_statements"
    ASSIGN_ENTRIES = "assign_entries"
    MAKE_PAYMENT_BATCHES = "make_payment_batches"
    RELEASE_PAYMENT_BATCHES = "release_payment_batches"
    APPROVE_PAYEE_ACCOUNTS = "approve_payee_accounts"
    SEE_CLIENT_MONEY = "see_client_money"
    CLOSE_PERIODS = "close_periods"
    HAND_OVER_NOTAS = "hand_over_notas"
    # desk
    SEE_WORK_LIST = "see_work_list"
    DECIDE_STARTS = "decide_starts"
    FIND_PEOPLE = "find_people"
    ISSUE_CLAIM_CODES = "issue_claim_codes"
    CONFIRM_OWNERS = "confirm_owners"
    CORRECT_PEOPLE = "correct_people"
    ENTER_ROUNDS_FOR = "enter_rounds_for"
    # auditor
    SEE_TRAIL = "see_trail"
    SEE_BOOKS_PROOF = "see_books_proof"
    # operator
    MANAGE_ORGANISATIONS = "manage_organisations"
    MANAGE_ROLES = "manage_roles"
    PRINT_CLAIM_LETTERS = "print_claim_letters"
    MANAGE_ROUNDS = "manage_rounds"
    # negotiator
    SEE_SIGNED_SCHEMES = "see_signed_schemes"
    NEGOTIATE = "negotiate"
    # desk and operator
    APPROVE_RECOVERY = "approve_recovery"
    # negotiator and operator
    MANAGE_SCHEMES = "manage_schemes"


class OrganisationKind(StrEnum):
    """What an organisation is to us."""

    EMPLOYER = "employer"
    PROVIDER = "provider"
    PAYER = "payer"
    OPERATOR = "operator"
    AGREEMENT_PARTY = "agreement_party"

    @property
    def label(self) -> str | Promise:
        """The kind on the screen."""
        return _KIND_LABELS[self]


class ContractKind(StrEnum):
    """The kinds of employment contract that a payroll names."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    ON_CALL = "on_call"
    AGENCY = "agency"

    @property
    def label(self) -> str | Promise:
        """The kind on the screen."""
        return _CONTRACT_LABELS[self]


class Status(StrEnum):
    """A person's own situation. The file is the same whatever the status."""

    EMPLOYED = "employed"
    JOBSEEKER = "jobseeker"
    SICK = "sick"
    SELF_EMPLOYED = "self_employed"

    @property
    def label(self) -> str | Promise:
        """The status on the screen."""
        return _STATUS_LABELS[self]


class Qualification(StrEnum):
    """The highest qualification, by level of the European Qualifications Framework.

    From nothing after primary school to level 8; `schemes` has the same words.
    """

    PRIMARY = "primary"
    LOWER_SECONDARY = "lower_secondary"
    BASIC_VOCATIONAL = "basic_vocational"
    VOCATIONAL = "vocational"
    UPPER_SECONDARY = "upper_secondary"
    SHORT_CYCLE = "short_cycle"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORATE = "doctorate"

    @property
    def label(self) -> str | Promise:
        """The qualification on the screen."""
        return _QUALIFICATION_LABELS[self]


class Looked(StrEnum):
    """What somebody saw of another person, or did to their way in; the person reads it in their own log."""

    FILE = "file"
    CONTACT = "contact"
    EMPLOYMENT = "employment"
    BOOKING = "booking"
    ACCOUNT = "account"
    DELIVERY = "delivery"
    CLAIM_LETTER = "claim_letter"
    RECOVERY_ASKED = "recovery_asked"
    OWNER_CONFIRMED = "owner_confirmed"
    ROUND = "round"
    TIME = "time"

    @property
    def label(self) -> str | Promise:
        """What was seen, on the screen."""
        return _LOOKED_LABELS[self]


_ROLE_LABELS = {
    Role.WORKER: _("Deelnemer"),
    Role.EMPLOYER: _("Werkgever"),
    Role.PROVIDER: _("Opleider"),
    Role.FINANCE: _("Financiën"),
    Role.DESK: _("Hulp"),
    Role.AUDITOR: _("Controle"),
    Role.OPERATOR: _("Beheer"),
    Role.NEGOTIATOR: _("Cao-partij"),
}
_KIND_LABELS = {
    OrganisationKind.EMPLOYER: _("Werkgever"),
    OrganisationKind.PROVIDER: _("Opleider"),
    OrganisationKind.PAYER: _("Fonds of andere betaler"),
    OrganisationKind.OPERATOR: _("Beheerder van Eigenwijs"),
    OrganisationKind.AGREEMENT_PARTY: _("Partij bij een cao"),
}
_CONTRACT_LABELS = {
    ContractKind.PERMANENT: _("vast contract"),
    ContractKind.FIXED_TERM: _("tijdelijk contract"),
    ContractKind.ON_CALL: _("oproepcontract"),
    ContractKind.AGENCY: _("uitzendcontract"),
}
_STATUS_LABELS = {
    Status.EMPLOYED: _("Ik werk in loondienst"),
    Status.JOBSEEKER: _("Ik zoek werk"),
    Status.SICK: _("Ik ben langere tijd ziek"),
    Status.SELF_EMPLOYED: _("Ik werk voor mezelf"),
}
_QUALIFICATION_LABELS = {
    Qualification.PRIMARY: _("Geen diploma na de basisschool"),
    Qualification.LOWER_SECONDARY: _("Vmbo, mavo, lbo of mbo 1"),
    Qualification.BASIC_VOCATIONAL: _("Mbo 2"),
    Qualification.VOCATIONAL: _("Mbo 3"),
    Qualification.UPPER_SECONDARY: _("Mbo 4, havo of vwo"),
    Qualification.SHORT_CYCLE: _("Associate degree"),
    Qualification.BACHELOR: _("Bachelor (hbo of universiteit)"),
    Qualification.MASTER: _("Master (hbo of universiteit)"),
    Qualification.DOCTORATE: _("Doctor of PhD"),
}
_LOOKED_LABELS = {
    Looked.FILE: _("je naam en geboortedatum"),
    Looked.CONTACT: _("hoe je te bereiken bent"),
    Looked.EMPLOYMENT: _("je contract"),
    Looked.BOOKING: _("een cursus die je boekte"),
    Looked.ACCOUNT: _("je leerrekening"),
    Looked.DELIVERY: _("wat je werkgever over je aanleverde"),
    Looked.CLAIM_LETTER: _("de brief met je eenmalige code"),
    Looked.RECOVERY_ASKED: _("je dossier, en vroeg een nieuwe code voor je aan"),
    Looked.OWNER_CONFIRMED: _("je bewijs dat deze rekening van jou is"),
    Looked.ROUND: _("of je meedoet aan een verdeelronde, en zette je erin of eruit"),
    Looked.TIME: _("op welke dag je leert onder werktijd"),
}


@dataclass(frozen=True, slots=True)
class PersonView:
    """One file. `claimed` is whether its person has opened it; `merged_into` the file it joined."""

    id: UUID
    name: str
    birth_date: date | None
    email: str
    phone: str
    address: str
    language: str
    claimed: bool
    merged_into: UUID | None
    is_fictional: bool


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """One organisation. `kvk_number` is its eight digits in the trade register, or empty."""

    id: UUID
    kind: OrganisationKind
    name: str
    kvk_number: str
    address: str
    email: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class EmploymentView:
    """One employment: a person's work for one employer under one contract.

    `contract_hours_week` is in hundredths of an hour, None for on-call. Dates are inclusive.
    """

    id: UUID
    person_id: UUID
    employer_id: UUID
    employer_name: str
    personnel_number: str
    employment_number: int
    contract_kind: ContractKind
    contract_hours_week: int | None
    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role that a person holds now, for an organisation or for the whole house.

    `language` is what the person reads.
    """

    id: UUID
    person_id: UUID
    person_name: str
    language: str
    role: Role
    organisation_id: UUID | None
    organisation_name: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Persona:
    """A fictional person whom a visitor of the demo may be. `text` goes through gettext."""

    person_id: UUID
    name: str
    text: str
    roles: tuple[RoleView, ...]


@dataclass(frozen=True, slots=True)
class EmploymentRow:
    """One employment as a payroll states it, to be recorded.

    `contract_hours_week` is in hundredths of an hour, None for on-call. `contact` is an e-mail
    address or empty; it opens nothing.
    """

    personnel_number: str
    name: str
    birth_date: date
    contract_kind: ContractKind
    contract_hours_week: int | None
    started_on: date
    ended_on: date | None = None
    employment_number: int = 1
    contact: str = ""


@dataclass(frozen=True, slots=True)
class EmploymentConflict:
    """Why the row at `index` (from 0) cannot be recorded; `code` is a stable word.

    person_conflict: this personnel number belongs to someone with another birth date.
    on_call_hours: an on-call contract has no contract hours. ends_before_start: as it says.
    double_row: the same employment stands twice among the rows.
    """

    index: int
    code: str


@dataclass(frozen=True, slots=True)
class ClaimLetter:
    """What stands in a letter: a name, an address and a code. Nothing else, on purpose.

    `language` is the one that the person reads; `for_recovery` whether the file was opened before.
    """

    person_id: UUID
    name: str
    address: str
    language: str
    for_recovery: bool
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PrintedCodeList:
    """A new paper list: its number and its codes, grouped for reading. Shown once."""

    number: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoginView:
    """How a person can sign in now. `codes_left` counts the unused codes of the paper list.

    `is_confirmed` is whether more than a letter's code has shown that it is the owner who signs in.
    """

    person_id: UUID
    user_id: UUID
    email: str
    codes_left: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class RecoveryRequestView:
    """The question for a recovery letter that waits for a second person's yes."""

    id: UUID
    person_id: UUID
    person_name: str
    asked_by: UUID | None
    asked_by_name: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class StatusView:
    """From `since` on the person's situation is `status`."""

    status: Status
    since: date


@dataclass(frozen=True, slots=True)
class QualificationView:
    """What a person told of their highest qualification, and since which day it counts."""

    level: Qualification
    told_on: date


@dataclass(frozen=True, slots=True)
class LookView:
    """Somebody saw `what` of a person, `times` times on one day; `at` is the last time."""

    what: Looked
    at: datetime
    times: int
    looker_name: str
    role: Role
    organisation_name: str
