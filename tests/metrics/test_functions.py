"""Two-class functions against scikit-learn, imbalanced-learn and slow loops."""

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
        (rm.average_precision, sk.average_precision_score, s),
        (rm.roc_auc, sk.roc_auc_score, s),
        (rm.brier, sk.brier_score_loss, p),
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
        (rm.precision, sk.precision_score),
        (rm.recall, sk.recall_score),
        (rm.specificity, lambda *a, **k: sk.recall_score(*a, pos_label=0, **k)),
        (rm.balanced_accuracy, sk.balanced_accuracy_score),
        (rm.mcc, sk.matthews_corrcoef),
        (rm.cohen_kappa, sk.cohen_kappa_score),
        (rm.geometric_mean, geometric_mean_score),
    ]
    for ours, theirs in pairs:
        expected = theirs(y, d, sample_weight=w)
        assert ours(y, d, sample_weight=w) == pytest.approx(expected, abs=1e-12), ours
    for beta in (0.5, 1, 2):
        expected = sk.fbeta_score(y, d, beta=beta, sample_weight=w)
        assert rm.f_beta(y, d, beta=beta, sample_weight=w) == pytest.approx(expected, abs=1e-12)
    assert np.array_equal(
        rm.confusion(y, d, sample_weight=w), sk.confusion_matrix(y, d, sample_weight=w)
    )


def test_average_precision_and_auc_equal_loops_over_pairs():
    y, s, _ = rows(3)
    s_pos, s_neg = s[y == 1], s[y == 0]
    ap = np.mean([(s_pos >= t).sum() / (s >= t).sum() for t in s_pos])
    auc = np.mean([(a > b) + 0.5 * (a == b) for a in s_pos for b in s_neg])
    assert rm.average_precision(y, s) == pytest.approx(ap)
    assert rm.roc_auc(y, s) == pytest.approx(auc)


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
        rm.average_precision,
        rm.roc_auc,
        lambda y, s, **k: rm.recall_at_k(y, s, 7, **k),
        lambda y, s, **k: rm.precision_at_k(y, s, 0.1, **k),
        lambda y, s, **k: rm.mcc(y, s > 0, **k),
    ):
        assert call(y, s, sample_weight=w) == pytest.approx(call(y[again], s[again]))


def test_undefined_values_follow_the_one_rule():
    none, all_, s = [0, 0, 0], [1, 1, 1], [0.1, 0.2, 0.3]
    for call in (rm.average_precision, rm.roc_auc, lambda y, s: rm.recall_at_k(y, s, 1)):
        assert np.isnan(call(none, s))
    assert np.isnan(rm.roc_auc(all_, s))
    assert rm.average_precision(all_, s) == 1
    for call in (rm.recall, rm.f_beta, rm.mcc, rm.cohen_kappa):
        assert np.isnan(call(none, [0, 1, 0]))
    assert np.isnan(rm.specificity(all_, all_))
    assert rm.precision([0, 1], [0, 0]) == 0
    assert rm.mcc([0, 1], [0, 0]) == 0
    assert rm.cohen_kappa([0, 1], [0, 0]) == 0
    assert np.isnan(rm.brier([], []))
    assert np.isnan(rm.average_precision([0, 1], [1, 2], sample_weight=[1, 0]))


def test_one_positive_in_ten_thousand():
    y, s = np.zeros(10_001, int), np.linspace(0, 1, 10_001)
    y[-3] = 1
    assert rm.average_precision(y, s) == pytest.approx(1 / 3)
    assert rm.recall_at_k(y, s, 3) == 1
    assert rm.recall_at_k(y, s, 2) == 0


def test_one_row_in_a_class():
    y, d = [0, 0, 1], [0, 0, 1]
    for call in (rm.recall, rm.precision, rm.mcc, rm.cohen_kappa, rm.f_beta, rm.geometric_mean):
        assert call(y, d) == 1
        assert call(y, [1, 1, 0]) <= 0
    assert rm.recall(y, d, sample_weight=[0.1, 0.1, 0.1]) == 1


def test_costs():
    y, d = [0, 0, 1, 1], [1, 0, 0, 0]
    assert rm.total_cost(y, d, false_alarm=3, miss=10) == 23
    assert rm.mean_cost(y, d, false_alarm=3, miss=10) == 23 / 4


def test_log_loss_of_a_sure_mistake_is_finite():
    assert rm.log_loss([1, 0], [0.0, 0.0]) == pytest.approx(-np.log(2.0**-52) / 2)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: rm.average_precision([0, 1], [0.1, np.nan]), "1 scores are missing"),
        (lambda: rm.average_precision([0, 1], [0.1]), "for 2 rows"),
        (lambda: rm.average_precision([0, 2], [0.1, 1]), "holds 2"),
        (lambda: rm.average_precision(["a", "b"], [0.1, 1]), "class codes"),
        (lambda: rm.brier([0, 1], [0.1, 1.2]), "needs probabilities"),
        (lambda: rm.brier([0, 1], [[0.1, 0.2], [0.5, 0.5]]), "away from the sum 1"),
        (lambda: rm.recall([0, 1], [0, 1], sample_weight=[-1, 1]), "negative"),
        (lambda: rm.recall([0, 1], [0, 1, 1]), "3 predictions for 2 rows"),
    ],
)
def test_bad_data_are_refused(call, text):
    with pytest.raises(DataError, match=text):
        call()


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "1"])
def test_bad_k_is_refused(k):
    with pytest.raises(ParameterError, match="k="):
        rm.recall_at_k([0, 1], [0.1, 0.2], k)
