"""How often our rows are imbalanced-learn's, over real tables, samplers, settings and seeds.

    python benchmarks/differential.py [--quick] [--only SMOTE,TomekLinks] [--show 20]

Tables: those of RAREBIRD_DATA (by default ../shared/data) with two classes or many and up to
20,000 rows; numeric columns, rows without gaps, as they are and standardised; labels as the file
has them, text included. Compared: rows, their order, labels, types, ``sample_indices_`` and
refusals (both refuse: the same). Verdicts:

- identical: bit for bit;
- rounding: values within 2 units in the last place, all else identical;
- tied: other rows, and imbalanced-learn gives ours as soon as it chooses otherwise among rows at
  the same distance; each choice is checked with distances recomputed in float64 (`Ties`);
- labels: other rows, and imbalanced-learn gives ours once the labels are called 0 .. C-1;
- theirs fails: imbalanced-learn raises where we give rows;
- different: none of these.
"""

import argparse
import inspect
import os
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imblearn
import numpy as np
import pandas as pd
from imblearn import combine, over_sampling, under_sampling
from scipy import sparse
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.tree import DecisionTreeClassifier

import rarebird.resample as ours
from rarebird._errors import RarebirdError
from rarebird.neighbors import ExactNeighbors

VERDICTS = ("identical", "rounding", "tied", "labels", "theirs fails", "different")
SAME = VERDICTS[:3]
THEIRS = (over_sampling, under_sampling, combine, imblearn)


@dataclass(frozen=True)
class Sampler:
    """A sampler of both libraries, its settings, and how much of the tables it can bear."""

    name: str
    settings: tuple[dict[str, Any], ...]
    max_rows: int = 20_000
    every: int = 1  # of the tables, for those that are slow
    table: str = "numbers"

    def pair(self, given: dict[str, Any], seed: int) -> tuple[Any, Any]:
        """Return our sampler and theirs."""
        given = {**given, "random_state": seed} if self.seeded else given
        theirs = next(m for m in THEIRS if hasattr(m, self.name))
        return getattr(ours, self.name)(**given), getattr(theirs, self.name)(**given)

    @property
    def seeded(self) -> bool:
        """Whether the seed matters."""
        return "random_state" in inspect.signature(getattr(ours, self.name)).parameters


def thinned(X: Any, y: Any, step: int = 2) -> tuple[Any, Any]:
    """Return every second row."""
    return X[::step], y[::step]


SAMPLERS = (
    Sampler("RandomOverSampler", ({}, {"shrinkage": 0.3}, {"sampling_strategy": "minority"})),
    Sampler("SMOTE", ({}, {"k_neighbors": 2}, {"sampling_strategy": "minority"})),
    Sampler("ADASYN", ({}, {"n_neighbors": 3})),
    Sampler(
        "BorderlineSMOTE", ({}, {"kind": "borderline-2"}, {"k_neighbors": 3, "m_neighbors": 6})
    ),
    Sampler("SVMSMOTE", ({}, {"k_neighbors": 3, "out_step": 0.2}), max_rows=2000),
    Sampler(
        "KMeansSMOTE",
        ({}, {"cluster_balance_threshold": 0.02, "kmeans_estimator": 5}),
        max_rows=6000,
    ),
    Sampler("SMOTENC", ({}, {"k_neighbors": 3}), table="mixed"),
    Sampler("SMOTEN", ({}, {"k_neighbors": 3}), max_rows=4500, table="text"),
    Sampler("RandomUnderSampler", ({}, {"replacement": True}, {"sampling_strategy": "all"})),
    Sampler("ClusterCentroids", ({}, {"voting": "hard"}), max_rows=1000, every=3),
    Sampler("CondensedNearestNeighbour", ({}, {"n_seeds_S": 3}), max_rows=1000, every=3),
    Sampler(
        "EditedNearestNeighbours",
        ({}, {"kind_sel": "mode", "n_neighbors": 5}, {"sampling_strategy": "all"}),
    ),
    Sampler("RepeatedEditedNearestNeighbours", ({}, {"kind_sel": "mode", "max_iter": 4})),
    Sampler("AllKNN", ({}, {"allow_minority": True, "n_neighbors": 5})),
    Sampler(
        "InstanceHardnessThreshold",
        ({"estimator": DecisionTreeClassifier(max_depth=5, random_state=0)}, {"cv": 3}),
        max_rows=700,
        every=6,
    ),
    Sampler("NearMiss", ({}, {"version": 2}, {"version": 3}, {"n_neighbors": 5}), max_rows=6000),
    Sampler("NeighbourhoodCleaningRule", ({}, {"n_neighbors": 5, "threshold_cleaning": 0.2})),
    Sampler("OneSidedSelection", ({}, {"n_seeds_S": 20})),
    Sampler("TomekLinks", ({}, {"sampling_strategy": "all"})),
    Sampler("SMOTEENN", ({}, {"sampling_strategy": "minority"}), max_rows=6000),
    Sampler("SMOTETomek", ({}, {"sampling_strategy": "minority"}), max_rows=6000),
    Sampler("FunctionSampler", ({}, {"func": thinned}), every=5),
)


