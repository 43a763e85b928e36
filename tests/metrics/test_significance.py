"""Tests of differences: closed forms, bounds, error rates."""

import numpy as np
import pytest
from scipy import stats

from rarebird import metrics as rm
from rarebird._errors import DataError, ParameterError
from rarebird.metrics.significance import correlation

RNG = np.random.default_rng(0)


def overlapping(rng, m, j, ratio, between=0.5):
    """Null differences whose splits correlate by 1 / (1 + n_train / n_test), candidates too."""
    rho = 1 / (1 + ratio)
    root = np.linalg.cholesky(np.full((m, m), between) + (1 - between) * np.eye(m))
    return root @ (
        np.sqrt(rho) * rng.normal(size=(m, 1)) + np.sqrt(1 - rho) * rng.normal(size=(m, j))
    )


def test_without_overlap_it_is_the_paired_t_test():
    d = RNG.normal(0.3, 1, 12)
    found = rm.corrected_t(d, n_train=1e12, n_test=1)
    theirs = stats.ttest_1samp(d, 0)
    ends = theirs.confidence_interval(0.95)
    assert found.p == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_the_correction_is_the_papers():
    d = RNG.normal(0.3, 1, 10)
    found = rm.corrected_t(d, n_train=90, n_test=10)
    t = d.mean() / np.sqrt((1 / 10 + 1 / 9) * d.var(ddof=1))
    assert found.p == pytest.approx(2 * stats.t.sf(abs(t), 9))


def test_all_zero_is_equal_and_all_the_same_is_no_proof():
    zero = rm.corrected_t(np.zeros(10), n_train=80, n_test=20)
    assert (zero.p, zero.low, zero.high) == (1, 0, 0)
    same = rm.corrected_t(np.full(10, 0.02), n_train=80, n_test=20)
    near = rm.corrected_t(np.full(10, 0.02) + 1e-9 * RNG.normal(size=10), n_train=80, n_test=20)
    assert 0 < same.p < 1e-3 and same.low < 0.02 < same.high
    assert near.p == pytest.approx(same.p, rel=1e-3)
    two = rm.corrected_t([0.02, 0.02], n_train=80, n_test=20)
    assert two.p > 0.01
    one = rm.corrected_t([0.5], n_train=80, n_test=20)
    assert one.p == 1 and one.low == -np.inf


def test_adjusted_p_lies_between_its_own_and_bonferroni():
    d = overlapping(RNG, 8, 10, 4) + RNG.normal(0.8, 1, (8, 1))
    found = rm.family_wise(d, n_train=80, n_test=20)
    for row, one in zip(d, found, strict=True):
        alone = rm.corrected_t(row, n_train=80, n_test=20)
        one_sided = alone.p / 2 if alone.value > 0 else 1 - alone.p / 2
        assert one.p == pytest.approx(one_sided)
        assert (one.low, one.high) == pytest.approx((alone.low, alone.high))
        assert one.p - 1e-12 <= one.p_adjusted <= min(1, 8 * one.p) + 1e-12
    order = np.argsort([one.value / one.standard_error for one in found])[::-1]
    ranked = [found[i].p_adjusted for i in order]
    assert ranked == sorted(ranked)


def test_independent_candidates_are_near_sidak():
    d = RNG.normal(size=(5, 2000)) + np.linspace(0.02, 0.06, 5)[:, None]
    for one in rm.family_wise(d, n_train=1e12, n_test=1):
        assert one.p_adjusted == pytest.approx(1 - (1 - one.p) ** 5, abs=0.01)


def test_twins_cost_less_than_strangers():
    row = stats.norm.ppf((np.arange(12) + 0.5) / 12)
    row = row / row.std(ddof=1) + 2 / np.sqrt(12)  # t = 2
    twin = np.tile(row, (6, 1)) + 1e-6 * RNG.normal(size=(6, 12))
    one = rm.family_wise(twin, n_train=1e12, n_test=1)[0]
    assert one.p_adjusted < 2 * one.p < 0.1


def test_equal_candidates_take_no_part():
    d = RNG.normal(0.5, 1, (1, 10))
    alone = rm.family_wise(d, n_train=80, n_test=20)[0]
    found = rm.family_wise(np.vstack([d, np.zeros((3, 10))]), n_train=80, n_test=20)
    assert found[0].p_adjusted == alone.p_adjusted == alone.p
    assert [one.p_adjusted for one in found[1:]] == [1, 1, 1]


def test_the_seed_decides():
    d = overlapping(RNG, 4, 10, 4) + 0.8
    options = {"n_train": 80, "n_test": 20, "random_state": 3}
    assert rm.family_wise(d, **options) == rm.family_wise(d, **options)


def test_correlations_shrink_but_twins_stay():
    noise = correlation(RNG.normal(size=(10, 6)))
    assert np.abs(noise[~np.eye(10, dtype=bool)]).max() < 0.6
    twin = correlation(np.tile(RNG.normal(size=12), (3, 1)))
    assert twin[0, 1] > 0.95
    np.linalg.cholesky(twin)


def test_differences_that_are_not_finite_are_refused():
    with pytest.raises(DataError, match="1 differences are not finite"):
        rm.corrected_t([0.1, np.nan], n_train=80, n_test=20)
    with pytest.raises(DataError, match="shape"):
        rm.family_wise([0.1, 0.2], n_train=80, n_test=20)
    with pytest.raises(ParameterError, match="n_test"):
        rm.corrected_t([0.1, 0.2], n_train=80, n_test=0)


@pytest.mark.slow
@pytest.mark.parametrize("between", [0.0, 0.7])
def test_the_family_wise_error_is_below_the_level(between):
    rng, runs, least = np.random.default_rng(0), 600, []
    for seed in range(runs):
        d = overlapping(rng, 8, 10, 4, between)
        found = rm.family_wise(d, n_train=80, n_test=20, n_draws=2000, random_state=seed)
        least.append(min(one.p_adjusted for one in found))
    for level in (0.05, 0.01):
        assert np.mean(np.array(least) < level) < level + 2 * np.sqrt(level / runs)
