"""How unequal something is: measures over many people at once. Pure.

Every measure takes one-dimensional arrays with one element a person, and `weights`: for how many
people an element stands. Left out, each stands for one. Who has weight zero does not count. What
cannot be measured is refused with UnableToMeasure, never answered with NaN.

The ranks are those of Kakwani, Wagstaff & van Doorslaer (1997), Socioeconomic inequalities in
health: measurement, computation, and statistical inference, Journal of Econometrics 77(1):
the share of people below somebody plus half of that person's own. People with equal values share
the middle of their ranks, so the order in which people stand in the arrays never matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from eigenwijs.kernel.errors import DomainError

Values = NDArray[Any]
Floats = NDArray[np.float64]


class UnableToMeasure(DomainError):
    """These values have no such measure.

    Codes: not_one_each, not_a_number, negative_weight, nobody, negative_value, nothing_to_divide,
    zero_value, outside_bounds, bounds_in_wrong_order, not_zero_or_one, everybody, not_positive.
    """


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Theil's T of everybody, the part of it between groups and the part within them."""

    total: float
    between: float
    within: float


def take_up(used: Values, *, among: Values, weights: Values | None = None) -> float:
    """Return the share of the people `among` (0/1) who `used` (0/1) it.

    The denominator is the caller's to name: of the eligible, of the labour force and of the
    employed are three different figures.
    """
    return _mean(_zeros_and_ones(used), _zeros_and_ones(among), weights)


def take_up_ratio(
    used: Values, *, group: Values, compared_with: Values, weights: Values | None = None
) -> float:
    """Return the take-up of `group` divided by that of `compared_with`; 1 is the same.

    Both are 0/1 and hold only who belongs in the denominator. Refused where nobody of
    `compared_with` used it.
    """
    below = take_up(used, among=compared_with, weights=weights)
    if below == 0:
        raise _nothing_to_divide()
    return take_up(used, among=group, weights=weights) / below


def take_up_gap(
    used: Values, *, group: Values, compared_with: Values, weights: Values | None = None
) -> float:
    """Return the take-up of `group` minus that of `compared_with`, in percentage points."""
    here = take_up(used, among=group, weights=weights)
    return 100 * (here - take_up(used, among=compared_with, weights=weights))


def coverage(
    balances: Values, *, price: float, among: Values, weights: Values | None = None
) -> float:
    """Return the share of the people `among` (0/1) whose balance is at least `price`, same unit."""
    return _mean(_array(balances) >= price, _zeros_and_ones(among), weights)


def share_of_zeros(values: Values, weights: Values | None = None) -> float:
    """Return the share of people who have nothing: to be shown beside a Gini."""
    values, shares = _not_negative(values, weights)
    return float(shares[values == 0].sum())


def gini(values: Values, weights: Values | None = None) -> float:
    """Return the Gini coefficient: twice the covariance of values and their ranks, by the mean.

    0 where all have the same; towards 1 where one of very many has all. Zeros count. Source: Lerman
    & Yitzhaki (1989), Improving the accuracy of estimates of Gini coefficients, Journal of
    Econometrics 42(1). Without the correction for small numbers n / (n - 1).
    """
    return concentration_index(values, ranked_by=values, weights=weights)


def concentration_index(
    values: Values, *, ranked_by: Values, weights: Values | None = None
) -> float:
    """Return twice the covariance of `values` and the ranks by `ranked_by`, divided by the mean.

    Between -1 and 1; above 0 where values go more to who ranks high. For a 0/1 outcome its range
    shrinks as the mean grows: use `erreygers` or `wagstaff`. Source: Kakwani, Wagstaff & van
    Doorslaer (1997), as above.
    """
    values, ranked_by, shares = _with_ranking(values, ranked_by, weights)
    return 2 * _covariance_with_rank(values, ranked_by, shares) / _positive_mean(values, shares)


def concentration_curve(
    values: Values, *, ranked_by: Values, weights: Values | None = None
) -> tuple[Floats, Floats]:
    """Return the shares of people, from the lowest rank up, and the shares of `values` they have.

    Both start at 0 and end at 1; one point for every different value of `ranked_by`, straight
    lines between them. Twice the area between the curve and the diagonal is the concentration
    index, but a curve that crosses the diagonal can have an index of 0: show both.
    """
    values, ranked_by, shares = _with_ranking(values, ranked_by, weights)
    mean = _positive_mean(values, shares)
    _levels, place = np.unique(ranked_by, return_inverse=True)
    people = np.cumsum(np.bincount(place, shares))
    had = np.cumsum(np.bincount(place, shares * values)) / mean
    people[-1] = had[-1] = 1
    return np.concatenate(([0.0], people)), np.concatenate(([0.0], had))


