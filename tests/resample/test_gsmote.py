"""Geometric SMOTE against a slow reference, and where its rows may lie."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse, stats

from rarebird._errors import DataError
from rarebird.resample.around import ball_points, truncate_and_deform
from rarebird.resample.gsmote import GeometricSMOTE


def data(seed=0, d=3, counts=(60, 25, 12)):
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    return rng.normal(size=(len(y), d)) + y[:, None], y


def slow_point(centre, surface, normal, share, truncation, deformation):
    """The paper's steps for one row: hypersphere, truncate, deform, translate."""
    radius = np.sqrt(sum((centre - surface) ** 2))
    if radius == 0:
        return centre
    d = len(centre)
    point = normal / np.sqrt(sum(normal**2)) * share ** (1 / d)
    axis = (surface - centre) / radius
    along = sum(point * axis)
    if truncation > 0 and along < truncation - 1:
        point = point - 2 * along * axis
    if truncation < 0 and along > truncation + 1:
        point = point - 2 * along * axis
    parallel = sum(point * axis) * axis
    point = parallel + (1 - deformation) * (point - parallel)
    return centre + radius * point


def slow_class(X, y, label, n_new, k, strategy, truncation, deformation, rng):
    rare, rest = np.flatnonzero(y == label), np.flatnonzero(y != label)
    gap = np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2))
    if strategy == "majority":
        base = rng.integers(0, len(rare), size=n_new)
    else:
        base, place = np.divmod(rng.integers(0, len(rare) * k, size=n_new), k)
    chosen = []
    for i in range(n_new):
        b = rare[base[i]]
        enemy = min(rest, key=lambda j: gap[b, j])
        if strategy == "majority":
            chosen.append((b, enemy))
            continue
        friend = sorted((j for j in rare if j != b), key=lambda j: gap[b, j])[place[i]]
        if strategy == "combined" and gap[b, friend] > gap[b, enemy]:
            friend = enemy
        chosen.append((b, friend))
    normals, shares = rng.normal(size=(n_new, X.shape[1])), rng.uniform(size=n_new)
    rows = [
        slow_point(X[b], X[s], normals[i], shares[i], truncation, deformation)
        for i, (b, s) in enumerate(chosen)
    ]
    return np.array(rows), np.array(chosen)


@pytest.mark.parametrize("strategy", ["combined", "minority", "majority"])
@pytest.mark.parametrize(("truncation", "deformation"), [(1.0, 0.0), (-0.4, 0.3), (0.6, 1.0)])
def test_the_rows_are_those_of_the_slow_reference(strategy, truncation, deformation):
    X, y = data(3)
    sampler = GeometricSMOTE(
        selection_strategy=strategy,
        truncation_factor=truncation,
        deformation_factor=deformation,
        random_state=5,
    )
    X_new, y_new = sampler.fit_resample(X, y)
    rng = np.random.default_rng(5)
    start = len(X)
    for label, n_new in ((1, 35), (2, 48)):
        rows, chosen = slow_class(X, y, label, n_new, 5, strategy, truncation, deformation, rng)
        np.testing.assert_allclose(X_new[start : start + n_new], rows, atol=1e-12)
        np.testing.assert_array_equal(sampler.parents_[start : start + n_new], chosen)
        np.testing.assert_array_equal(y_new[start : start + n_new], label)
        start += n_new
    assert start == len(X_new) == 3 * 60


def drawn(truncation, deformation, d=3, n=4000):
    rng = np.random.default_rng(1)
    axis = np.tile(np.eye(d)[0], (n, 1))
    points = ball_points(rng.normal(size=(n, d)), rng.uniform(size=n))
    return truncate_and_deform(points, axis, truncation, deformation)


