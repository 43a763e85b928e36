"""What holds for every resampler on any table that it takes, tried on generated tables."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract.checks import methods
from contract.resamplers import resample, seeded, several_labels
from rarebird._errors import RarebirdError

METHODS = {m.card.name: m for m in methods() if m.kind == "resampler"}
SETTINGS = settings(max_examples=3, deadline=None, derandomize=True, database=None)

NUMBERS = ("float", "whole", "float32", "nullable", "truth")
GAPS = ("gaps", "nullable gaps")
TEXT = ("text", "category", "huge")


@dataclass(frozen=True)
class Recipe:
    """How to make a table; small enough to be read when a property fails."""

    columns: tuple[str, ...]
    counts: tuple[int, ...]
    seed: int
    repeated: bool = False

    @property
    def n(self) -> int:
        return sum(self.counts)

    def column(self, kind: str, y: np.ndarray, rng: np.random.Generator) -> pd.Series:
        x = rng.normal(size=self.n) + y
        gap = rng.random(self.n) < 0.2
        if kind == "gaps":
            x[gap] = np.nan
        if kind in ("float", "gaps"):
            return pd.Series(x)
        if kind == "float32":
            return pd.Series(x.astype(np.float32))
        if kind == "truth":
            return pd.Series(x > 0.3)
        if kind == "whole":
            return pd.Series(np.round(20 * x).astype(int))
        if kind.startswith("nullable"):
            whole = pd.Series(np.round(20 * x)).astype("Int64")
            return whole.mask(gap) if kind == "nullable gaps" else whole
        levels = 500 if kind == "huge" else 4
        names = np.array([f"level {i:03d}" for i in range(levels)])
        text = pd.Series(names[rng.integers(0, levels, self.n)], dtype="str")
        return text.astype("category") if kind == "category" else text

    def make(self) -> tuple[pd.DataFrame, np.ndarray]:
        rng = np.random.default_rng(self.seed)
        y = rng.permutation(np.repeat(np.arange(len(self.counts)), self.counts))
        frame = pd.concat([self.column(kind, y, rng) for kind in self.columns], axis=1)
        frame.columns = [f"{kind} {i}" for i, kind in enumerate(self.columns)]
        if self.repeated:
            rows = np.where(
                rng.random(self.n) < 0.4, rng.integers(0, self.n, self.n), range(self.n)
            )
            frame, y = frame.iloc[rows], y[rows]
        frame.index = pd.Index([f"row {i}" for i in range(self.n)])
        return frame, np.array(["common", "rare", "very rare"])[y]


PLAIN = Recipe(("float",) * 6, (50, 22), 3)


@st.composite
def recipes(draw: Any, columns: tuple[str, ...], most: int = 4) -> Recipe:
    kinds = draw(st.lists(st.sampled_from(columns), min_size=2, max_size=most))
    rare = draw(st.lists(st.sampled_from([1, 7, 12, 20]), min_size=1, max_size=2))
    common = draw(st.sampled_from([30, 45, 60]))
    return Recipe((*kinds[:1], "float", *kinds[1:]), (common, *rare), draw(st.integers(0, 99)),
                  draw(st.booleans()))  # fmt: skip


def columns_for(name: str) -> tuple[str, ...]:
    """Return the kinds of columns that a resampler's class says it takes."""
    method = METHODS[name].object
    found = NUMBERS if method.reads == "numbers" else NUMBERS + TEXT
    return found + GAPS if METHODS[name].takes_missing else found


def run(name: str, recipe: Recipe, X: Any = None, **more: Any) -> Any:
    """Return the sampler and what it gave, or None for both where it refuses the table."""
    frame, y = recipe.make()
    if several_labels(METHODS[name]):
        y = (y[:, None] == np.unique(y)).astype(int)
    n_jobs = more.pop("n_jobs", None)
    sampler = seeded(METHODS[name], seed=recipe.seed, **({"n_jobs": n_jobs} if n_jobs else {}))
    try:
        return sampler, resample(sampler, frame if X is None else X, y, **more)
    except RarebirdError:
        assert recipe != PLAIN, "a plain table is refused"
        return None, None


