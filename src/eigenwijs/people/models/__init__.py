"""The tables of this room."""

from eigenwijs.people.models.confided import QualificationTold
from eigenwijs.people.models.files import (
    ClaimCode,
    CodeList,
    Employment,
    ListCode,
    Look,
    Organisation,
    Person,
    RecoveryRequest,
    RoleAssignment,
    StatusChange,
    User,
)

__all__ = [
    "ClaimCode",
    "CodeList",
    "Employment",
    "ListCode",
    "Look",
    "Organisation",
    "Person",
    "QualificationTold",
    "RecoveryRequest",
    "RoleAssignment",
    "StatusChange",
    "User",
]
