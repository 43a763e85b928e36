"""What every part of `rarebird.decide` keeps: checks, state, cloning, files, rare classes."""

import json
import pickle

import numpy as np
import pytest
import skops.io
from sklearn.base import clone

from rarebird._errors import DataError, NotFittedError, ParameterError, RarebirdError
from rarebird.decide import (
    Actions,
    AlertBudget,
    Argmax,
    BiasCorrectedTemperature,
    CostRule,
    Decision,
    DecisionWeights,
    Identity,
    MinimumPrecision,
    MinimumRecall,
    PriorCorrection,
    TunedThreshold,
    as_columns,
)
from rarebird.registry import cards, method

DECISIONS = [
    Argmax(),
    TunedThreshold("f1", n_boot=20),
    TunedThreshold("balanced-accuracy", n_boot=20),
    MinimumPrecision(0.9, n_boot=20),
    MinimumRecall(0.8, n_boot=20),
    AlertBudget(5),
    AlertBudget("5/1000"),
    CostRule({"fp": 1, "fn": 50}),
    CostRule({"fp": 1, "fn": 4}, reject=0.3),
    DecisionWeights("f1"),
]
CALIBRATORS = [Identity(), BiasCorrectedTemperature(), PriorCorrection()]
MANY = [Argmax(), CostRule(1 - np.eye(3)), DecisionWeights("gmean")]
KINDS = {"threshold", "cost", "alert-budget", "argmax", "weights"}


def binary(seed=0, n=400, base=0.2):
    rng = np.random.default_rng(seed)
    p = np.clip(rng.beta(1, 1 / base - 1, n), 1e-6, 1 - 1e-6)
    return p, (rng.random(n) < p).astype(int)


def rare(name):
    rng = np.random.default_rng(1)
    if name == "one_in_10k":
        p = rng.beta(0.05, 50, 10_000)
        y = np.zeros(10_000, dtype=int)
        y[np.argmax(p)] = 1
        return p, y
    n, positives = {
        "absent_class": (50, 0),
        "only_positives": (50, 50),
        "one_row": (50, 1),
        "seven_rows": (50, 7),
        "one_row_in_all": (1, 1),
        "duplicates": (50, 25),
        "constant": (50, 10),
        "ties": (60, 30),
    }[name]
    p = rng.random(n)
    if name == "duplicates":
        p[:25] = p[25:]
    if name == "constant":
        p[:] = 0.25
    if name == "ties":
        p = p.round(1)
    return p, np.r_[np.ones(positives, int), np.zeros(n - positives, int)]


RARE = [
    "absent_class",
    "only_positives",
    "one_row",
    "seven_rows",
    "one_row_in_all",
    "one_in_10k",
    "duplicates",
    "constant",
    "ties",
]


def test_every_registered_decision_and_calibrator_is_in_these_lists():
    mine = {
        method(card.role, card.name)
        for card in cards()
        if card.role in ("decision", "calibrator", "correction")
    }
    assert mine == {type(part) for part in [*DECISIONS, *CALIBRATORS]}
    assert all(part.card.place == "decision" for part in [*DECISIONS, *CALIBRATORS])


@pytest.mark.parametrize("decision", DECISIONS, ids=str)
def test_a_decision_keeps_the_contract(decision):
    p, y = binary()
    fitted = clone(decision).fit(p, y)
    assert fitted.kind in KINDS
    codes = fitted.predict(p)
    assert codes.shape == p.shape and codes.dtype.kind == "i"
    acted = fitted.act(p)
    chosen = codes if acted.abstained is None else codes[~acted.abstained]
    assert set(chosen) == {0, 1} and np.array_equal(acted.codes, codes)
    assert np.array_equal(codes, fitted.predict(np.column_stack([1 - p, p])))
    state = json.loads(json.dumps(fitted.state(), allow_nan=False))
    assert state["kind"] == fitted.kind and state["describe"] == fitted.describe()
    assert "\n" not in fitted.describe() and len(fitted.describe()) > 5
    again = clone(decision).fit(p, y, np.ones(len(y)))
    assert again.state() == fitted.state()
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict(p), codes)


@pytest.mark.parametrize("part", [*DECISIONS, *CALIBRATORS], ids=str)
def test_a_fitted_part_is_a_skops_file_without_foreign_types(part):
    p, y = binary()
    data = skops.io.dumps(clone(part).fit(p, y))
    types = skops.io.get_untrusted_types(data=data)
    assert all(name.startswith("rarebird.decide.") for name in types), types
    back = skops.io.loads(data, trusted=types)
    act = "predict" if hasattr(part, "predict") else "transform"
    assert np.array_equal(getattr(back, act)(p), getattr(clone(part).fit(p, y), act)(p))


@pytest.mark.parametrize("name", RARE)
@pytest.mark.parametrize("part", [*DECISIONS, *CALIBRATORS], ids=str)
def test_rare_cases_work(part, name):
    p, y = rare(name)
    fitted = clone(part).fit(p, y)
    if hasattr(fitted, "predict"):
        assert set(fitted.predict(p)) <= {-1, 0, 1}
        json.dumps(fitted.state(), allow_nan=False)
    else:
        out = fitted.transform(p)
        assert np.all(np.isfinite(out)) and np.allclose(out.sum(axis=1), 1)


@pytest.mark.parametrize("part", [*MANY, *CALIBRATORS], ids=str)
@pytest.mark.parametrize("classes", [[0, 1, 2], [0, 2], [1]])
def test_an_absent_class_of_many_is_legal(part, classes):
    rng = np.random.default_rng(2)
    proba = rng.dirichlet(np.ones(3), 90)
    y = np.asarray(classes)[np.arange(90) % len(classes)]
    fitted = clone(part).fit(proba, y)
    if hasattr(fitted, "predict"):
        assert set(fitted.predict(proba)) <= {0, 1, 2}
    else:
        assert fitted.transform(proba).shape == (90, 3)


