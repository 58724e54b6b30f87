"""Writing in learning accounts: money that comes, is set aside, spent, given back, or ends."""

from eigenwijs.budgets.operations.crediting import (
    UnableToCredit,
    UnableToTakeBack,
    credit,
    credit_all,
    lock_to_take_back,
    take_back,
)
from eigenwijs.budgets.operations.expecting import (
    expect,
    expect_all,
    withdraw_all_expected,
    withdraw_expected,
)
from eigenwijs.budgets.operations.following import follow_jobs
from eigenwijs.budgets.operations.giving_time import give_time, warn_of_time
from eigenwijs.budgets.operations.granting import (
    UnableToGrant,
    accept_grant,
    fund_round,
    pay_left_over,
    pay_left_over_again,
    promise_grants,
    promise_what_fits,
    withdraw_grants,
)
from eigenwijs.budgets.operations.lapsing import lapse_due, warn_of_lapse
from eigenwijs.budgets.operations.ordering import UnableToChooseOrder, choose_order
from eigenwijs.budgets.operations.reserving import (
    UnableToReserve,
    extend,
    lock_to_reserve,
    release,
    reserve,
)
from eigenwijs.budgets.operations.returning import (
    UnableToPayLapsed,
    lapsed_came_back,
    pass_on_small_years,
    pay_lapsed,
)
from eigenwijs.budgets.operations.spending import UnableToRefund, UnableToSpend, refund, spend
from eigenwijs.budgets.operations.taking_time import (
    UnableToTakeTime,
    answer_time,
    check_time,
    settle_time,
    take_time,
    withdraw_time,
)

__all__ = [
    "UnableToChooseOrder",
    "UnableToCredit",
    "UnableToGrant",
    "UnableToPayLapsed",
    "UnableToRefund",
    "UnableToReserve",
    "UnableToSpend",
    "UnableToTakeBack",
    "UnableToTakeTime",
    "accept_grant",
    "answer_time",
    "check_time",
    "choose_order",
    "credit",
    "credit_all",
    "expect",
    "expect_all",
    "extend",
    "follow_jobs",
    "fund_round",
    "give_time",
    "lapse_due",
    "lapsed_came_back",
    "lock_to_reserve",
    "lock_to_take_back",
    "pass_on_small_years",
    "pay_lapsed",
    "pay_left_over",
    "pay_left_over_again",
    "promise_grants",
    "promise_what_fits",
    "refund",
    "release",
    "reserve",
    "settle_time",
    "spend",
    "take_back",
    "take_time",
    "warn_of_lapse",
    "warn_of_time",
    "withdraw_all_expected",
    "withdraw_expected",
    "withdraw_grants",
    "withdraw_time",
]