def test_without_a_cut_the_ball_is_filled_evenly():
    for d in (1, 2, 5):
        points = drawn(0.0, 0.0, d)
        radius = np.linalg.norm(points, axis=1)
        assert stats.kstest(radius**d, "uniform").pvalue > 0.01
        # One coordinate of a uniform point of the d-ball: x^2 ~ Beta(1/2, (d + 1) / 2).
        assert stats.kstest(points[:, 0] ** 2, stats.beta(0.5, (d + 1) / 2).cdf).pvalue > 0.01


def test_a_full_cut_leaves_the_half_ball_on_either_side():
    near, far = drawn(1.0, 0.0), drawn(-1.0, 0.0)
    assert near[:, 0].min() >= 0 and far[:, 0].max() <= 0
    np.testing.assert_allclose(near[:, 0], -far[:, 0])  # mirror images of each other
    assert stats.kstest(np.linalg.norm(near, axis=1) ** 3, "uniform").pvalue > 0.01


def test_part_of_a_cut_leaves_what_lies_beyond_its_plane():
    points = drawn(0.4, 0.0)
    assert points[:, 0].min() >= -0.6 and points[:, 0].min() < -0.5
    assert drawn(-0.4, 0.0)[:, 0].max() <= 0.6


def test_full_deformation_leaves_the_line_and_with_the_cut_the_segment():
    line, segment = drawn(0.0, 1.0), drawn(1.0, 1.0)
    assert np.abs(line[:, 1:]).max() < 1e-12 and line[:, 0].min() < -0.9
    assert np.abs(segment[:, 1:]).max() < 1e-12
    assert segment[:, 0].min() >= 0 and segment[:, 0].max() <= 1
    half = drawn(0.0, 0.5)
    np.testing.assert_allclose(half[:, 1:], 0.5 * drawn(0.0, 0.0)[:, 1:])


def test_new_rows_lie_in_the_ball_of_their_parents():
    X, y = data(1)
    sampler = GeometricSMOTE(random_state=0).fit(X, y)
    X_new, y_new = sampler.fit_resample(X, y)
    base, surface = sampler.parents_[len(X) :].T
    step, axis = X_new[len(X) :] - X[base], X[surface] - X[base]
    radius = np.linalg.norm(axis, axis=1)
    assert np.all(np.linalg.norm(step, axis=1) <= radius * (1 + 1e-12))
    assert np.all((step * axis).sum(axis=1) >= -1e-12)
    np.testing.assert_array_equal(y[base], y_new[len(X) :])
    enemies = np.array([np.linalg.norm(X[y != y[b]] - X[b], axis=1).min() for b in base])
    assert np.all(radius <= enemies + 1e-12)  # combined: never beyond the nearest of the others
    assert 0 < np.mean(y[surface] != y[base]) < 1


def test_a_ball_without_radius_is_its_centre():
    X = np.vstack([np.arange(20.0)[:, None], np.full((6, 1), 30.0)])
    y = np.repeat([0, 1], [20, 6])
    X_new, _ = GeometricSMOTE(random_state=0).fit_resample(X, y)
    assert np.all(X_new[26:] == 30.0)


def test_frames_give_the_rows_of_the_array():
    X, y = data(2)
    base, y_base = GeometricSMOTE(random_state=3).fit_resample(X, y)
    names = ["a", "b", "c"]
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        out, y_new = GeometricSMOTE(random_state=3).fit_resample(frame, y)
        assert type(out) is type(frame)
        np.testing.assert_array_equal(out.to_numpy(), base)
        np.testing.assert_array_equal(y_new, y_base)


def test_what_cannot_be_done_is_refused():
    X, y = data(0, counts=(20, 3))
    with pytest.raises(DataError, match=r"class 1 \(3 rows\)"):
        GeometricSMOTE().fit_resample(X, y)
    assert len(GeometricSMOTE(selection_strategy="majority").fit_resample(X, y)[0]) == 40
    assert len(GeometricSMOTE(k_neighbors="auto").fit_resample(X, y)[0]) == 40
    with pytest.raises(DataError, match="sparse"):
        GeometricSMOTE().fit_resample(sparse.csr_matrix(X), y)