def erreygers(
    values: Values,
    *,
    ranked_by: Values,
    lowest: float = 0,
    highest: float = 1,
    weights: Values | None = None,
) -> float:
    """Return 4 × mean × concentration index / (`highest` - `lowest`): for values with bounds.

    Between -1 and 1, and the same with the opposite sign for who has not what others have; 0 where
    nobody or everybody has it. Source: Erreygers (2009), Correcting the concentration index,
    Journal of Health Economics 28(2).
    """
    if not lowest < highest:
        raise UnableToMeasure(
            "bounds_in_wrong_order", _("De ondergrens moet lager zijn dan de bovengrens.")
        )
    values, ranked_by, shares = _with_ranking(values, ranked_by, weights)
    if values.min() < lowest or values.max() > highest:
        raise UnableToMeasure(
            "outside_bounds",
            _("Er is een waarde buiten de grenzen %(lowest)s en %(highest)s."),
            {"lowest": lowest, "highest": highest},
        )
    return 8 * _covariance_with_rank(values, ranked_by, shares) / (highest - lowest)


def wagstaff(values: Values, *, ranked_by: Values, weights: Values | None = None) -> float:
    """Return the concentration index / (1 - mean): for values that are 0 or 1.

    Between -1 and 1 whatever the mean. Refused where nobody or everybody has 1: there is nothing
    that could be unequal. Source: Wagstaff (2005), The bounds of the concentration index when the
    variable of interest is binary, with an application to immunization inequality, Health
    Economics 14(4).
    """
    values, ranked_by, shares = _with_ranking(_zeros_and_ones(values), ranked_by, weights)
    mean = _positive_mean(values, shares)
    if values.min() == 1:
        raise UnableToMeasure("everybody", _("Iedereen heeft het: er is geen verschil te meten."))
    return 2 * _covariance_with_rank(values, ranked_by, shares) / (mean * (1 - mean))


def kakwani(benefit: Values, *, income: Values, weights: Values | None = None) -> float:
    """Return the concentration index of `benefit` by `income` minus the Gini of `income`.

    Below 0, a benefit is less unequal than incomes; it favours the poor only where the
    concentration index itself is below 0. For taxes the sign reads the other way. Source: Kakwani
    (1977), Measurement of tax progressivity: an international comparison, The Economic Journal
    87(345).
    """
    return concentration_index(benefit, ranked_by=income, weights=weights) - gini(income, weights)


def theil(values: Values, weights: Values | None = None) -> float:
    """Return Theil's T: the mean of (value / mean) × ln(value / mean).

    0 where all have the same, at most ln(number of people). A zero adds 0 to the sum and stays in
    the mean: leaving zeros out would hide who gets nothing. Source: Theil (1967), Economics and
    Information Theory, North-Holland.
    """
    values, shares = _not_negative(values, weights)
    ratio = values / _positive_mean(values, shares)
    return float((shares * _times_log(ratio)).sum())


def theil_by_group(
    values: Values, *, groups: Values, weights: Values | None = None
) -> Decomposition:
    """Return Theil's T, split into what is between `groups` and what is within them.

    Between: T if everybody had the mean of the own group. Within: the groups' own T, weighted by
    what each group has of the whole. Source: Bourguignon (1979), Decomposable income inequality
    measures, Econometrica 47(4); Shorrocks (1980), The class of additively decomposable inequality
    measures, Econometrica 48(3).
    """
    values, groups, shares = _with_labels(values, groups, weights)
    relative = values / _positive_mean(values, shares)
    _labels, place = np.unique(groups, return_inverse=True)
    people = np.bincount(place, shares)
    means = np.bincount(place, shares * relative) / people
    own = np.divide(relative, means[place], out=np.zeros_like(relative), where=relative > 0)
    return Decomposition(
        total=float((shares * _times_log(relative)).sum()),
        between=float((people * _times_log(means)).sum()),
        within=float((shares * means[place] * _times_log(own)).sum()),
    )


def mean_log_deviation(values: Values, weights: Values | None = None) -> float:
    """Return the mean of ln(mean / value), Theil's second measure. Refused where anyone has 0.

    Source: Theil (1967), Economics and Information Theory, North-Holland.
    """
    values, shares = _not_negative(values, weights)
    mean = _positive_mean(values, shares)
    if values.min() == 0:
        raise UnableToMeasure(
            "zero_value",
            _("Er zijn mensen met niets. Dan bestaat deze maat niet: neem Theil of Gini."),
        )
    return float((shares * np.log(mean / values)).sum())


def absolute_gap(
    values: Values, *, group: Values, compared_with: Values, weights: Values | None = None
) -> int:
    """Return the mean of `group` minus that of `compared_with` (both 0/1): cents in, cents out.

    To be shown with the relative measures: a gap of € 10 is small or large by what people have.
    Rounded to whole cents, half to even. Source: the definition itself.
    """
    cents = _array(values)
    here = _mean(cents, _zeros_and_ones(group), weights)
    return round(here - _mean(cents, _zeros_and_ones(compared_with), weights))