def values(frame: Any) -> np.ndarray:
    """Return the values of a frame or array, gaps as None."""
    names = getattr(frame, "columns", None)
    columns = frame.T if names is None else [frame[name] for name in names]
    lists = [c.tolist() if hasattr(c, "tolist") else c.to_list() for c in columns]
    out = np.empty((len(lists[0]), len(lists)), dtype=object)
    for j, column in enumerate(lists):
        out[:, j] = [None if v is None or v is pd.NA or v != v else v for v in column]
    return out


@pytest.mark.parametrize("name", METHODS)
def test_lineage_index_and_aligned_arrays_are_true_and_nothing_is_invented(name):
    @SETTINGS
    @example(PLAIN)
    @given(recipes(columns_for(name)))
    def holds(recipe: Recipe) -> None:
        frame, y = recipe.make()
        group, weight = np.arange(recipe.n), np.linspace(1, 2, recipe.n)
        aligned = {} if name in WITHOUT_PARENTS else {"group": group, "weight": weight}
        sampler, out = run(name, recipe, keep_index=True, **aligned)
        if sampler is None:
            return
        X_new, y_new, *rest = out
        base, parents, new = sampler.sample_indices_, sampler.parents_, sampler.is_synthetic_
        assert len(X_new) == len(y_new) == len(base) == len(parents)
        assert parents.min(initial=0) >= -1 and parents.max(initial=0) < recipe.n
        np.testing.assert_array_equal(parents[:, 0], base)
        assert np.all(base[~new] >= 0)
        assert X_new.dtypes.equals(frame.dtypes)
        before, after = values(frame), values(X_new)
        np.testing.assert_array_equal(after[~new], before[base[~new]])
        assert X_new.index[~new].equals(frame.index[base[~new]])
        assert X_new.index[new].is_unique and not set(X_new.index[new]) & set(frame.index)
        if not several_labels(METHODS[name]):
            np.testing.assert_array_equal(y_new[~new], y[base[~new]])
            assert set(y_new) <= set(y)
        for j, kind in enumerate(recipe.columns):
            if kind in TEXT or kind == "truth":
                assert set(after[:, j]) <= set(before[:, j]), "a category was invented"
            gaps = np.equal(after[:, j], None)
            if kind not in GAPS:
                assert not gaps.any(), "a gap was invented"
            elif j not in VOTED_GAPS.get(name, ()):
                assert not (gaps & ~np.equal(before[base, j], None)).any(), "a gap was invented"
        if rest:
            np.testing.assert_array_equal(rest[0], group[base])
            np.testing.assert_array_equal(rest[1][~new], weight[base[~new]])
            cloud = np.where(parents >= 0, weight[parents], weight[base][:, None])
            assert np.all(rest[1] >= cloud.min(axis=1) - 1e-12)
            assert np.all(rest[1] <= cloud.max(axis=1) + 1e-12)

    holds()


WITHOUT_PARENTS: tuple[str, ...] = ("cluster-centroids",)
# Columns voted on: a gap is a level there, and may win.
VOTED_GAPS: dict[str, Any] = {"smoten": range(99), "smotenc": [0]}


@pytest.mark.parametrize("name", METHODS)
def test_frames_arrays_seeds_and_threads_give_the_same_rows(name):
    @SETTINGS
    @example(PLAIN)
    @given(recipes(columns_for(name)))
    def holds(recipe: Recipe) -> None:
        sampler, out = run(name, recipe)
        frame, _ = recipe.make()
        others: list[Any] = [(frame, {}), (frame, {"n_jobs": 2}), (pl.from_pandas(frame), {})]
        if set(recipe.columns) == {"float"}:
            others.append((frame.to_numpy(), {}))
        for X, more in others:
            again, found = run(name, recipe, X, **more)
            assert (again is None) == (sampler is None)
            if again is not None:
                assert type(found[0]) is type(X)
                np.testing.assert_array_equal(values(found[0]), values(out[0]))
                np.testing.assert_array_equal(found[1], out[1])
                np.testing.assert_array_equal(again.sample_indices_, sampler.sample_indices_)

    holds()


SEGMENT = ("smote", "borderline-smote", "adasyn", "kmeans-smote", "smote-ipf", "mwmote", "prowsyn")
BOX = (*SEGMENT, "safe-level-smote")


