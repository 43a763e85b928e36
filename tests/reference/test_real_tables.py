"""Real tables: what holds on made-up rows holds on these."""

import pickle

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from rarebird.estimators import BoostedTrees
from rarebird.study.candidates import Setting, candidate
from rarebird.study.prepare import prepare

TABLES = ("abalone9-18", "german_credit", "hypothyroid")


@pytest.fixture(params=TABLES)
def ready(request, rarebird_data):
    index = pl.read_csv(rarebird_data / "index.csv")
    row = index.filter(pl.col("name") == request.param).row(0, named=True)
    return prepare(pl.read_csv(rarebird_data / row["file"]), row["target"])


def test_saved_trees_predict_the_same_to_the_bit(ready):
    rows = ready.rows
    model = BoostedTrees(n_estimators=20, categorical=rows.categorical)
    proba = model.fit(rows.X[ready.train], rows.y[ready.train]).predict_proba(rows.X)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(rows.X), proba)


@pytest.mark.parametrize("name", ["baseline", "class-weights", "random-under"])
def test_probabilities_stay_true_and_rank_above_chance(ready, name):
    rows, tried = ready.rows, candidate(name)
    plain = Setting("logistic")
    setting = plain if name == "baseline" else tried.settings(plain)[0]
    model = tried.build(setting, categorical=rows.categorical, seed=0, threads=1, own={})
    model.fit(rows.X[ready.train], rows.y[ready.train])
    proba, y = model.predict_proba(rows.X[ready.test])[:, 1], rows.y[ready.test]
    chance = 4 * np.sqrt(y.mean() / len(y))
    assert proba.mean() == pytest.approx(y.mean(), abs=max(0.3 * y.mean(), chance))
    assert average_precision_score(y, proba) > 1.3 * y.mean()