@pytest.mark.parametrize("part", [*DECISIONS, *CALIBRATORS], ids=str)
@pytest.mark.parametrize(
    ("p", "y", "words"),
    [
        ([0.2, np.nan], [0, 1], "missing or infinite"),
        ([0.2, 1.5], [0, 1], "no probabilities"),
        ([-0.1, 0.5], [0, 1], "no probabilities"),
        ([[0.2, 0.2], [0.5, 0.5]], [0, 1], "sum to 1"),
        ([[0.2], [0.5]], [0, 1], "shape"),
        (["a", "b"], [0, 1], "not numbers"),
        ([0.2, 0.5], [0], "labels of shape"),
        ([0.2, 0.5], [-1, 1], "are not codes"),
        ([0.2, 0.5], [0, 2], "are not codes"),
        ([0.2, 0.5], ["no", "yes"], "are not codes"),
        ([0.2, 0.5], [0, 0.5], "are not codes"),
        ([0.2, 0.5], np.array(["no", 1], dtype=object), "are not codes"),
        ([], [], "no rows"),
    ],
)
def test_bad_input_is_refused_in_words(part, p, y, words):
    with pytest.raises(DataError, match=words) as caught:
        clone(part).fit(p, y)
    assert type(part).__name__ in str(caught.value)


@pytest.mark.parametrize("part", [*DECISIONS, *CALIBRATORS], ids=str)
@pytest.mark.parametrize("weight", [[1.0], [1, -1], [1, np.nan], [0, 0]])
def test_bad_weights_are_refused(part, weight):
    with pytest.raises(DataError, match="weight"):
        clone(part).fit([0.2, 0.5], [0, 1], weight)


@pytest.mark.parametrize("part", [*DECISIONS, *CALIBRATORS], ids=str)
def test_use_before_fit_and_with_other_columns_is_refused(part):
    act = "predict" if hasattr(part, "predict") else "transform"
    with pytest.raises(NotFittedError, match="not fitted"):
        getattr(clone(part), act)([0.5])
    with pytest.raises(DataError, match="3 columns"):
        getattr(clone(part).fit(*binary()), act)([[0.2, 0.3, 0.5]])


@pytest.mark.parametrize("decision", [d for d in DECISIONS if d.binary_only], ids=str)
def test_a_binary_decision_names_what_many_classes_need(decision):
    with pytest.raises(DataError, match="DecisionWeights"):
        clone(decision).fit([[0.2, 0.3, 0.5]], [2])


@pytest.mark.parametrize(
    "bad",
    [
        TunedThreshold("f1", min_positives=0),
        TunedThreshold("ap"),
        TunedThreshold("recall"),
        TunedThreshold("no such metric"),
        MinimumPrecision(0.0),
        MinimumPrecision(1.1),
        MinimumRecall(0.5, level=1.0),
        DecisionWeights("roc-auc"),
        BiasCorrectedTemperature(ridge=-1),
        AlertBudget(0),
        AlertBudget(1.5),
        AlertBudget("many"),
        CostRule({"fp": 1}),
    ],
    ids=str,
)
def test_a_bad_parameter_is_refused_at_fit(bad):
    with pytest.raises(ParameterError):
        bad.fit(*binary())


@pytest.mark.parametrize("decision", DECISIONS, ids=str)
def test_no_rows_to_predict_give_no_codes(decision):
    fitted = clone(decision).fit(*binary())
    assert fitted.predict(np.empty((0, 2))).shape == (0,)


class ByMargin(Decision):
    """A decision that takes scores, abstains near 0 and answers with sets."""

    kind, input = "threshold", "scores"

    def _fit(self, y_proba, y, weight):
        self.width_ = float(np.abs(y_proba).min())

    def _act(self, y_proba, context):
        near = np.abs(y_proba[:, 1]) <= self.width_
        codes = np.where(near, -1, y_proba.argmax(axis=1))
        return Actions(codes, sets=y_proba >= -self.width_, abstained=near)


def test_a_decision_may_take_scores_and_answer_with_sets():
    rule = ByMargin().fit([-3.0, 0.5, 7.0], [0, 0, 1])
    acted = rule.act([-9.0, 0.2, 4.0])
    assert acted.codes.tolist() == [0, -1, 1] == rule.predict([-9.0, 0.2, 4.0]).tolist()
    assert acted.sets.tolist() == [[True, False], [True, True], [False, True]]
    assert acted.labels(np.array(["no", "yes"])).tolist() == ["no", None, "yes"]
    assert ByMargin().fit([[3.0, 1.0, 2.0]], [2]).predict([[0.5, 9.0, -1.0]]).tolist() == [1]
    with pytest.raises(DataError, match="scores of 1 of 1 rows are missing"):
        rule.act([np.nan])
    with pytest.raises(DataError, match="3 columns of scores"):
        rule.act([[0.1, 0.2, 0.3]])


def test_what_rounding_adds_to_a_probability_is_cut_off():
    assert as_columns([1 + 1e-16 * 3, -1e-17])[:, 1].tolist() == [1.0, 0.0]
    assert as_columns([[1 + 4e-16, -4e-16]]).tolist() == [[1.0, 0.0]]
    with pytest.raises(DataError, match="no probabilities"):
        as_columns([1 + 1e-6])


def test_columns_leave_the_users_array_alone():
    given = np.array([[0.3, 0.7]])
    assert as_columns(given) is given
    assert as_columns([0.25, 1.0]).tolist() == [[0.75, 0.25], [0.0, 1.0]]
    assert issubclass(DataError, RarebirdError)
