"""Writes: one function per use case, each in one transaction with its row in the trail."""

from eigenwijs.people.operations.claims import (
    UnableToClaim,
    UnableToIssueClaimCode,
    claim,
    issue_claim_code,
    issue_claim_letters,
)
from eigenwijs.people.operations.confided import tell_qualification
from eigenwijs.people.operations.employments import (
    UnableToRecordEmployments,
    end_employment,
    record_employment,
    record_employments,
)
from eigenwijs.people.operations.organisations import (
    UnableToChangeOrganisation,
    change_organisation,
    register_organisation,
)
from eigenwijs.people.operations.owners import (
    UnableToConfirm,
    UnableToRecover,
    approve_recovery,
    ask_recovery,
    confirm_owner,
    refuse_recovery,
)
from eigenwijs.people.operations.persons import (
    UnableToChangeContact,
    change_contact,
    choose_language,
    correct_person,
    record_status,
    register_person,
)
from eigenwijs.people.operations.roles import UnableToGrantRole, grant_role, revoke_role
from eigenwijs.people.operations.sign_in import (
    UnableToOpenLogin,
    UnableToUseCode,
    forget_authenticators,
    issue_code_list,
    open_login,
    prove_with_list_code,
    sign_in_with_list_code,
)

__all__ = [
    "UnableToChangeContact",
    "UnableToChangeOrganisation",
    "UnableToClaim",
    "UnableToConfirm",
    "UnableToGrantRole",
    "UnableToIssueClaimCode",
    "UnableToOpenLogin",
    "UnableToRecordEmployments",
    "UnableToRecover",
    "UnableToUseCode",
    "approve_recovery",
    "ask_recovery",
    "change_contact",
    "change_organisation",
    "choose_language",
    "claim",
    "confirm_owner",
    "correct_person",
    "end_employment",
    "forget_authenticators",
    "grant_role",
    "issue_claim_code",
    "issue_claim_letters",
    "issue_code_list",
    "open_login",
    "prove_with_list_code",
    "record_employment",
    "record_employments",
    "record_status",
    "refuse_recovery",
    "register_organisation",
    "register_person",
    "revoke_role",
    "sign_in_with_list_code",
    "tell_qualification",
]