def kolm(values: Values, *, aversion: float, weights: Values | None = None) -> float:
    """Return Kolm's measure (1/a) × ln(mean of exp(a × (mean - value))), a = `aversion` > 0.

    In the unit of the values: how much of the mean everybody could give up to have all the same
    and be no worse off by this aversion. `aversion` is per unit, so 0.01 with euros is 0.0001 with
    cents. The same when everybody gets the same more; values below 0 are allowed. Source: Kolm
    (1976), Unequal inequalities I and II, Journal of Economic Theory 12(3) and 13(1).
    """
    if not (np.isfinite(aversion) and aversion > 0):
        raise UnableToMeasure(
            "not_positive", _("De afkeer van ongelijkheid moet een getal boven 0 zijn.")
        )
    shares, (amounts,) = _counted(weights, _array(values))
    exponents = aversion * ((shares * amounts).sum() - amounts)
    largest = exponents.max()  # taken out first, as e to a large power is no number
    return float((largest + np.log((shares * np.exp(exponents - largest)).sum())) / aversion)


def opportunity_index(used: Values, *, groups: Values, weights: Values | None = None) -> float:
    """Return the dissimilarity index: sum of group share × |take-up - mean take-up| / (2 × mean).

    The share of the users that would have to be other people for every group to have the same
    take-up; `used` is 0/1. Groups must be declared before one looks: with finer groups it only
    goes up. Source: Paes de Barros, Ferreira, Molinas Vega & Saavedra Chanduvi (2009), Measuring
    Inequality of Opportunities in Latin America and the Caribbean, World Bank.
    """
    values, groups, shares = _with_labels(_zeros_and_ones(used), groups, weights)
    mean = _positive_mean(values, shares)
    _labels, place = np.unique(groups, return_inverse=True)
    people = np.bincount(place, shares)
    users = np.bincount(place, shares * values)
    return float(np.abs(users - people * mean).sum() / (2 * mean))


def _array(values: Values) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise UnableToMeasure("not_one_each", _("Er moet één waarde per persoon zijn."))
    if not np.isfinite(array).all():
        raise UnableToMeasure("not_a_number", _("Er is een waarde die geen getal is."))
    return array


def _zeros_and_ones(values: Values) -> Floats:
    array = _array(values)
    if not ((array == 0) | (array == 1)).all():
        raise UnableToMeasure("not_zero_or_one", _("Hier mag alleen ja of nee staan: 1 of 0."))
    return array


def _counted(weights: Values | None, *columns: Values) -> tuple[Floats, list[Values]]:
    """Return everybody's share of all weight, and the columns, without who has no weight."""
    weighted = np.ones(len(columns[0])) if weights is None else _array(weights)
    if any(column.shape != weighted.shape for column in columns):
        raise UnableToMeasure("not_one_each", _("Er moet één waarde per persoon zijn."))
    if (weighted < 0).any():
        raise UnableToMeasure("negative_weight", _("Een gewicht kan niet onder 0 zijn."))
    counts = weighted > 0
    if not counts.any():
        raise UnableToMeasure("nobody", _("Er is niemand om te meten."))
    if not counts.all():
        weighted, columns = weighted[counts], tuple(column[counts] for column in columns)
    return weighted / weighted.sum(), list(columns)


def _not_negative(values: Values, weights: Values | None) -> tuple[Floats, Floats]:
    shares, (values,) = _counted(weights, _array(values))
    _refuse_negative(values)
    return values, shares


def _with_ranking(
    values: Values, ranked_by: Values, weights: Values | None
) -> tuple[Floats, Floats, Floats]:
    shares, (values, ranked_by) = _counted(weights, _array(values), _array(ranked_by))
    _refuse_negative(values)
    return values, ranked_by, shares


def _with_labels(
    values: Values, groups: Values, weights: Values | None
) -> tuple[Floats, Values, Floats]:
    labels = np.asarray(groups)
    if labels.dtype.kind == "f":
        labels = _array(labels)
    shares, (values, groups) = _counted(weights, _array(values), labels)
    _refuse_negative(values)
    return values, groups, shares


def _refuse_negative(values: Floats) -> None:
    if values.min() < 0:
        raise UnableToMeasure("negative_value", _("Een waarde onder 0 kan deze maat niet aan."))


def _mean(values: Values, among: Floats, weights: Values | None) -> float:
    shares, (values, among) = _counted(weights, values, among)
    shares, (values,) = _counted(shares * among, values)
    return float((shares * values).sum())


def _positive_mean(values: Floats, shares: Floats) -> float:
    mean = float((shares * values).sum())
    if mean == 0:
        raise _nothing_to_divide()
    return mean


def _nothing_to_divide() -> UnableToMeasure:
    return UnableToMeasure(
        "nothing_to_divide", _("Niemand heeft iets: dan is er geen verhouding te meten.")
    )


def _covariance_with_rank(values: Floats, ranked_by: Floats, shares: Floats) -> float:
    _levels, place = np.unique(ranked_by, return_inverse=True)
    people = np.bincount(place, shares)
    ranks = (np.cumsum(people) - people / 2)[place]
    return float((shares * (values - (shares * values).sum()) * (ranks - 0.5)).sum())


def _times_log(ratio: Floats) -> Floats:
    return ratio * np.log(np.where(ratio > 0, ratio, 1))