# --- tables -------------------------------------------------------------------------------------


def data_folder() -> Path:
    """Return RAREBIRD_DATA, else ../shared/data beside the checkout."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    return Path(os.environ.get("RAREBIRD_DATA", beside))


def read(folder: Path, max_rows: int = 20_000) -> Iterator[tuple[str, pd.DataFrame, np.ndarray]]:
    """Yield name, columns and labels of the tables with classes, small ones first."""
    index = pd.read_csv(folder / "index.csv")
    index = index[index.group.isin(["tabular_binary", "tabular_multiclass"])]
    for row in index[index.n_rows <= max_rows].sort_values(["n_rows", "name"]).itertuples():
        path = folder / row.file
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        frame = frame.dropna(axis=1, thresh=int(0.9 * len(frame))).dropna()
        y = np.array(frame.pop(row.target).tolist())
        if len(y) >= 30 and len(np.unique(y)) > 1:
            yield row.name, frame, y


def kinds(frame: pd.DataFrame, wanted: str) -> dict[str, Any]:
    """Return the table as it is and standardised, or its text, or both kinds of columns."""
    numbers = frame.select_dtypes(["number", "bool"]).astype(float)
    text = frame.select_dtypes(exclude=["number", "bool"]).astype(object)
    if wanted == "text":
        return {"text": text} if text.shape[1] else {}
    if wanted == "mixed":
        both = text.shape[1] and numbers.shape[1]
        return {"mixed": pd.concat([numbers, text], axis=1)} if both else {}
    if not numbers.shape[1]:
        return {}
    X = numbers.to_numpy()
    spread = X.std(axis=0)
    return {"raw": X, "standardised": (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)}


# --- what came out ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a sampler gave, or the error that it raised."""

    X: Any = None
    y: Any = None
    indices: Any = None
    error: Exception | None = None


