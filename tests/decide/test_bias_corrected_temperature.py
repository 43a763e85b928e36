import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import expit, logit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

import rarebird.decide.bias_corrected_temperature as module
from rarebird.decide import BiasCorrectedTemperature
from rarebird.decide.bias_corrected_temperature import penalised_log_loss


def distorted(n, slope, shift, base, seed=0):
    rng = np.random.default_rng(seed)
    z = rng.normal(base, 2, n)
    return expit(z), (rng.random(n) < expit(slope * z + shift)).astype(int)


@pytest.mark.parametrize(("slope", "shift", "base"), [(0.5, -1, -5), (1, 0, 0), (2.0, 3, -4)])
@pytest.mark.parametrize("weighted", [False, True])
def test_two_classes_equal_logistic_regression_on_the_logit(slope, shift, base, weighted):
    p, y = distorted(5000, slope, shift, base)
    w = np.random.default_rng(1).exponential(size=5000) if weighted else np.ones(5000)
    ours = BiasCorrectedTemperature(ridge=0).fit(p, y, w)
    peer = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    peer.fit(logit(p)[:, None], y, w)
    assert ours.slope_ == pytest.approx(peer.coef_[0, 0], rel=1e-5)
    np.testing.assert_allclose(
        ours.transform(p), peer.predict_proba(logit(p)[:, None]), rtol=2e-4, atol=1e-12
    )


def test_the_search_is_short_where_slope_and_bias_are_nearly_one_direction(monkeypatch):
    calls = []

    def counted(*args):
        calls.append(1)
        return penalised_log_loss(*args)

    monkeypatch.setattr(module, "penalised_log_loss", counted)
    BiasCorrectedTemperature().fit(*distorted(20_000, 0.5, -1, -7))
    assert 3 < len(calls) < 20


def test_the_gradient_is_the_numeric_one():
    rng = np.random.default_rng(0)
    log_p = np.log(rng.dirichlet(np.ones(4), 30)).T.copy()
    y, w = rng.integers(0, 4, 30), rng.exponential(size=30)
    for theta in rng.normal(size=(5, 5)):
        wrong = check_grad(
            lambda t: penalised_log_loss(t, log_p, y, w, 2.0)[0],
            lambda t: penalised_log_loss(t, log_p, y, w, 2.0)[1],
            theta,
        )
        assert wrong < 1e-5


def test_many_classes_recover_what_was_distorted():
    rng = np.random.default_rng(3)
    truth = rng.dirichlet([0.5, 0.3, 0.2], 20000)
    y = (truth.cumsum(axis=1) > rng.random(20000)[:, None]).argmax(axis=1)
    p = softmax((np.log(truth) - [0.5, -0.5, 0.0]) / 0.6, axis=1)
    out = BiasCorrectedTemperature().fit(p, y).transform(p)
    assert log_loss(y, out) < log_loss(y, truth) + 0.001 < log_loss(y, p)
    np.testing.assert_allclose(out.mean(axis=0), np.bincount(y) / 20000, atol=2e-4)


def test_the_mean_probability_is_the_class_share():
    p, y = distorted(20000, 1.0, -2, -4)
    out = BiasCorrectedTemperature().fit(p, y).transform(p)
    assert out[:, 1].sum() == pytest.approx(y.sum(), rel=0.002)


def test_eight_separated_positives_do_not_blow_up():
    p, y = np.r_[np.full(8, 0.999), np.full(1000, 1e-4)], np.r_[np.ones(8), np.zeros(1000)]
    fitted = BiasCorrectedTemperature().fit(p, y)
    assert 1.0 < fitted.slope_ < 2.0 and np.abs(fitted.bias_).max() < 1.0
    far = BiasCorrectedTemperature(ridge=1e-4).fit(p, y)
    assert far.slope_ > fitted.slope_


def test_the_ridge_vanishes_with_rows():
    p, y = distorted(400, 0.5, -1, -3)
    gaps = []
    for times in (1, 10, 100):
        free = BiasCorrectedTemperature(ridge=0).fit(np.tile(p, times), np.tile(y, times))
        held = BiasCorrectedTemperature().fit(np.tile(p, times), np.tile(y, times))
        gaps.append(held.slope_ - free.slope_)
    assert gaps[0] > 0 and gaps[1] == pytest.approx(gaps[0] / 10, rel=0.2)
    assert gaps[2] == pytest.approx(gaps[0] / 100, rel=0.2)


@pytest.mark.parametrize("slope", [0.3, 1.0, -1.0])
def test_the_order_of_rows_is_never_reversed(slope):
    p, y = distorted(3000, slope, 0, 0)
    fitted = BiasCorrectedTemperature().fit(p, y)
    out = fitted.transform(np.sort(p))[:, 1]
    assert fitted.slope_ >= 0 and np.all(np.diff(out) >= 0)


def test_scores_that_say_the_contrary_become_the_class_share():
    p, y = distorted(3000, -1.0, 0, 0)
    fitted = BiasCorrectedTemperature().fit(p, y)
    assert fitted.slope_ == 0
    np.testing.assert_allclose(fitted.transform(p)[:, 1], y.mean(), rtol=0.01)


def test_an_absent_class_keeps_bias_zero_and_one_class_is_the_identity():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), 300)
    fitted = BiasCorrectedTemperature().fit(p, np.arange(300) % 2 * 2)
    assert fitted.bias_[1] == 0 and fitted.bias_[0] == pytest.approx(-fitted.bias_[2], abs=1e-4)
    alone = BiasCorrectedTemperature().fit(p, np.ones(300, int))
    assert alone.slope_ == 1 and not alone.bias_.any()
    np.testing.assert_allclose(alone.transform(p), p)


def test_weights_are_repeated_rows_and_zero_weights_are_no_rows():
    p, y = distorted(300, 0.6, 1, -1)
    w = np.random.default_rng(0).integers(0, 4, 300)
    a = BiasCorrectedTemperature().fit(p, y, w)
    b = BiasCorrectedTemperature().fit(np.repeat(p, w), np.repeat(y, w))
    assert a.slope_ == pytest.approx(b.slope_, rel=1e-6)
    np.testing.assert_allclose(a.bias_, b.bias_, atol=1e-6)


def test_zero_and_one_stay_finite():
    p, y = np.array([0.0, 1.0, 0.0, 1.0, 0.5]), [0, 1, 1, 0, 1]
    assert np.all(np.isfinite(BiasCorrectedTemperature().fit(p, y).transform(p)))
