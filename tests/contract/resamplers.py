"""What every registered resampler must do, on plain rows and on each rare case."""

import ast
import inspect
import pickle
import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone

from contract.checks import Method, assert_names_a_class_and_its_count, check
from contract.rare import Rare
from rarebird._errors import RarebirdError

N, D = 150, 4


def seeded(method: Method, seed: int = 0, **more: Any) -> Any:
    sampler = method.make()
    given = {"random_state": seed, **more}
    known = inspect.signature(method.object).parameters
    return sampler.set_params(**{name: value for name, value in given.items() if name in known})


def several_labels(method: Method) -> bool:
    return method.card.tasks == ("multilabel",)


def plain(method: Method, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return 150 rows, 4 columns (the first holds few whole numbers) and labels, a third rare."""
    rng = np.random.default_rng(seed)
    y = (rng.random(N) < 0.3).astype(int)
    X = rng.normal(size=(N, D)) + y[:, None]
    X[:, 0] = np.round(X[:, 0])
    if several_labels(method):
        return X, np.column_stack([1 - y, y, rng.random(N) < 0.1]).astype(int)
    return X, y


def resample(sampler: Any, X: Any, y: Any, **more: Any) -> tuple:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=UserWarning)
        return sampler.fit_resample(X, y, **more)


@check("resampler", per_case=True)
def a_rare_case_is_resampled_or_refused_with_its_count(method: Method, case: Rare) -> None:
    X, y = case.X, case.y
    if not method.takes_missing:
        X = np.nan_to_num(X)
    if several_labels(method):
        y = (np.asarray(case.codes)[:, None] == np.arange(len(case.classes))).astype(int)
    sampler = seeded(method)
    try:
        X_new, y_new = resample(sampler, X, y)
    except RarebirdError as error:
        assert "refused" in method.card.rare_cases, error
        if not several_labels(method):
            assert_names_a_class_and_its_count(error, case)
        return
    assert X_new.shape == (len(y_new), X.shape[1])
    real = ~sampler.is_synthetic_
    np.testing.assert_array_equal(X_new[real], X[sampler.sample_indices_[real]])
    assert not np.isnan(X_new[:, ~np.isnan(X).any(axis=0)]).any(), "a gap was invented"
    if not several_labels(method):
        assert y_new.dtype == y.dtype
        np.testing.assert_array_equal(y_new[real], y[sampler.sample_indices_[real]])
        assert set(y_new.tolist()) <= set(y.tolist())


@check("resampler")
def the_docstring_says_every_parameter_and_its_default(method: Method) -> None:
    said = re.findall(r"^(\w+) : (?:.*, default=(.*)|.*)$", inspect.getdoc(method.object), re.M)
    said = dict(said[: len(inspect.signature(method.object).parameters)])
    known = inspect.signature(method.object).parameters
    assert list(said) == list(known)
    defaults = {name: p.default for name, p in known.items() if p.default is not p.empty}
    assert {name: ast.literal_eval(said[name]) for name in defaults} == defaults


@check("resampler")
def lineage_is_true(method: Method) -> None:
    X, y = plain(method)
    sampler = seeded(method)
    X_new, y_new = resample(sampler, X, y)
    n = len(X_new)
    new, parents = sampler.is_synthetic_, sampler.parents_
    assert new.shape == (n,) and sampler.sample_indices_.shape == (n,) and len(parents) == n
    assert parents.min() >= -1 and parents.max() < len(X)
    np.testing.assert_array_equal(X_new[~new], X[sampler.sample_indices_[~new]])
    np.testing.assert_array_equal(np.asarray(y_new)[~new], y[sampler.sample_indices_[~new]])
    np.testing.assert_array_equal(parents[:, 0], sampler.sample_indices_)


@check("resampler")
def frames_of_any_kind_give_the_same_rows(method: Method) -> None:
    X, y = plain(method)
    names = ["a", "b", "c", "d"]
    base, _ = resample(seeded(method), X, y)
    pandas_X = pd.DataFrame(X, columns=names, index=[f"row {i}" for i in range(N)])
    for frame in (
        pandas_X,
        pl.DataFrame(X, schema=names),
        pa.table(dict(zip(names, X.T, strict=True))),
    ):
        out, y_new = resample(seeded(method), frame, y)
        assert type(out) is type(frame)
        columns = out.column_names if isinstance(out, pa.Table) else list(out.columns)
        assert columns == names
        np.testing.assert_array_equal(np.column_stack([np.asarray(out[c]) for c in names]), base)
        assert len(y_new) == len(base)


@check("resampler")
def column_order_and_small_types_are_kept(method: Method) -> None:
    X, y = plain(method)
    base, _ = resample(seeded(method), X, y)
    column_major, _ = resample(seeded(method), np.asfortranarray(X), y)
    np.testing.assert_array_equal(column_major, base)
    small, _ = resample(seeded(method), X.astype(np.float32), y)
    assert small.dtype == np.float32


@check("resampler")
def the_index_is_kept_when_asked(method: Method) -> None:
    X, y = plain(method)
    frame = pd.DataFrame(X, columns=list("abcd"), index=np.arange(N) * 2 + 1000)
    sampler = seeded(method)
    out, _ = resample(sampler, frame, y, keep_index=True)
    real = ~sampler.is_synthetic_
    np.testing.assert_array_equal(
        out.index.to_numpy()[real], frame.index.to_numpy()[sampler.sample_indices_[real]]
    )
    assert not set(out.index[~real]) & set(frame.index)
    anew, _ = resample(seeded(method), frame, y, keep_index=False)
    assert anew.index.equals(pd.RangeIndex(len(out)))


@check("resampler")
def aligned_arrays_stay_aligned(method: Method) -> None:
    X, y = plain(method)
    sampler = seeded(method)
    group, weight = np.array([f"g{i}" for i in range(N)]), X[:, 1] ** 2
    try:
        out = resample(sampler, X, y, group=group, weight=weight)
    except RarebirdError as error:
        assert "no parent" in str(error)
        return
    _, y_new, group_new, weight_new = out
    assert len(group_new) == len(weight_new) == len(y_new)
    np.testing.assert_array_equal(group_new, group[sampler.sample_indices_])
    real = ~sampler.is_synthetic_
    np.testing.assert_array_equal(weight_new[real], weight[sampler.sample_indices_[real]])
    parents = sampler.parents_
    cloud = np.where(parents >= 0, weight[parents], np.nan)
    assert np.all(weight_new >= np.nanmin(cloud, axis=1) - 1e-12)
    assert np.all(weight_new <= np.nanmax(cloud, axis=1) + 1e-12)


@check("resampler")
def inputs_and_parameters_are_left_alone(method: Method) -> None:
    X, y = plain(method)
    copies = X.copy(), y.copy()
    for array in (X, y):
        array.setflags(write=False)
    sampler = seeded(method)
    before = repr(sampler.get_params())
    resample(sampler, X, y)
    assert repr(sampler.get_params()) == before
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(y, copies[1])


@check("resampler")
def the_same_seed_gives_the_same_rows(method: Method) -> None:
    X, y = plain(method)
    sampler = seeded(method)
    first, _ = resample(sampler, X, y)
    np.random.seed(99)  # noqa: NPY002 - nothing may depend on the global state
    for again in (sampler, seeded(method), seeded(method, n_jobs=2), clone(sampler)):
        np.testing.assert_array_equal(resample(again, X, y)[0], first)
    copy = pickle.loads(pickle.dumps(sampler))
    np.testing.assert_array_equal(copy.sample_indices_, sampler.sample_indices_)


@check("resampler")
def renamed_labels_give_the_same_rows(method: Method) -> None:
    if several_labels(method):
        return
    X, y = plain(method)
    names = np.array(["negative", "positive"])
    base, y_base = resample(seeded(method), X, y)
    for renamed in (names[y], np.array([-5, 12])[y], pd.Series(names[y]), pl.Series(names[y])):
        out, y_new = resample(seeded(method), X, renamed)
        assert type(y_new) is type(renamed)
        np.testing.assert_array_equal(out, base)
        np.testing.assert_array_equal(
            np.unique(np.asarray(y_new), return_inverse=True)[1],
            np.unique(y_base, return_inverse=True)[1],
        )


@check("resampler")
def what_cannot_be_resampled_is_refused_in_words(method: Method) -> None:
    X, y = plain(method)
    flat = np.zeros(N, dtype=int) if not several_labels(method) else None
    if flat is not None:
        with pytest.raises(ValueError, match="more than 1 class"):
            resample(seeded(method), X, flat)
        with pytest.raises(ValueError, match="cannot be used as classes"):
            resample(seeded(method), X, X[:, 1])
    with pytest.raises(ValueError, match="inconsistent"):
        resample(seeded(method), X[:-1], y)
    with pytest.raises(ValueError, match="aligned"):
        resample(seeded(method), X, y, weight=np.ones(3))
    if not method.takes_missing:
        gaps = X.copy()
        gaps[3, 2] = np.nan
        with pytest.raises(ValueError, match="NaN"):
            resample(seeded(method), gaps, y)


@check("resampler")
def nothing_is_known_before_the_rows_are(method: Method) -> None:
    sampler = method.make()
    for name in ("sample_indices_", "parents_", "is_synthetic_"):
        assert not hasattr(sampler, name)
