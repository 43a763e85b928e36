import numpy as np
import pytest

from rarebird.study.report.slider import compress, slider_data


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
    rows = compress(p, y, w, threshold)
    q = np.array(rows["p"])
    assert len(q) < 1600
    assert (np.diff(q) > 0).all()
    alarm = q >= threshold
    found, false = _counts(p, y, w, threshold)
    assert np.array(rows["pos"])[alarm].sum() == pytest.approx(found, rel=1e-6)
    assert np.array(rows["neg"])[alarm].sum() == pytest.approx(false, rel=1e-6)
    assert sum(rows["pos"]) + sum(rows["neg"]) == pytest.approx(w.sum(), rel=1e-6)


def test_scores_that_are_not_numbers_are_left_out():
    rows = compress([0.2, float("nan"), 0.9], [0, 1, 1], [1, 1, 2], 0.5)
    assert rows == {"p": [0.2, 0.9], "pos": [0.0, 2.0], "neg": [1.0, 0.0]}


def test_certain_scores_stay_finite():
    found = slider_data(
        {"p": [0.0, 1.0, 0.4], "y": [0, 1, 1], "w": None, "threshold": 0.3, "prior": 0.01}
    )
    assert np.isfinite(found["ends"]["threshold"]).all()
    assert found["p"][0] == 0
    assert found["p"][-1] == 1


@pytest.mark.parametrize(
    "given",
    [
        None,
        {"p": [], "y": [], "w": [], "threshold": 0.5, "prior": 0.1},
        {"p": [0.1, 0.2], "y": [0, 0], "w": None, "threshold": 0.5, "prior": 0.1},
        {"p": [0.1, 0.2], "y": [0, 1], "w": None, "threshold": 0.5, "prior": None},
    ],
)
def test_without_both_classes_there_is_no_slider(given):
    assert slider_data(given) is None


@pytest.mark.parametrize("threshold", [None, 0.0, 1.5])
def test_without_a_threshold_the_prior_is_the_start(threshold):
    found = slider_data({"p": [0.1, 0.9], "y": [0, 1], "threshold": threshold, "prior": 0.2})
    assert (found["threshold"], found["own"]) == (0.2, False)