@pytest.mark.parametrize("name", BOX)
def test_new_rows_lie_between_their_parents(name):
    @SETTINGS
    @example(PLAIN)
    @given(recipes(("float",)))
    def holds(recipe: Recipe) -> None:
        sampler, out = run(name, recipe)
        if sampler is None:
            return
        (frame, y), new = recipe.make(), sampler.is_synthetic_
        X, made, parents = frame.to_numpy(), out[0].to_numpy()[new], sampler.parents_[new]
        if not len(made):
            assert recipe != PLAIN
            return
        assert parents.shape[1] == 2 and parents.min() >= 0
        assert np.all(y[parents] == out[1][new][:, None])
        one, two = X[parents[:, 0]], X[parents[:, 1]]
        assert np.all(made >= np.minimum(one, two) - 1e-12)
        assert np.all(made <= np.maximum(one, two) + 1e-12)
        if name in SEGMENT:
            apart = two - one
            length = (apart**2).sum(axis=1, keepdims=True)
            step = ((made - one) * apart).sum(axis=1, keepdims=True) / np.where(length, length, 1)
            np.testing.assert_allclose(made, one + step * apart, atol=1e-9)

    holds()


EXACT_OVER = ("smote", "smoten", "random-over", "safe-level-smote")
EXACT_UNDER = ("random-under", "near-miss", "cluster-centroids", "clustered-under")


@pytest.mark.parametrize("name", EXACT_OVER + EXACT_UNDER)
def test_the_counts_are_those_asked_for(name):
    @SETTINGS
    @example(PLAIN, 0.5)
    @given(recipes(("float",)), st.floats(0.1, 1))
    def holds(recipe: Recipe, share: float) -> None:
        frame, y = recipe.make()
        labels, counts = np.unique(y, return_counts=True)
        if len(labels) < 2:
            return
        if name in EXACT_OVER:
            aims = [round(n + share * (counts.max() - n)) for n in counts]
        else:
            aims = [max(1, round(share * n)) for n in counts]
        wanted = dict(zip(labels.tolist(), aims, strict=True))
        sampler = seeded(METHODS[name]).set_params(sampling_strategy=wanted)
        try:
            _, y_new = resample(sampler, frame, y)
        except RarebirdError:
            assert recipe != PLAIN
            return
        np.testing.assert_array_equal([np.sum(y_new == label) for label in labels], aims)

    holds()


CLEANING = sorted(
    name for name, m in METHODS.items() if getattr(m.object, "sampling_type", "") == "clean"
)


@pytest.mark.parametrize("name", CLEANING)
def test_cleaning_takes_only_from_the_classes_it_may(name):
    @SETTINGS
    @example(PLAIN)
    @given(recipes(("float",)))
    def holds(recipe: Recipe) -> None:
        sampler, out = run(name, recipe)
        if sampler is None:
            return
        _, y = recipe.make()
        labels, counts = np.unique(y, return_counts=True)
        left = np.array([np.sum(out[1] == label) for label in labels])
        assert np.all(left <= counts) and not sampler.is_synthetic_.any()
        spared = ~np.isin(labels, list(sampler.sampling_strategy_))
        np.testing.assert_array_equal(left[spared], counts[spared])
        assert len(np.unique(sampler.sample_indices_)) == left.sum()

    holds()


@pytest.mark.parametrize(
    "name",
    ["tomek-links", "edited", "repeated-edited", "all-knn", "neighbourhood-cleaning", "near-miss"],
)
def test_the_order_of_the_rows_does_not_matter(name):
    @SETTINGS
    @given(st.integers(0, 999), st.integers(1, 12), st.booleans())
    def holds(seed: int, d: int, three: bool) -> None:
        recipe = Recipe(("float",) * d, (90, 23, 11) if three else (90, 23), seed)
        frame, y = recipe.make()
        X, order = frame.to_numpy(), np.random.default_rng(seed).permutation(recipe.n)
        kept = []
        for rows in (np.arange(recipe.n), order):
            sampler = seeded(METHODS[name])
            resample(sampler, X[rows], y[rows])
            kept.append(set(rows[sampler.sample_indices_].tolist()))
        assert kept[0] == kept[1] and len(kept[0]) < recipe.n

    holds()


def test_every_list_of_names_is_one_of_methods():
    assert len(METHODS) >= 38 and len(CLEANING) >= 7
    named = {*BOX, *EXACT_OVER, *EXACT_UNDER, *CLEANING, *WITHOUT_PARENTS, *VOTED_GAPS}
    assert named <= set(METHODS)
