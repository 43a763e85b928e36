import numpy as np
import pytest

from rarebird.study.report.slider import compress, make_slider


def _counts(p, y, w, threshold):
    alarm = np.asarray(p) >= threshold
    return (w * y)[alarm].sum(), (w * (1 - y))[alarm].sum()


@pytest.mark.parametrize("threshold", [0.003, 0.0430004, 0.5, 1 / 3])
def test_the_short_list_counts_like_the_rows(threshold):
    rng = np.random.default_rng(0)
    n = 20_000
    p = rng.beta(0.4, 15, n)
    p[:50] = threshold  # ties at the threshold are alerts
    p[50:100] = np.nextafter(threshold, 0)
    y = (rng.random(n) < p).astype(float)
    w = rng.uniform(0.5, 2, n)
    q, positive, negative = map(np.array, compress(p, y, w, threshold))
    assert len(q) < 1600
    assert (np.diff(q) > 0).all()
    alarm = q >= threshold
    found, false = _counts(p, y, w, threshold)
    assert positive[alarm].sum() == pytest.approx(found, rel=1e-6)
    assert negative[alarm].sum() == pytest.approx(false, rel=1e-6)
    assert positive.sum() + negative.sum() == pytest.approx(w.sum(), rel=1e-6)


def test_scores_that_are_not_numbers_are_left_out():
    rows = compress([0.2, float("nan"), 0.9], [0, 1, 1], [1, 1, 2], 0.5)
    assert rows == ([0.2, 0.9], [0.0, 2.0], [1.0, 0.0])


def test_certain_scores_stay_finite():
    found = make_slider([0.0, 1.0, 0.4], [0, 1, 1], None, threshold=0.3, prior=0.01)
    assert np.isfinite(found.ends["threshold"]).all()
    assert (found.p[0], found.p[-1]) == (0, 1)


@pytest.mark.parametrize(
    ("p", "y", "prior"),
    [([], [], 0.1), ([0.1, 0.2], [0, 0], 0.1), ([0.1, 0.2], [0, 1], 1.0)],
)
def test_without_both_classes_there_is_no_slider(p, y, prior):
    assert make_slider(p, y, None, threshold=0.5, prior=prior) is None


@pytest.mark.parametrize("threshold", [None, 0.0, 1.5])
def test_without_a_threshold_the_prior_is_the_start(threshold):
    found = make_slider([0.1, 0.9], [0, 1], None, threshold=threshold, prior=0.2)
    assert (found.threshold, found.own) == (0.2, False)
