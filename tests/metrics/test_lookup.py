"""Metrics by name: many classes, parsing, cards, and labels of any kind."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as sk

from rarebird import metrics as rm
from rarebird._errors import DataError, ParameterError
from rarebird.registry import cards

RNG = np.random.default_rng(7)
Y = RNG.choice(4, 200, p=[0.6, 0.25, 0.1, 0.05])
P = RNG.dirichlet(np.ones(4), 200) + np.eye(4)[Y] * 0.3
P /= P.sum(1, keepdims=True)
D = P.argmax(1)
W = RNG.integers(1, 4, 200).astype(float)


def output_of(metric, p=P):
    return p.argmax(1) if metric.needs == "labels" else p


CLASSES = rm.metric_names("multiclass")


def test_there_are_nineteen_metrics_each_with_a_card():
    assert len(rm.metric_names()) == len(cards(role="metric")) >= 19
    assert set(rm.metric_names("regression")) == {"mae", "rmse", "r2"}
    assert set(CLASSES) == set(rm.metric_names("binary")) and len(CLASSES) >= 16


@pytest.mark.parametrize("name", CLASSES)
def test_a_metric_pickles_and_a_metric_is_its_own_name(name):
    metric = rm.get_metric(name)
    assert rm.get_metric(metric) is metric is rm.get_metric(f" {name.upper()} ")
    again = pickle.loads(pickle.dumps(metric))
    assert again(Y, output_of(metric)) == metric(Y, output_of(metric))


def test_a_name_imports_its_own_module_only():
    code = (
        "import sys; from rarebird.metrics import get_metric; get_metric('recall@100'); "
        "print(sorted(m for m in sys.modules if m.startswith('rarebird.metrics.')))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "metrics.top_k" in found.stdout
    for other in ("agreement", "f_scores", "costs", "regression", "probability"):
        assert f"metrics.{other}'" not in found.stdout


def test_many_classes_equal_scikit_learn():
    macro = {"average": "macro", "sample_weight": W}
    expected = {
        "ap": np.mean(
            [sk.average_precision_score(c == Y, P[:, c], sample_weight=W) for c in range(4)]
        ),
        "roc-auc": sk.roc_auc_score(Y, P, multi_class="ovr", **macro),
        "brier": sk.brier_score_loss(Y, P, sample_weight=W, scale_by_half=False),
        "logloss": sk.log_loss(Y, P, sample_weight=W),
        "balanced-accuracy": sk.balanced_accuracy_score(Y, D, sample_weight=W),
        "f1": sk.f1_score(Y, D, **macro),
        "f2": sk.fbeta_score(Y, D, beta=2, **macro),
        "f0.5": sk.fbeta_score(Y, D, beta=0.5, **macro),
        "mcc": sk.matthews_corrcoef(Y, D, sample_weight=W),
        "kappa": sk.cohen_kappa_score(Y, D, sample_weight=W),
        "gmean": geometric_mean_score(Y, D, sample_weight=W),
        "precision": sk.precision_score(Y, D, **macro),
        "recall": sk.recall_score(Y, D, **macro),
    }
    for name, value in expected.items():
        metric = rm.get_metric(name)
        found = metric(Y, output_of(metric), sample_weight=W)
        assert found == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize("name", CLASSES)
def test_two_columns_are_the_score_of_class_one(name):
    metric = rm.get_metric(name)
    p = P[:, :2] / P[:, :2].sum(1, keepdims=True)
    y = (Y > 1).astype(int)
    one = (p[:, 1] > 0.5).astype(int) if metric.needs == "labels" else p[:, 1]
    assert metric(y, output_of(metric, p)) == pytest.approx(metric(y, one))


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("classes", [2, 4])
def test_the_order_of_rows_does_not_matter(name, classes):
    metric = rm.get_metric(name)
    p = np.round(P[:, :classes], 1)  # many ties
    p = p / np.maximum(p.sum(1, keepdims=True), 0.1)
    p[p.sum(1) == 0] = 1 / classes
    y, out = Y % classes, output_of(metric, p)
    order = np.random.default_rng(1).permutation(len(y))
    a = metric(y, out, sample_weight=W)
    b = metric(y[order], out[order], sample_weight=W[order])
    assert a == pytest.approx(b, abs=1e-12)


def test_an_absent_class_leaves_the_mean():
    y = np.where(Y == 3, 0, Y)
    for name in ("ap", "roc-auc", "recall", "f1", "precision", "specificity", "precision@1%"):
        metric = rm.get_metric(name)
        each = rm.per_class(metric, y, output_of(metric), n_classes=4)
        assert np.isnan(each[3]) and not np.isnan(each[:3]).any()
        assert metric(y, output_of(metric), n_classes=4) == pytest.approx(np.nanmean(each))


def test_per_class_is_each_class_against_the_rest():
    each = rm.per_class(rm.get_metric("ap"), Y, P, sample_weight=W)
    theirs = [sk.average_precision_score(c == Y, P[:, c], sample_weight=W) for c in range(4)]
    assert each == pytest.approx(np.array(theirs))
    assert rm.per_class(rm.get_metric("f1"), Y, D) == pytest.approx(sk.f1_score(Y, D, average=None))
    both = rm.per_class(rm.get_metric("roc-auc"), Y > 0, P[:, 0])
    assert both[0] == pytest.approx(both[1])


@pytest.mark.parametrize("name", [n for n in CLASSES if rm.get_metric(n).needs == "labels"])
def test_cells_of_all_cuts_at_once_equal_one_by_one(name):
    metric = rm.get_metric(name)
    y, s = (Y > 1).astype(int), P[:, 2]
    cuts = np.quantile(s, [0.0, 0.3, 0.7, 0.95])
    said = [(s >= t).astype(int) for t in cuts]
    tp, fp, fn, tn = np.array(
        [
            [(y & d).sum(), ((1 - y) & d).sum(), (y & (1 - d)).sum(), ((1 - y) & (1 - d)).sum()]
            for d in said
        ]
    ).T
    assert metric.from_cells(tp, fp, fn, tn) == pytest.approx(
        np.array([metric(y, d) for d in said])
    )


@pytest.mark.parametrize(
    ("name", "k", "title"),
    [
        ("recall@100", 100, "recall in the top 100"),
        ("precision@1%", 0.01, "precision in the top 1%"),
        ("recall@5/1000", 0.005, "recall in the top 5/1000"),
        ("Recall@0.05", 0.05, "recall in the top 0.05"),
    ],
)
def test_cuts_are_read_from_the_name(name, k, title):
    metric = rm.get_metric(name)
    assert metric.k == k
    assert metric.title == title
    assert metric.greater_is_better


@pytest.mark.parametrize(
    "name", ["recall@0", "recall@100%", "recall@x", "precision@2/1", "recall@1.5"]
)
def test_impossible_cuts_are_refused(name):
    with pytest.raises(ParameterError, match="after @"):
        rm.get_metric(name)


def test_an_unknown_name_gets_near_ones():
    with pytest.raises(ParameterError, match="'roc-auc'"):
        rm.get_metric("roc_aucc")


def test_probabilities_for_a_metric_of_labels_are_refused():
    with pytest.raises(DataError, match="decide first"):
        rm.get_metric("f1")([0, 1], [[0.5, 0.5], [0.1, 0.9]])
    with pytest.raises(ParameterError, match="computed from scores, not a confusion matrix"):
        rm.get_metric("ap").from_confusion(np.eye(2))


@pytest.mark.parametrize(
    ("labels", "options"),
    [
        (["no", "yes"], {"pos_label": "yes"}),
        (["yes", "no"], {"pos_label": "no"}),
        ([-1, 1], {}),
        ([0, 1], {}),
        ([False, True], {}),
        ([-7, 12], {"pos_label": 12}),
        ([12, -7], {"pos_label": -7}),
        (["z", "a"], {"labels": ["z", "a"]}),
    ],
)
def test_labels_of_any_kind_score_the_same(labels, options):
    y = (Y > 1).astype(int)
    s = P[:, 2]
    names = np.array(labels)
    two = np.column_stack([1 - s, s])
    columns = two if options.get("labels") or labels == sorted(labels) else two[:, ::-1]
    for name in ("ap", "brier", "f1"):
        metric = rm.get_metric(name)
        expected = metric(y, (s > 0.4).astype(int) if name == "f1" else s)
        out = names[(s > 0.4).astype(int)] if name == "f1" else s
        assert rm.score(name, names[y], out, **options) == pytest.approx(expected)
        if name != "f1":
            assert rm.score(name, names[y], columns, **options) == pytest.approx(expected)


def test_gapped_and_text_labels_of_many_classes():
    for labels in (np.array([-5, 0, 3, 40]), np.array(["a", "b", "c", "d"])):
        assert rm.score("f1", labels[Y], labels[D]) == pytest.approx(rm.get_metric("f1")(Y, D))
        assert rm.score("ap", labels[Y], P) == pytest.approx(rm.get_metric("ap")(Y, P))


def test_two_classes_need_a_positive_one():
    with pytest.raises(ParameterError, match=r"'no' \(3 rows\), 'yes' \(1 rows\)"):
        rm.score("ap", ["no", "no", "no", "yes"], [0.1, 0.2, 0.3, 0.4])
    with pytest.raises(ParameterError, match="not among"):
        rm.score("ap", ["no", "yes"], [0.1, 0.2], pos_label="maybe")
    with pytest.raises(ParameterError, match="two classes"):
        rm.score("f1", ["a", "b", "c"], ["a", "b", "c"], pos_label="a")


def test_missing_and_unknown_labels_are_refused():
    with pytest.raises(DataError, match="1 labels of y_true are missing"):
        rm.score("f1", np.array(["a", None], object), ["a", "b"], pos_label="a")
    with pytest.raises(DataError, match="not among"):
        rm.score("ap", [0, 1, 2], [[1, 0], [0, 1], [0, 1]], labels=[0, 1])
    with pytest.raises(DataError, match="3 columns"):
        rm.score("ap", [0, 1], np.full((2, 3), 1 / 3))


def test_a_single_class_is_undefined_not_wrong():
    assert np.isnan(rm.score("ap", [0, 0, 0], [0.1, 0.2, 0.3]))
    assert np.isnan(rm.score("recall", ["no", "no"], ["no", "yes"], pos_label="yes"))
    assert rm.score("recall", ["yes", "yes"], ["yes", "yes"], pos_label="yes") == 1
    assert rm.score("ap", ["yes"], [0.3], labels=["yes"]) == 1


def test_values_are_scored_as_they_are():
    assert rm.score("mae", [1.5, 2.0], [1.0, 2.0]) == 0.25
    with pytest.raises(ParameterError, match="of values, not labels"):
        rm.score("mae", [1.5], [1.0], pos_label=1)
    with pytest.raises(ParameterError, match=r"mae .* is for regression"):
        rm.per_class("mae", [1.5], [1.0])