def outcome(sampler: Any, X: Any, y: np.ndarray) -> Outcome:
    """Run a sampler."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            X_new, y_new = sampler.fit_resample(X, y)
        except Exception as error:  # whatever it raises is what is compared
            return Outcome(error=error)
    return Outcome(X_new, y_new, getattr(sampler, "sample_indices_", None))


def agreement(mine: Outcome, other: Outcome) -> str:
    """Return "identical", "rounding" or "different"."""
    if mine.error or other.error:
        return "identical" if mine.error and other.error else "different"
    shapes = mine.X.shape == other.X.shape and mine.y.dtype == other.y.dtype
    if not shapes or type(mine.X) is not type(other.X) or not np.array_equal(mine.y, other.y):
        return "different"
    if other.indices is not None and not np.array_equal(mine.indices, other.indices):
        return "different"
    if isinstance(mine.X, pd.DataFrame):
        if not mine.X.dtypes.equals(other.X.dtypes) or not mine.X.index.equals(other.X.index):
            return "different"
        return "identical" if mine.X.equals(other.X) else _within(mine.X, other.X)
    if mine.X.dtype != other.X.dtype:
        return "different"
    return "identical" if np.array_equal(mine.X, other.X) else _close(mine.X, other.X)


def _close(one: np.ndarray, two: np.ndarray) -> str:
    ulp = np.spacing(np.maximum(abs(one), abs(two)))
    return "rounding" if np.all(abs(one - two) <= 2 * ulp) else "different"


def _within(one: pd.DataFrame, two: pd.DataFrame) -> str:
    numbers = one.select_dtypes("number").columns
    if not one.drop(columns=numbers).equals(two.drop(columns=numbers)):
        return "different"
    return _close(one[numbers].to_numpy(), two[numbers].to_numpy())


# --- ties ---------------------------------------------------------------------------------------


class Ties:
    """While in force, scikit-learn's searches choose among rows at the same distance by a rule.

    For each query the squared distances to all rows are summed anew from float64 differences. A
    choice is allowed if its j-th neighbour lies, up to the rounding of |x|^2 - 2 x y + |y|^2, as
    far away as the j-th nearest row; anything else sets ``sound`` to False. So a result that
    holds under a rule is one that imbalanced-learn's own algorithm gives, with the same distances
    at every place of every neighbour list.

    Parameters
    ----------
    rule : {"ours", "first", "last"} or int
        Our engine's choice, the lowest or highest row number, or a random order with this seed.
    """

    def __init__(self, rule: str | int):
        self.rule = rule
        self.sound = True
        self.moved = 0  # places at which the rule chose another row than scikit-learn did

    def __enter__(self) -> "Ties":
        self._restore = []
        for cls in (NearestNeighbors, KNeighborsClassifier):
            original = cls.kneighbors
            self._restore.append((cls, "kneighbors" in vars(cls), original))
            cls.kneighbors = self._patched(original)
        return self

    def __exit__(self, *problem: object) -> None:
        for cls, own, original in self._restore:
            if own:
                cls.kneighbors = original
            else:
                del cls.kneighbors

    def _patched(self, original: Callable) -> Callable:
        ties = self

        def kneighbors(
            self: Any, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
        ) -> Any:
            gaps, found = original(self, X, n_neighbors, return_distance=True)
            if X is not None and self.effective_metric_ == "euclidean":
                chosen = ties.choose(self._fit_X, X, found)
                gaps = gaps if np.array_equal(chosen, found) else ties.gaps
                found = chosen
            return (gaps, found) if return_distance else found

        return kneighbors

    def choose(self, rows: Any, queries: Any, found: np.ndarray) -> np.ndarray:
        """Return the rule's neighbours, having checked them and those that were found."""
        rows, queries = (
            A.toarray() if sparse.issparse(A) else np.asarray(A) for A in (rows, queries)
        )
        k = found.shape[1]
        wanted = np.empty_like(found)
        self.gaps = np.empty(found.shape)
        if self.rule == "ours":
            wanted[:] = ExactNeighbors(rows).kneighbors(queries, k)
        lengths = np.einsum("ij,ij->i", rows, rows)
        key = {"first": np.arange(len(rows)), "last": -np.arange(len(rows))}.get(self.rule)
        if isinstance(self.rule, int):
            key = np.random.default_rng(self.rule).permutation(len(rows))
        for i, query in enumerate(queries):
            apart = rows - query
            exact = np.einsum("ij,ij->i", apart, apart)
            slack = 2.0**-50 * (rows.shape[1] + 8) * (query @ query + lengths.max())
            near = np.flatnonzero(exact <= np.partition(exact, k - 1)[k - 1] + 2 * slack)
            near = near[np.argsort(exact[near], kind="stable")]
            truth = exact[near[:k]]
            if key is not None:
                group = np.concatenate([[0], np.cumsum(np.diff(exact[near]) > slack)])
                wanted[i] = near[np.lexsort((key[near], group))][:k]
            for choice in (found[i], wanted[i]):
                self.sound &= bool(np.all(abs(exact[choice] - truth) <= 2 * slack))
            self.gaps[i] = np.sqrt(exact[wanted[i]])
        self.moved += int((wanted != found).sum())
        return wanted


RULES = ("ours", "first", "last", *range(6))


@dataclass
class Comparison:
    """One comparison, and what is needed to make it again."""

    sampler: str
    table: str
    kind: str
    given: dict[str, Any]
    seed: int
    verdict: str
    note: str = ""


