"""Two-class values against scikit-learn, imbalanced-learn and slow loops."""

import inspect
import itertools

import numpy as np
import pytest
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as sk

from rarebird import metrics as rm
from rarebird._errors import DataError, ParameterError


def rows(seed, n=60, ties=True, share=0.3):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    y[:2] = [0, 1]
    s = rng.normal(size=n) + y
    return y, np.round(s, 0 if ties else 9), rng.integers(1, 4, n).astype(float) / 2


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_scores_equal_scikit_learn(seed, ties, weighted):
    y, s, w = rows(seed, ties=ties)
    w = w if weighted else None
    p = 1 / (1 + np.exp(-s))
    for ours, theirs, out in [
        (rm.average_precision_score, sk.average_precision_score, s),
        (rm.roc_auc_score, sk.roc_auc_score, s),
        (rm.brier_score_loss, sk.brier_score_loss, p),
        (rm.log_loss, sk.log_loss, p),
    ]:
        expected = theirs(y, out, sample_weight=w)
        assert ours(y, out, sample_weight=w) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [True, False])
def test_decisions_equal_scikit_learn_and_imbalanced_learn(seed, weighted):
    y, s, w = rows(seed)
    d, w = (s > 0).astype(int), (w if weighted else None)
    pairs = [
        (rm.precision_score, sk.precision_score),
        (rm.recall_score, sk.recall_score),
        (rm.specificity, lambda *a, **k: sk.recall_score(*a, pos_label=0, **k)),
        (rm.balanced_accuracy_score, sk.balanced_accuracy_score),
        (rm.matthews_corrcoef, sk.matthews_corrcoef),
        (rm.cohen_kappa_score, sk.cohen_kappa_score),
        (rm.geometric_mean, geometric_mean_score),
    ]
    for ours, theirs in pairs:
        expected = theirs(y, d, sample_weight=w)
        assert ours(y, d, sample_weight=w) == pytest.approx(expected, abs=1e-12), ours
    for beta, ours in ((0.5, rm.f05_score), (1, rm.f1_score), (2, rm.f2_score)):
        expected = sk.fbeta_score(y, d, beta=beta, sample_weight=w)
        assert ours(y, d, sample_weight=w) == pytest.approx(expected, abs=1e-12)


SHARED = [name for name in rm.__all__ if callable(getattr(sk, name, None))]


def test_the_names_of_scikit_learn_are_found():
    assert len(SHARED) >= 13
    assert all(isinstance(getattr(rm, name), rm.Metric) for name in SHARED)


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("weighted", [True, False])
def test_a_name_of_scikit_learn_has_its_arguments_and_its_value(name, weighted):
    ours, theirs = getattr(rm, name), getattr(sk, name)
    y, s, w = rows(9)
    out = {
        "labels": (s > 0).astype(int), "scores": s, "probabilities": 1 / (1 + np.exp(-s)),
        "values": s,
    }[ours.needs]  # fmt: skip
    more = {"sample_weight": w} if weighted else {}
    assert ours(y, out, **more) == pytest.approx(theirs(y, out, **more), abs=1e-12)
    assert not weighted or ours(y, out, **more) != ours(y, out)
    for parameters in (inspect.signature(f).parameters for f in (ours, theirs)):
        assert list(parameters)[:2] in (
            ["y_true", "y_pred"], ["y_true", "y_score"], ["y_true", "y_proba"], ["y1", "y2"],
        )  # fmt: skip
        assert "sample_weight" in parameters


def test_average_precision_and_auc_equal_loops_over_pairs():
    y, s, _ = rows(3)
    s_pos, s_neg = s[y == 1], s[y == 0]
    ap = np.mean([(s_pos >= t).sum() / (s >= t).sum() for t in s_pos])
    auc = np.mean([(a > b) + 0.5 * (a == b) for a in s_pos for b in s_neg])
    assert rm.average_precision_score(y, s) == pytest.approx(ap)
    assert rm.roc_auc_score(y, s) == pytest.approx(auc)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 6, 0.5, 0.25])
def test_top_k_is_the_mean_over_all_orders_of_the_ties(k):
    y = np.array([1, 0, 1, 0, 0, 1])
    s = np.array([0.9, 0.5, 0.5, 0.5, 0.1, 0.1])
    room = k if k >= 1 else k * 6
    found = []
    for order in itertools.permutations(range(6)):
        if all(s[a] >= s[b] for a, b in itertools.pairwise(order)):
            hit = y[list(order)].astype(float)
            whole = int(room)
            found.append(hit[:whole].sum() + (room - whole) * (hit[whole] if whole < 6 else 0))
    assert rm.recall_at_k(y, s, k) == pytest.approx(np.mean(found) / 3)
    assert rm.precision_at_k(y, s, k) == pytest.approx(np.mean(found) / room)


