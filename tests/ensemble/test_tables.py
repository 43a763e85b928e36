"""Any table goes in, threads and shared bins change nothing."""

from typing import ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.tree import DecisionTreeClassifier

from rarebird._compat import lightgbm
from rarebird.ensemble import (
    SAMME,
    Balanced,
    BalancedRandomForestClassifier,
    Ensemble,
    Forest,
    Natural,
    Resampled,
    RUSBoostClassifier,
    SubaggingClassifier,
    UnderBaggingClassifier,
)
from rarebird.estimators import BoostedTrees
from rarebird.resample import SMOTE, RandomOverSampler

RNG = np.random.default_rng(0)
Y = (RNG.random(240) < 0.2).astype(int)
X = np.round(RNG.normal(size=(240, 3)) + Y[:, None], 2)
X[RNG.random(X.shape) < 0.2] = 0.0
COLUMNS = ["age", "amount", "hour"]
MADE = {
    "under-bagging": lambda: UnderBaggingClassifier(DecisionTreeClassifier(max_features=1)),
    "bagging": lambda: SubaggingClassifier(DecisionTreeClassifier(max_features=1)),
    "forest": lambda: Forest(n_estimators=5),
    "balanced-forest": lambda: BalancedRandomForestClassifier(n_estimators=5),
    "rus-boost": lambda: RUSBoostClassifier(DecisionTreeClassifier(max_depth=3), cv=2),
    "smote-bagging": lambda: Ensemble(
        DecisionTreeClassifier(), Resampled(SMOTE()), n_estimators=3, cv=2
    ),
    "shared-bins": lambda: UnderBaggingClassifier(BoostedTrees(n_estimators=3), n_estimators=3),
}
TABLES = {
    "pandas": lambda X: pd.DataFrame(X, columns=COLUMNS),
    "polars": lambda X: pl.DataFrame(X, schema=COLUMNS, orient="row"),
    "csr": sparse.csr_array,
    "csc": sparse.csc_matrix,
    "list": lambda X: X.tolist(),
    "fortran": np.asfortranarray,
}


@pytest.mark.parametrize("kind", list(TABLES))
@pytest.mark.parametrize("made", list(MADE))
def test_every_kind_of_table_gives_the_same_ensemble(made, kind):
    model = MADE[made]().set_params(random_state=0)
    expected = model.fit(X, Y).predict_proba(X)
    table = TABLES[kind](X)
    found = clone(model).fit(table, Y)
    # sparse trees break some ties otherwise; a held-out row differs, and with it the calibrator
    ties = kind in ("csr", "csc") and made in ("rus-boost", "smote-bagging")
    np.testing.assert_allclose(found.predict_proba(table), expected, atol=0.02 if ties else 1e-12)
    assert found.n_features_in_ == 3
    names = getattr(found, "feature_names_in_", np.array([])).tolist()
    assert names == (COLUMNS if kind in ("pandas", "polars") else [])
    assert not hasattr(found.fit(X, Y), "feature_names_in_")


class SeesFrames(ClassifierMixin, BaseEstimator):
    """A member that notes what it got."""

    def fit(self, X, y):
        self.classes_, self.seen_ = np.unique(y), X
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


@pytest.mark.parametrize(("kind", "frame"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_members_get_the_kind_of_table_that_was_given_with_its_types(kind, frame):
    table = TABLES[kind](X)
    day = ["mon", "tue", None] * 80
    table = table.assign(day=day) if kind == "pandas" else table.with_columns(day=pl.Series(day))
    for draw in (Balanced(), Resampled(RandomOverSampler())):
        model = Ensemble(SeesFrames(), draw, n_estimators=2).fit(table, Y)
        for member in model.estimators_:
            assert isinstance(member.seen_, frame)
            assert list(member.seen_.columns) == [*COLUMNS, "day"]
            assert list(member.seen_.dtypes) == list(table.dtypes)


@pytest.mark.parametrize("made", list(MADE))
def test_threads_change_nothing(made):
    model = MADE[made]().set_params(random_state=0)
    one = model.fit(X, Y).predict_proba(X)
    for n_jobs in (2, 3, -1):
        many = clone(model).set_params(n_jobs=n_jobs).fit(X, Y)
        np.testing.assert_array_equal(many.predict_proba(X), one)


def test_labels_may_be_a_series_and_weights_a_list():
    model = UnderBaggingClassifier(DecisionTreeClassifier(), random_state=0)
    names = np.array(["no", "yes"])[Y]
    expected = model.fit(X, names, np.arange(240) % 3 + 1.0).predict(X)
    for labels in (pd.Series(names, index=range(240, 0, -1)), pl.Series(names), names.tolist()):
        again = clone(model).fit(X, labels, (np.arange(240) % 3 + 1.0).tolist())
        np.testing.assert_array_equal(again.predict(X), expected)


# --- a learner's shared bins --------------------------------------------------------------------


class Counted(BoostedTrees):
    """Counts how members are fitted."""

    calls: ClassVar[list] = []

    def bind(self, X, y):
        self.calls.append("bind")
        return super().bind(X, y)

    def fit_rows(self, bins, rows, sample_weight=None):
        self.calls.append("rows")
        return super().fit_rows(bins, rows, sample_weight)

    def fit(self, X, y, sample_weight=None, *, bins=None):
        self.calls.append("fit" if bins is None else "fit in bins")
        return super().fit(X, y, sample_weight, bins=bins)


@pytest.fixture
def calls(monkeypatch):
    if lightgbm() is None:
        pytest.skip("LightGBM cannot be loaded here")
    monkeypatch.setattr(Counted, "calls", [])
    return Counted.calls


@pytest.mark.parametrize("scheme", [None, SAMME()])
@pytest.mark.parametrize("draw", [Balanced(), Natural(replacement=True)])
def test_draws_of_rows_as_they_are_share_the_bins(calls, draw, scheme):
    learner = Counted(n_estimators=3, min_child_samples=5, random_state=1)
    model = Ensemble(
        learner, draw, scheme, n_estimators=3, random_state=0, correct_prior=False
    ).fit(X, Y)
    assert calls == ["bind"] + ["rows"] * len(model.estimators_)
    assert len(model.estimators_) >= 2


def test_new_rows_go_into_the_same_bins(calls):
    learner = Counted(n_estimators=3, min_child_samples=5)
    Ensemble(learner, Resampled(SMOTE()), n_estimators=2, random_state=0, correct_prior=False).fit(
        X, Y
    )
    assert calls == ["bind", "fit in bins", "fit in bins"]


def test_shared_bins_are_those_of_all_rows(calls):
    model = UnderBaggingClassifier(
        BoostedTrees(n_estimators=4, min_child_samples=5), n_estimators=3, random_state=0,
        correct_prior=False,
    ).fit(X, Y)  # fmt: skip
    total = 0.0
    bins = BoostedTrees().bind(X, Y)
    for member in model.estimators_:
        plain = clone(member).fit_rows(bins, np.arange(240))
        assert np.any(plain.predict_proba(X) != member.predict_proba(X))
        total = total + member.predict_proba(X) / 3
    np.testing.assert_allclose(model.predict_proba(X), total, atol=1e-12)