def compare(sampler: Sampler, given: dict, seed: int, X: Any, y: np.ndarray) -> tuple[str, str]:
    """Return the verdict and a note."""
    if sampler.table == "mixed":
        text = [i for i, dtype in enumerate(X.dtypes) if dtype == object]
        given = {"categorical_features": text, **given}
    one, two = sampler.pair(given, seed)
    mine, other = outcome(one, X, y), outcome(two, X, y)
    if mine.error is not None and not isinstance(mine.error, RarebirdError):
        return "different", f"ours breaks: {mine.error!r}"[:160]
    verdict = agreement(mine, other)
    if verdict != "different":
        return verdict, "both refuse" if mine.error else ""
    codes = np.unique(y, return_inverse=True)[1]
    if not np.array_equal(codes, y):
        renamed = outcome(sampler.pair(given, seed)[1], X, codes)
        mapped = outcome(sampler.pair(given, seed)[0], X, codes)
        unmoved = mine.error or np.array_equal(
            np.unique(y)[mapped.y] if mapped.error is None else None, mine.y
        )
        if unmoved and agreement(mapped, renamed) in SAME:
            return "labels", f"theirs with labels as they are: {other.error}"[:160]
    for rule in RULES:
        with Ties(rule) as ties:
            again = outcome(sampler.pair(given, seed)[1], X, y)
        if ties.sound and ties.moved and agreement(mine, again) in SAME:
            return "tied", f"rule {rule!r}, {ties.moved} places"
    if other.error:
        return "theirs fails", f"{type(other.error).__name__}: {other.error}"[:160]
    return "different", f"ours refuses: {mine.error}"[:160] if mine.error else ""


def sweep(
    folder: Path, samplers: tuple[Sampler, ...], *, quick: bool = False, seconds: float = 1e9
) -> Iterator[Comparison]:
    """Yield the comparisons; ``quick`` takes every ninth table of up to 2,500 rows and one seed."""
    for place, (name, frame, y) in enumerate(read(folder, 2500 if quick else 20_000)):
        if quick and place % 9:
            continue
        for at, sampler in enumerate(samplers):
            if len(y) > sampler.max_rows or (place + at) % sampler.every:
                continue
            large = len(y) > 3000
            seeds = (0, 1) if sampler.seeded and not quick and not large else (0,)
            for kind, X in kinds(frame, sampler.table).items():
                if large and kind == "raw":
                    continue
                for given in sampler.settings[: 1 if large else None]:
                    for seed in seeds:
                        verdict, note = compare(sampler, given, seed, X, y)
                        yield Comparison(sampler.name, name, kind, given, seed, verdict, note)


@dataclass
class Report:
    """Counts of verdicts for each sampler."""

    counts: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, one: Comparison) -> None:
        """Count a comparison."""
        self.counts[one.sampler][one.verdict] += 1

    def __str__(self) -> str:
        names = [*self.counts, "total"]
        total = sum(self.counts.values(), Counter())
        head = f"{'sampler':32s}" + "".join(f"{v:>13s}" for v in VERDICTS) + f"{'made':>8s}"
        lines = [head]
        for name in names:
            row = total if name == "total" else self.counts[name]
            cells = "".join(f"{row[v]:13d}" for v in VERDICTS)
            lines.append(f"{name:32s}{cells}{row.total():8d}")
        return "\n".join(lines) + f"\nidentical: {total['identical']} out of {total.total()} made"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--show", type=int, default=20, help="comparisons listed for each verdict")
    given = parser.parse_args()
    names = given.only.split(",") if given.only else [s.name for s in SAMPLERS]
    report, listed = Report(), Counter()
    started = time.process_time()
    for one in sweep(
        data_folder(), tuple(s for s in SAMPLERS if s.name in names), quick=given.quick
    ):
        report.add(one)
        listed[one.verdict, one.sampler] += 1
        if one.verdict not in SAME[:2] and listed[one.verdict, one.sampler] <= given.show:
            what = f"{one.verdict}: {one.sampler}({one.given}) seed {one.seed}"
            print(f"{what} on {one.table} ({one.kind}) {one.note}", flush=True)
    print(report, f"\n{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
