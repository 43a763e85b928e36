"""A table that was resampled before it came is found out, and said in the report."""

import numpy as np
import polars as pl
from imblearn.over_sampling import SMOTE
from sklearn.datasets import make_classification

from rarebird.study.prepare import prepare

X, Y = make_classification(900, 6, n_informative=4, weights=[0.9], random_state=0)


def table(X, y):
    columns = {f"x{j}": X[:, j] for j in range(X.shape[1])}
    colour = np.array(["red", "green", "blue"])[np.arange(len(y)) % 3]
    return pl.DataFrame({**columns, "shop": np.arange(len(y)) % 17, "colour": colour, "bad": y})


def found(ready):
    return [check for check in ready.checks if check.code == "RB023"]


def test_the_part_put_away_of_a_resampled_table_is_flagged():
    ready = prepare(table(*SMOTE(random_state=0).fit_resample(X, Y)), "bad")
    (check,) = found(ready)
    assert check.severity == "danger" and check.details["n_rows"] > 20
    assert len(ready.test), "the study goes on"


def test_a_table_as_it_is_is_not():
    assert not found(prepare(table(X, Y), "bad"))


def test_a_test_file_cut_from_a_resampled_table_is_flagged():
    X_new, y_new = SMOTE(random_state=0).fit_resample(X, Y)
    rows = np.random.default_rng(0).permutation(len(y_new))
    train, test = rows[:1200], rows[1200:]
    ready = prepare(table(X_new[train], y_new[train]), "bad", test=table(X_new[test], y_new[test]))
    assert found(ready)[0].severity == "danger"
    real = np.random.default_rng(0).permutation(900)
    fine = prepare(
        table(X[real[:700]], Y[real[:700]]), "bad", test=table(X[real[700:]], Y[real[700:]])
    )
    assert not found(fine)
