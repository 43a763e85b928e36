"""Is it better than the baseline? Tests of differences over the splits of a cross-validation."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special

from rarebird._errors import DataError
from rarebird._params import Int, Real, check_params
from rarebird._random import RandomState, as_rng

from ._checks import LEVEL
from .cells import ratio
from .estimate import Estimate

__all__ = ["Difference", "corrected_t", "family_wise"]

LEAST_SPREAD = 0.1  # of the mean: the least standard deviation that a few splits can show
METHOD = "corrected resampled t"
SYMMETRIC = 1e-6  # a skewness this small is none
ROUNDING = 1e-12  # differences this small are rounding, not differences
RULES = {
    **LEVEL,
    "n_train": Real(0, open_low=True),
    "n_test": Real(0, open_low=True),
    "n_draws": Int(min=100),
}


@dataclass(frozen=True)
class Difference(Estimate):
    """A mean difference to a baseline, with its interval and its p-values.

    Parameters
    ----------
    value, low, high, level, method
        See `Estimate`; the interval is two-sided and not adjusted for other differences.
    standard_error, df : float
        Of Student's t.
    p : float
        Of this difference alone.
    p_adjusted : float
        For all differences tested together; equal to ``p`` where there is one.
    """

    standard_error: float
    df: float
    p: float
    p_adjusted: float


def student(
    value: float,
    standard_error: float,
    df: float,
    *,
    level: float,
    two_sided: bool,
    method: str,
    skewness: float = 0.0,
) -> Difference:
    """Return the difference under Student's t; no difference and no error at all are p = 1.

    ``skewness`` is that of the estimate; t is transformed as in Hall (1992), and back for the ends
    of the interval.
    """
    p, low, high = 1.0, -np.inf, np.inf
    if abs(value) <= ROUNDING and standard_error <= ROUNDING:
        low = high = value
    elif df < 1 or standard_error <= 0:
        standard_error = np.inf
    else:
        t = _hall(value / standard_error, skewness)
        p = float(2 * special.stdtr(df, -abs(t)) if two_sided else special.stdtr(df, -t))
        q = float(special.stdtrit(df, (1 + level) / 2))
        low, high = (value - standard_error * _hall_inverse(end, skewness) for end in (q, -q))
    return Difference(value, low, high, level, method, standard_error, df, p, p)


def _hall(t: float, skewness: float) -> float:
    """Return t without the skewness of its estimate: Hall's monotone cubic."""
    if abs(skewness) < SYMMETRIC:
        return t
    return ((1 + skewness * t / 3) ** 3 - 1) / skewness + skewness / 6


def _hall_inverse(x: float, skewness: float) -> float:
    if abs(skewness) < SYMMETRIC:
        return x
    return 3 * float(np.cbrt(1 + skewness * (x - skewness / 6)) - 1) / skewness


def _resampled_t(
    d: np.ndarray, n_train: float, n_test: float, level: float, two_sided: bool
) -> list[Difference]:
    """Return the corrected resampled t of each row of differences (m, J)."""
    j = d.shape[1]
    mean = d.mean(axis=1)
    spread = np.maximum(d.std(axis=1, ddof=min(1, j - 1)), LEAST_SPREAD * np.abs(mean))
    error = np.sqrt(1 / j + n_test / n_train) * spread
    return [
        student(float(m), float(e), j - 1, level=level, two_sided=two_sided, method=METHOD)
        for m, e in zip(mean, error, strict=True)
    ]


def _finite(who: str, differences: Any, shape: str) -> np.ndarray:
    """Return differences as finite numbers, shape (m, J)."""
    d = np.asarray(differences, dtype=float)
    if d.ndim != 2 or d.shape[1] == 0:
        raise DataError(f"{who}: differences have a wrong shape; it must be {shape}, J >= 1.")
    bad = int((~np.isfinite(d)).sum())
    if bad:
        raise DataError(
            f"{who}: {bad} differences are not finite; leave out the splits in which a metric is "
            "undefined (no row of a class it needs)."
        )
    return d


