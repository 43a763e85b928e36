"""Interpolated rows: found where imbalanced-learn made them, and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from imblearn import over_sampling
from sklearn.datasets import make_blobs, make_classification, make_moons

from rarebird._errors import DataError
from rarebird.diagnose import interpolated_rows, interpolated_rows_check
from rarebird.resample import SMOTE


def rare_table(seed=0, n=1500):
    return make_classification(
        n, 8, n_informative=5, weights=[0.93], flip_y=0.02, random_state=seed
    )


def halves(n, seed=1, share=0.25):
    held = np.random.default_rng(seed).random(n) < share
    return np.flatnonzero(~held), np.flatnonzero(held)


MAKERS = [
    over_sampling.SMOTE,
    over_sampling.BorderlineSMOTE,
    over_sampling.ADASYN,
    over_sampling.SVMSMOTE,
]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("kind", ["as it is", "two decimals", "single", "scaled after", "csv"])
def test_what_was_resampled_before_the_split_is_found(maker, kind, tmp_path):
    X, y = rare_table()
    X = X.round(2) if kind == "two decimals" else X.astype(np.float32) if kind == "single" else X
    X, y = maker(random_state=0).fit_resample(X, y)
    made = np.arange(len(X)) >= 1500
    if kind == "scaled after":
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    if kind == "csv":
        pd.DataFrame(X).to_csv(tmp_path / "x.csv", index=False)
        X = pd.read_csv(tmp_path / "x.csv").to_numpy()
    train, test = halves(len(X))
    for labels in ({}, {"y_train": y[train], "y_test": y[test]}):
        found = interpolated_rows(X[train], X[test], max_rows=None, **labels)
        hit = np.isin(np.arange(len(test)), found.rows)
        assert hit[made[test]].mean() > 0.5
        assert hit[~made[test]].mean() < 0.2  # real rows in line are parents, see below


def test_what_is_found_is_of_one_family():
    X, y = rare_table(3)
    sampler = SMOTE(random_state=0)
    X, y = sampler.fit_resample(X, y)
    parents = [set(row) - {-1} for row in sampler.parents_.tolist()]
    train, test = halves(len(X))
    found = interpolated_rows(X[train], X[test], max_rows=None)
    assert len(found.rows) > 100
    for x, (a, b) in zip(test[found.rows], train[found.through], strict=True):
        assert len(parents[x] | parents[a] | parents[b]) == 2, "three rows of one pair of parents"


def clean_tables():
    for seed in range(3):
        rng = np.random.default_rng(seed)
        for d in (2, 3, 12):
            X = rng.normal(size=(1500, d))
            yield from (X, X.astype(np.float32), np.exp(X), X + 1e6, X.round(3), X.round(1))
            yield from ((X.round(2) - 0.37) / 1.234, X[:, :1] + 1e-6 * X, np.cumsum(X, axis=0))
            yield X * (rng.random(X.shape) < 0.3)
        yield make_moons(1500, noise=0.1, random_state=seed)[0]
        yield make_blobs(1500, 4, random_state=seed)[0]
        yield make_classification(
            1500, 20, n_informative=4, n_redundant=9, n_repeated=3, random_state=seed
        )[0]
        yield rng.dirichlet(np.ones(4), 1500)
        yield (np.eye(8)[rng.integers(0, 8, 1500)] - 0.125) / 0.33
        income = np.exp(rng.normal(10, 1, 1500))
        tax = np.interp(income, [0, 1e4, 5e4, 1e9], [0, 1e3, 15e3, 4e8])
        yield np.column_stack([income, tax, income / 30, rng.normal(size=1500)])
        yield np.column_stack([income, 1.8 * income + 32])
        t = np.linspace(0, 50, 1500)
        yield np.column_stack([np.sin(t * (j + 1) / 3) for j in range(6)])


def test_nothing_is_found_in_rows_as_they_come():
    n = 0
    for X in clean_tables():
        train, test = halves(len(X))
        assert not len(interpolated_rows(X[train], X[test], max_rows=None).rows)
        n += 1
    assert n >= 100


def test_a_clean_split_stays_clean_when_the_training_part_is_resampled():
    X, y = rare_table(5)
    train, test = halves(len(X))
    X_new, _ = over_sampling.SMOTE(random_state=0).fit_resample(X[train], y[train])
    assert not len(interpolated_rows(X_new, X[test], max_rows=None).rows)


def test_gaps_are_no_evidence():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(900, 4))
    X[rng.random(X.shape) < 0.3] = np.nan
    X[:, 3] = np.nan
    train, test = halves(900)
    assert not len(interpolated_rows(X[train], X[test]).rows)
    X[test[0]] = X[train[0]] + 0.25 * (X[train[1]] - X[train[0]])
    X[test[0]] = np.where(np.isnan(X[test[0]]), X[train[0]], X[test[0]])
    interpolated_rows(X[train], X[test])


def test_rare_cases_are_searched_and_hold_nothing(rare):
    train, test = halves(len(rare.X))
    codes = rare.codes
    for labels in ({}, {"y_train": codes[train], "y_test": codes[test]}):
        assert not len(interpolated_rows(rare.X[train], rare.X[test], **labels).rows)
    assert interpolated_rows_check(rare.X, rare.X[:0], codes, codes[:0]) is None


def test_few_rows_are_looked_at_where_few_are_asked_for():
    X, y = make_classification(4000, 6, weights=[0.9], random_state=0)
    X, y = over_sampling.SMOTE(random_state=0).fit_resample(X, y)
    train, test = halves(len(X))
    one, two = (interpolated_rows(X[train], X[test], max_rows=200) for _ in range(2))
    assert one.n_searched == 200 and 0 < len(one.rows) <= 200
    np.testing.assert_array_equal(one.rows, two.rows)
    sides = interpolated_rows(X[train], X[test], y_train=y[train], y_test=y[test], max_rows=200)
    assert sides.n_searched == 200
    with pytest.raises(DataError, match="6 columns in training, 5"):
        interpolated_rows(X[train], X[test][:, :5])


def test_the_check_says_how_many():
    X, y = rare_table()
    train, test = halves(len(X))
    assert interpolated_rows_check(X[train], X[test], y[train], y[test]) is None
    X, y = over_sampling.SMOTE(random_state=0).fit_resample(X, y)
    train, test = halves(len(X))
    found = interpolated_rows_check(X[train], X[test], y[train], y[test])
    assert found.code == "RB023" and found.severity == "danger"
    assert found.details["n_rows"] > 100 and found.details["n_searched"] == len(test)
    assert f"{found.details['n_rows']:,} of {len(test):,} test rows" in found.message


@pytest.mark.slow
def test_real_tables_are_clean_until_they_are_resampled(rarebird_data):
    index = pd.read_csv(rarebird_data / "index.csv")
    index = index[index["group"].str.startswith("tabular_binary") & (index["n_rows"] < 8000)]
    n_found = n_tables = n_looks = 0
    for row in index.itertuples():
        path = rarebird_data / row.file
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        y = pd.factorize(frame[row.target])[0]
        X = frame.drop(columns=row.target).select_dtypes("number")
        X = X.fillna(X.median()).fillna(0).to_numpy(dtype=float)
        train, test = halves(len(X))
        if X.shape[1] < 2 or np.bincount(y).min() < 6:
            continue
        scaled = (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-12)
        for kind in (X, X.astype(np.float32), scaled):
            assert not len(interpolated_rows(kind[train], kind[test]).rows), row.name
            n_looks += 1
        X, _ = over_sampling.SMOTE(random_state=0).fit_resample(X, y)
        train, test = halves(len(X))
        n_found += len(interpolated_rows(X[train], X[test]).rows) > 0
        n_tables += 1
    assert n_looks >= 200
    assert n_tables - n_found <= 2
