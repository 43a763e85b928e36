"""SMOBD: distances against scikit-learn's OPTICS and loops, weights against plain Python."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.cluster import OPTICS

from rarebird._errors import DataError
from rarebird.resample.base_weights import core_distances, density_weights, reach
from rarebird.resample.smobd import SMOBD


def data(n_rare=30, seed=0, outlier=False):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(size=(150, 2)), rng.normal(2, 1, (n_rare, 2))])
    if outlier:
        X[-1] = 40
    return X, np.repeat([0, 1], [150, n_rare])


@pytest.mark.parametrize("min_samples", [2, 5])
@pytest.mark.parametrize("radius", [0.7, np.inf])
def test_distances_are_those_of_optics(min_samples, radius):
    X, y = data()
    rare = X[y == 1]
    optics = OPTICS(min_samples=min_samples, max_eps=radius).fit(rare)
    core = core_distances(rare, min_samples)
    core = np.where(core <= radius, core, np.inf)
    np.testing.assert_allclose(core, optics.core_distances_)
    reachability, _ = reach(rare, core, radius)
    assert np.all(reachability <= optics.reachability_ + 1e-12)
    same = np.isclose(reachability, optics.reachability_)
    assert same.mean() > 0.6, "OPTICS reaches most rows by their best predecessor"


@pytest.mark.parametrize("radius", [0.4, 1.0, np.inf])
def test_reach_and_count_are_those_of_the_loops(radius):
    X, y = data()
    rare = X[y == 1]
    core = core_distances(rare, 4)
    core = np.where(core <= radius, core, np.inf)
    found, count = reach(rare, core, radius)
    for i in range(len(rare)):
        away = [float(np.linalg.norm(rare[i] - row)) for row in rare]
        near = [j for j in range(len(rare)) if away[j] <= radius]
        assert count[i] == len(near)
        ways = [max(core[j], away[j]) for j in near if j != i and core[j] <= radius]
        assert found[i] == pytest.approx(min(ways, default=np.inf))


def slow_weights(core, reachability, count, eta, t):
    finite = [c for c in core if c < np.inf]
    reached = [r for r in reachability if r < np.inf]
    top = 1.1 * max(finite) if len(finite) < len(core) else max(finite)
    weights = []
    for c, r, n in zip(core, reachability, count, strict=True):
        if c > t * np.mean(finite) and r > t * np.mean(reached):
            weights.append(0.0)
        else:
            c = 1.1 * max(finite) if c == np.inf else c
            weights.append(eta * c / top + (1 - eta) * n / max(count))
    return np.array(weights) / sum(weights)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("radius", [0.6, 1.5])
def test_weights_are_those_of_the_loops(eta, radius):
    X, y = data(outlier=True)
    rare = X[y == 1]
    core = core_distances(rare, 5)
    core = np.where(core <= radius, core, np.inf)
    reachability, count = reach(rare, core, radius)
    weights = density_weights(core, reachability, count, eta=eta, t=1.8)
    expected = slow_weights(core, reachability, count, eta, 1.8)
    np.testing.assert_allclose(weights, expected)
    assert weights[-1] == 0


def test_limits_of_the_weights():
    core, reachability, count = np.array([1.0, 2.0, 1.0]), np.ones(3), np.array([1, 2, 1])
    given = {"eta": 1.0, "t": 1.8}
    np.testing.assert_allclose(
        density_weights(core, reachability, count, **given), [0.25, 0.5, 0.25]
    )
    given["eta"] = 0.0
    np.testing.assert_allclose(
        density_weights(core, reachability, count, **given), [0.25, 0.5, 0.25]
    )
    zero = density_weights(np.zeros(3), np.zeros(3), np.full(3, 3), eta=1.0, t=1.8)
    np.testing.assert_allclose(zero, 1 / 3)


@pytest.mark.parametrize("max_eps", [None, 1.0])
def test_noise_starts_no_row_and_the_others_do_by_their_weight(max_eps):
    X, y = data(outlier=True)
    sampler = SMOBD(sampling_strategy={1: 60_030, 0: 150}, random_state=0, max_eps=max_eps)
    rows = sampler.fit_resample(X, y)[0][180:]
    base, other = sampler.parents_[180:].T
    found = np.bincount(base - 150, minlength=30) / 60_000
    assert found[-1] == 0
    rare = X[y == 1]
    core = core_distances(rare, 5)
    radius = 1.8 * core.mean() if max_eps is None else max_eps
    core = np.where(core <= radius, core, np.inf)
    expected = slow_weights(core, *reach(rare, core, radius), 0.5, 1.8)
    np.testing.assert_allclose(found, expected, atol=0.005)
    parts = np.linalg.norm(X[base] - rows, axis=1) + np.linalg.norm(X[other] - rows, axis=1)
    np.testing.assert_allclose(parts, np.linalg.norm(X[base] - X[other], axis=1))


def test_weights_do_not_depend_on_the_order_of_the_rows():
    X, y = data()
    rare = X[y == 1]
    order = np.random.default_rng(0).permutation(30)

    def weights(rows):
        core = core_distances(rows, 5)
        return density_weights(core, *reach(rows, core, 2.0), eta=0.5, t=1.2)

    np.testing.assert_allclose(weights(rare)[order], weights(rare[order]))


def test_a_radius_without_a_core_row_is_refused():
    X, y = data()
    y = np.array(["no", "yes"])[y]
    with pytest.raises(
        DataError, match=r"'yes' \(30 rows\) has no row with 5 rows within 1e-06.*max_eps >="
    ):
        SMOBD(max_eps=1e-6).fit_resample(X, y)


def test_three_classes():
    X, _ = data()
    y = np.repeat([0, 1, 2], [100, 50, 30])
    sampler = SMOBD(random_state=0)
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [100, 100, 100]
    assert np.all(y[sampler.parents_[180:]] == y_new[180:, None])


REFUSED = {
    "one_row": r"1 \(1 row\)",
    "one_in_10k": r"1 \(2 rows\).*min_samples=5",
    "single_class": "1 class",
    "missing_values": "NaN",
}


def test_rare_cases(rare):
    if rare.name in REFUSED:
        with pytest.raises(DataError, match=REFUSED[rare.name]):
            SMOBD(random_state=0).fit_resample(rare.X, rare.y)
        return
    X_new, y_new = SMOBD(random_state=0).fit_resample(rare.X, rare.y)
    assert np.isfinite(X_new).all()
    assert len(set(np.unique(y_new, return_counts=True)[1])) == 1


def test_frames_and_sparse_tables_give_the_rows_of_arrays():
    X, y = data()
    expected, _ = SMOBD(random_state=1).fit_resample(X, y)
    for frame in (pd.DataFrame(X, columns=["a", "b"]), pl.DataFrame(X, schema=["a", "b"])):
        rows, _ = SMOBD(random_state=1).fit_resample(frame, y)
        np.testing.assert_array_equal(rows.to_numpy(), expected)
    rows, _ = SMOBD(random_state=1).fit_resample(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(rows.toarray(), expected, atol=1e-12)