def corrected_t(
    differences: Any, *, n_train: float, n_test: float, level: float = 0.95
) -> Difference:
    """Test the mean of differences over overlapping splits by the corrected resampled t.

    t = mean / sqrt((1 / J + n_test / n_train) s^2) with J - 1 degrees of freedom; the second term
    stands for the overlap of the training sets. Differences that are all zero are equal (p = 1).
    As J equal values are no proof of no variance, s counts as at least a tenth of the mean.

    Parameters
    ----------
    differences : array-like of shape (J,)
        A difference for each split; one alone has p = 1 and no bounds.
    n_train, n_test : float
        Rows of a split's two parts.
    level : float
        Confidence of the interval; p is two-sided.

    Raises
    ------
    DataError, ParameterError
        If a difference is not finite, there is none, or a parameter is outside its rule.

    Notes
    -----
    O(J). Nadeau and Bengio (2003).

    Examples
    --------
    >>> found = corrected_t([0.02, 0.01, 0.03, 0.02], n_train=80, n_test=20)
    >>> round(found.value, 3), round(found.p, 3)
    (0.02, 0.041)
    """
    check_params("corrected_t", RULES, {"n_train": n_train, "n_test": n_test, "level": level})
    d = _finite("corrected_t", [differences], "(J,)")
    return _resampled_t(d, n_train, n_test, level, two_sided=True)[0]


def family_wise(
    differences: Any,
    *,
    n_train: float,
    n_test: float,
    level: float = 0.95,
    n_draws: int = 20000,
    random_state: RandomState = 0,
) -> list[Difference]:
    """Test m candidates against one baseline together; return a difference for each, in order.

    Each has the corrected resampled t; ``p`` is one-sided (candidate better), ``p_adjusted`` is the
    share of seeded draws under "none is better" whose least p reaches the candidate's own. The
    draws are normal scores with the candidates' correlations over the splits, shrunk towards
    independence. ``p_adjusted`` is never below p nor above m p. Candidates
    equal to the baseline everywhere take no part.

    Parameters
    ----------
    differences : array-like of shape (m, J)
        Candidate minus baseline for each split, positive where the candidate is better.
    n_train, n_test, level
        As in `corrected_t`; the two-sided intervals are not adjusted.
    n_draws : int
        Draws of the largest t.
    random_state : int, Generator, RandomState or None
        Seed of the draws.

    Notes
    -----
    O(n_draws m^2). Nadeau and Bengio (2003); Westfall and Young (1993); shrinkage after Schaefer
    and Strimmer (2005).

    Examples
    --------
    >>> found = family_wise([[0.02, 0.01, 0.03], [0.0, 0.0, 0.0]], n_train=80, n_test=20)
    >>> found[1].p_adjusted
    1.0
    """
    values = {"n_train": n_train, "n_test": n_test, "level": level, "n_draws": n_draws}
    check_params("family_wise", RULES, values)
    d = _finite("family_wise", differences, "(m, J)")
    single = _resampled_t(d, n_train, n_test, level, two_sided=False)
    return adjusted(single, d, n_draws=n_draws, rng=as_rng(random_state))


def adjusted(
    single: list[Difference],
    samples: np.ndarray,
    *,
    n_draws: int,
    rng: np.random.Generator,
    share: float = 1.0,
) -> list[Difference]:
    """Return the differences with p adjusted by the least p of all under "none is better".

    ``samples`` (m, B) give the correlations of the normal scores of the p-values. With ``share`` =
    M / m, m of M differences are left and p becomes 1 - (1 - p)^share.
    """
    part = [i for i, one in enumerate(single) if ROUNDING < one.standard_error < np.inf]
    if not part:
        return single
    root = np.linalg.cholesky(correlation(samples[part]))
    largest = np.sort((rng.standard_normal((n_draws, len(part))) @ root.T).max(axis=1))
    found = list(single)
    for i in part:
        one = single[i]
        above = n_draws - np.searchsorted(largest, -special.ndtri(one.p))
        p = np.clip((above + 1) / (n_draws + 1), one.p, min(1.0, len(part) * one.p))
        found[i] = replace(one, p_adjusted=float(-np.expm1(share * np.log1p(-min(p, 1 - 1e-16)))))
    return found


def correlation(samples: np.ndarray) -> np.ndarray:
    """Return the correlations of rows (m, B), shrunk to independence by their estimated error.

    Shrinking is on the safe side: where candidates agree, fewer independent tests are made.
    """
    m, b = samples.shape
    centred = samples - samples.mean(axis=1, keepdims=True)
    unit = ratio(centred, np.linalg.norm(centred, axis=1, keepdims=True))
    r, off = unit @ unit.T, ~np.eye(m, dtype=bool)
    strength, error = (r[off] ** 2).sum(), ((1 - r[off] ** 2) ** 2).sum() / max(b - 1, 1)
    share = np.clip(error / strength, 0.01, 1.0) if strength > 0 else 1.0
    return np.where(off, (1 - share) * r, 1.0)