def test_a_whole_weight_is_a_repeated_row():
    y, s, _ = rows(1)
    w = np.random.default_rng(0).integers(0, 4, len(y))
    again = np.repeat(np.arange(len(y)), w)
    for call in (
        rm.average_precision_score,
        rm.roc_auc_score,
        lambda y, s, **k: rm.recall_at_k(y, s, 7, **k),
        lambda y, s, **k: rm.precision_at_k(y, s, 0.1, **k),
        lambda y, s, **k: rm.matthews_corrcoef(y, s > 0, **k),
    ):
        assert call(y, s, sample_weight=w) == pytest.approx(call(y[again], s[again]))


def test_undefined_values_follow_the_one_rule():
    none, all_, s = [0, 0, 0], [1, 1, 1], [0.1, 0.2, 0.3]
    for call in (
        rm.average_precision_score,
        rm.roc_auc_score,
        lambda y, s: rm.recall_at_k(y, s, 1),
    ):
        assert np.isnan(call(none, s))
    assert np.isnan(rm.roc_auc_score(all_, s))
    assert rm.average_precision_score(all_, s) == 1
    for call in (rm.recall_score, rm.f1_score, rm.matthews_corrcoef, rm.cohen_kappa_score):
        assert np.isnan(call(none, [0, 1, 0]))
    assert np.isnan(rm.specificity(all_, all_))
    assert rm.precision_score([0, 1], [0, 0]) == 0
    assert rm.matthews_corrcoef([0, 1], [0, 0]) == 0
    assert rm.cohen_kappa_score([0, 1], [0, 0]) == 0
    assert np.isnan(rm.brier_score_loss([], []))
    assert np.isnan(rm.average_precision_score([0, 1], [1, 2], sample_weight=[1, 0]))
    for name in rm.metric_names():  # no rows at all
        assert np.isnan(rm.get_metric(name)([], []))


def test_an_infinite_score_is_a_rank():
    y, s = [0, 1, 0, 1], [-np.inf, np.inf, 3.0, 2.0]
    for metric in (rm.average_precision_score, rm.roc_auc_score, rm.get_metric("recall@2")):
        assert metric(y, s) == metric(y, [0.0, 9.0, 3.0, 2.0])


def test_a_prediction_of_a_class_without_rows_is_wrong_and_warns_nobody():
    assert rm.balanced_accuracy_score([0, 0, 1, 1], [0, 2, 1, 1]) == 0.75
    assert rm.recall_score([0, 0, 1, 1], [0, 2, 1, 1]) == 0.75
    assert rm.log_loss([0, 0], np.float32([[0.9, 0.1, 0.0], [0.7, 0.2, 0.1]])) < 0.3


def test_one_positive_in_ten_thousand():
    y, s = np.zeros(10_001, int), np.linspace(0, 1, 10_001)
    y[-3] = 1
    assert rm.average_precision_score(y, s) == pytest.approx(1 / 3)
    assert rm.recall_at_k(y, s, 3) == 1
    assert rm.recall_at_k(y, s, 2) == 0


def test_one_row_in_a_class():
    y, d = [0, 0, 1], [0, 0, 1]
    for call in (
        rm.recall_score,
        rm.precision_score,
        rm.matthews_corrcoef,
        rm.cohen_kappa_score,
        rm.f1_score,
        rm.geometric_mean,
    ):
        assert call(y, d) == 1
        assert call(y, [1, 1, 0]) <= 0
    assert rm.recall_score(y, d, sample_weight=[0.1, 0.1, 0.1]) == 1


def test_log_loss_of_a_sure_mistake_is_finite():
    assert rm.log_loss([1, 0], [0.0, 0.0]) == pytest.approx(-np.log(2.0**-52) / 2)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: rm.average_precision_score([0, 1], [0.1, np.nan]), "1 scores are missing"),
        (lambda: rm.average_precision_score([0, 1], [0.1]), "for 2 rows"),
        (lambda: rm.average_precision_score([0, 2], [0.1, 1]), "holds 2"),
        (lambda: rm.average_precision_score(["a", "b"], [0.1, 1]), "class codes"),
        (lambda: rm.brier_score_loss([0, 1], [0.1, 1.2]), "needs probabilities"),
        (lambda: rm.brier_score_loss([0, 1], [[0.1, 0.2], [0.5, 0.5]]), "away from the sum 1"),
        (lambda: rm.recall_score([0, 1], [0, 1], sample_weight=[-1, 1]), "negative"),
        (lambda: rm.recall_score([0, 1], [0, 1, 1]), "3 predictions for 2 rows"),
    ],
)
def test_bad_data_are_refused(call, text):
    with pytest.raises(DataError, match=text):
        call()


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "1"])
def test_bad_k_is_refused(k):
    with pytest.raises(ParameterError, match="k="):
        rm.recall_at_k([0, 1], [0.1, 0.2], k)
