"""RWO-sampling: means, variances and level shares of a class are kept."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from rarebird._errors import DataError
from rarebird.resample.around import step_lengths
from rarebird.resample.between import even_bases
from rarebird.resample.random_walk import RandomWalkOversampler
from rarebird.resample.votes import roulette


def data(n=100, n_rare=12, d=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n, n_rare])
    return rng.normal(size=(n + n_rare, d)) * [1, 5, 0.1] + y[:, None], y


def test_the_rows_are_those_of_the_slow_reference():
    X, y = data()
    X_new, y_new = RandomWalkOversampler(random_state=4).fit_resample(X, y)
    rare, rng = X[y == 1], np.random.default_rng(4)
    n = len(rare)
    rest = sorted(rng.permutation(n)[: 88 % n].tolist())
    turns = [i for _ in range(88 // n) for i in range(n)] + rest
    draws = rng.normal(size=(88, 3))
    for t, i in enumerate(turns):
        for j in range(3):
            mean = sum(rare[:, j]) / n
            spread = (sum((v - mean) ** 2 for v in rare[:, j]) / n) ** 0.5
            wanted = rare[i, j] - spread / n**0.5 * draws[t, j]
            assert X_new[112 + t, j] == pytest.approx(wanted, abs=1e-12)
    np.testing.assert_array_equal(y_new[112:], 1)


def test_mean_and_variance_are_the_closed_form():
    X, y = data(n=120_000, n_rare=10, d=3)
    X_new, _ = RandomWalkOversampler(random_state=0).fit_resample(X, y)
    rare, new = X[y == 1], X_new[len(X) :]
    error = rare.std(axis=0) / np.sqrt(10 * len(new))
    assert np.all(np.abs(new.mean(axis=0) - rare.mean(axis=0)) < 5 * error)
    np.testing.assert_allclose(new.var(axis=0), rare.var(axis=0) * (1 + 1 / 10), rtol=0.02)


def test_step_lengths_are_numpys_standard_deviation_over_the_root():
    X = np.random.default_rng(0).normal(size=(17, 4))
    np.testing.assert_allclose(step_lengths(X), X.std(axis=0) / 17**0.5)
    X[3:9, 1] = np.nan
    X[:, 2] = np.nan
    assert step_lengths(X)[1] == pytest.approx(np.nanstd(X[:, 1]) / 11**0.5)
    assert step_lengths(X)[2] == 0


def test_bases_are_even():
    for n, n_new in ((7, 30), (7, 7), (7, 3), (1, 5), (3, 0)):
        counts = np.bincount(even_bases(np.random.default_rng(0), n, n_new), minlength=n)
        assert counts.sum() == n_new and counts.max() - counts.min() <= 1


def test_levels_come_as_often_as_the_class_has_them():
    codes = np.repeat([0, 1, 2], [70, 20, 10])
    chosen = codes[roulette(np.random.default_rng(0), codes, np.zeros(50_000, dtype=int))]
    np.testing.assert_allclose(np.bincount(chosen) / 50_000, [0.7, 0.2, 0.1], atol=0.01)


def test_categories_are_the_class_s_own_and_gaps_stay_gaps():
    X, y = data(n=400, n_rare=40)
    frame = pd.DataFrame(X, columns=list("abc"))
    frame["kind"] = np.where(y == 0, "common", np.where(np.arange(len(y)) % 4, "u", "v"))
    frame["flag"] = np.arange(len(y)) % 2 == 0
    frame.loc[401:410, "kind"] = None
    frame.loc[405:420, "b"] = np.nan
    sampler = RandomWalkOversampler(random_state=1)
    out, _ = sampler.fit_resample(frame, y)
    new, base = out.iloc[440:], sampler.sample_indices_[440:]
    assert set(new["kind"].dropna()) == {"u", "v"}
    for name in ("kind", "b"):
        assert (new[name].isna().to_numpy() == frame[name].isna().to_numpy()[base]).all()
    assert out.dtypes.equals(frame.dtypes)
    # The category is drawn, not the base row's.
    assert (new["kind"].to_numpy() != frame["kind"].to_numpy()[base]).mean() > 0.2
    polars, _ = RandomWalkOversampler(random_state=1).fit_resample(pl.from_pandas(frame), y)
    assert polars["kind"].to_list() == [None if pd.isna(v) else v for v in out["kind"]]
    np.testing.assert_array_equal(polars["a"].to_numpy(), out["a"].to_numpy())


def test_columns_of_an_array_are_categories_when_named():
    X, y = data()
    X[:, 1] = np.arange(len(y)) % 3
    out, _ = RandomWalkOversampler(random_state=0, categorical_features=[1]).fit_resample(X, y)
    assert set(out[:, 1]) == {0.0, 1.0, 2.0}


def test_one_row_is_repeated():
    X, y = data(n=20, n_rare=1)
    X_new, _ = RandomWalkOversampler(random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(X_new[21:], np.tile(X[20], (19, 1)))


def test_sparse_tables_are_refused():
    X, y = data()
    with pytest.raises(DataError, match="sparse"):
        RandomWalkOversampler().fit_resample(sparse.csr_array(X), y)
