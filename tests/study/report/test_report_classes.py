from dataclasses import replace

import numpy as np
import pytest
from made_classes import decided, made_classes
from made_up import NASTY

from rarebird.study.class_outcome import many_class_results
from rarebird.study.outcome import TestSet
from rarebird.study.report import many_classes
from rarebird.study.report.class_content import Confused, Confusion
from rarebird.study.report.render import render

SMALL = Confusion(("a", "b", "c", "d"), ((90, 8, 2, 0), (3, 7, 0, 0), (2, 1, 0, 1), (0, 0, 0, 0)))


def test_the_counts_are_of_true_and_predicted_codes():
    y, predicted = np.array([0, 0, 1, 2, 2]), np.array([0, 2, 1, 1, 2])
    found = many_class_results(TestSet(y, np.eye(3)[predicted], predicted, 0), [7, 9, "x"])
    assert found.confusion == Confusion(("7", "9", "x"), ((1, 0, 1), (0, 1, 0), (0, 1, 1)))
    assert found.sliders == () and found.choices == []


def test_mistakes_come_by_size_and_the_rarest_class_first():
    assert SMALL.rarest == (2, 1, 0)
    assert SMALL.largest[:2] == (Confused("a", "b", 8, 0.08), Confused("b", "a", 3, 0.3))
    assert [one.true for one in SMALL.largest] == ["a", "b", "c", "a", "c", "c"]


def test_what_became_of_the_rarest_is_said():
    text = many_classes.rarest_found(SMALL)
    assert "“c” (4 rows, none found), “b” (10 rows, 7 found), “a” (100 rows, 90 found)" in text
    worst = many_classes.worst_confusion(SMALL)
    assert worst == "Most often “a” is taken for “b”: 8 rows, 8.0% of that class."
    right = Confusion(("a", "b"), ((1, 0), (0, 2)))
    assert "“a” (1 row, all found)" in many_classes.rarest_found(right)
    assert many_classes.worst_confusion(right) == "No row was taken for another class."


def test_calibration_is_each_class_against_the_rest():
    test = decided((2000, 300, 40, 4))
    found = many_class_results(test, "abcd").calibration
    assert [(one.label, one.n) for one in found] == [("d", 4), ("c", 40), ("b", 300), ("a", 2000)]
    for code, one in zip((3, 2, 1, 0), found, strict=True):
        n = sum(b.n for b in one.bins)
        assert n == len(test.y)
        mean = sum(b.n * b.mean_proba for b in one.bins) / n
        share = sum(b.n * b.share.value for b in one.bins) / n
        assert mean == pytest.approx(test.proba[:, code].mean())
        assert share == pytest.approx(np.mean(test.y == code))
    hits = [round(b.n * b.share.value) for b in found[1].bins]
    assert sum(hits) == 40 and max(hits) < 30  # not all in the last bin


def test_a_slider_counts_its_class_against_the_rest():
    test, weight = decided((2000, 300, 40, 4)), np.linspace(0.5, 1.5, 2344)
    found = many_class_results(test, "abcd", (test.proba, test.y, weight)).sliders
    assert [one.label for one in found] == ["d", "c", "b", "a"]
    for code, one in zip((3, 2, 1, 0), found, strict=True):
        own = weight[test.y == code].sum()
        assert sum(one.slider.positive) == pytest.approx(own)
        assert sum(one.slider.negative) == pytest.approx(weight.sum() - own)
        assert one.slider.prior == one.slider.threshold == pytest.approx(own / weight.sum())


def test_of_hundreds_of_classes_the_page_stays_small(study):
    labels = [f"{name} {i}" for i in range(40) for name in NASTY]
    many = made_classes(labels, [3 + i // 8 for i in range(320)])
    assert len(many.calibration) == 6 and len(many.sliders) == 12
    page = render(replace(study("multiclass"), many=many))
    assert len(page) < 1_500_000 and "The largest confusions" in page
    assert "<script>alert" not in page and 'class="matrix"' not in page


def test_the_matrix_names_classes_by_label(study, pages):
    page = pages["multiclass"]
    confusion = study("multiclass").many.confusion
    table = page[page.index('<table class="matrix">') :]
    table = table[: table.index("</table>")]
    for code, (label, row) in enumerate(zip(confusion.labels, confusion.counts, strict=True)):
        assert table.count(f'<span class="name">{label}</span>') == 2
        assert f"{row[code]:,}<span" in table
    assert table.count(">rare</span>") == 3
    assert '<option value="0">flake</option>' in page
    assert "tuned for f1 on 1,279 rows" in page
