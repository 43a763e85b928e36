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
- labels: other rows or an error, and imbalanced-learn gives ours (up to ties where the line says
  "choice") once the labels are called 0 .. C-1;
- their indices: the same rows and labels, but imbalanced-learn's ``sample_indices_`` do not give
  its own rows (RepeatedEditedNearestNeighbours that removes nothing permutes them twice);
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
from dataclasses import dataclass, field, replace
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
from rarebird.neighbors import ExactNeighbors, Purity
from rarebird.resample import mixed_rows

VERDICTS = (
    "identical",
    "rounding",
    "tied",
    "labels",
    "their indices",
    "theirs fails",
    "different",
)
SAME = VERDICTS[:3]
LARGE = 3000  # rows from which a table is taken standardised, with one setting and one seed
MOST_WORK = 4e9  # n^2 d beyond which imbalanced-learn's searches take too long here
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
    Sampler(
        "RepeatedEditedNearestNeighbours", ({}, {"kind_sel": "mode", "max_iter": 4}), max_rows=6000
    ),
    Sampler("AllKNN", ({}, {"allow_minority": True, "n_neighbors": 5}), max_rows=6000),
    Sampler(
        "InstanceHardnessThreshold",
        ({"estimator": DecisionTreeClassifier(max_depth=5, random_state=0)}, {"cv": 3}),
        max_rows=700,
        every=8,
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


class Choices:
    """While in force, notes which neighbours our searches give."""

    def __init__(self) -> None:
        self.in_fit: dict[tuple[int, bytes], np.ndarray] = {}  # places in the same fitted rows
        self.lists: dict[int, list[tuple[int, np.ndarray]]] = defaultdict(list)  # n searched, found
        self.of_all: dict[int, np.ndarray] = {}  # of each of n rows, among them

    def __enter__(self) -> "Choices":
        choices = self
        self._restore = [
            (ExactNeighbors, "kneighbors", ExactNeighbors.kneighbors),
            (ExactNeighbors, "kneighbors_of", ExactNeighbors.kneighbors_of),
            (Purity, "_search", Purity._search),
            (mixed_rows, "nearest_rows", mixed_rows.nearest_rows),
        ]
        by_rows, by_places, of_purity, mixed = (one[2] for one in self._restore)

        def kneighbors(self: Any, Q: Any, n_neighbors: int, **more: Any) -> Any:
            found = by_rows(self, Q, n_neighbors, **more)
            choices._note(self.X, Q, found[1] if isinstance(found, tuple) else found)
            return found

        def kneighbors_of(self: Any, rows: Any, n_neighbors: int, **more: Any) -> Any:
            found = by_places(self, rows, n_neighbors, **more)
            choices._last = found[1] if isinstance(found, tuple) else found
            choices._note(self.X, self.X[rows], choices._last)
            return found

        def search(self: Any, rows: np.ndarray, among: np.ndarray) -> None:
            of_purity(self, rows, among)
            for row, near in zip(rows.tolist(), among[choices._last], strict=True):
                choices.lists[row].append((len(among), near))

        def nearest_rows(distance: Any, k: int, **more: Any) -> np.ndarray:
            found = mixed(distance, k, **more)
            choices.of_all[len(found)] = np.column_stack([np.arange(len(found)), found])
            return found

        for (home, name, _), new in zip(
            self._restore,
            (kneighbors, kneighbors_of, search, nearest_rows),
            strict=True,
        ):
            setattr(home, name, new)
        return self

    def __exit__(self, *problem: object) -> None:
        for home, name, original in self._restore:
            setattr(home, name, original)

    def _note(self, rows: np.ndarray, queries: np.ndarray, found: np.ndarray) -> None:
        whole = hash(rows.tobytes())
        for query, near in zip(queries, found, strict=True):
            self.in_fit[whole, query.tobytes()] = near

    def of(
        self, rows: np.ndarray, queries: np.ndarray, found: np.ndarray, names: Any
    ) -> np.ndarray:
        """Return ours where noted, else ``found``; names: which rows of the table these are."""
        k = found.shape[1]
        known = self.of_all.get(len(rows))
        if known is not None and len(queries) == len(rows) and known.shape[1] >= k:
            return known[:, :k].copy()
        wanted, whole = found.copy(), hash(rows.tobytes())
        for i, query in enumerate(queries):
            near = None if names is None else self._kept(names[0], names[1][i], k)
            if near is None:
                near = self.in_fit.get((whole, query.tobytes()), ())
            if len(near) >= k:
                wanted[i] = near[:k]
        return wanted

    def _kept(self, present: np.ndarray, query: int, k: int) -> Any:
        """Return the places of those rows of a remembered list that are still there."""
        lists = [one for one in self.lists.get(query, ()) if one[0] >= len(present)]
        if not lists:
            return None
        near = min(lists, key=lambda one: one[0])[1]
        place = {name: i for i, name in enumerate(present.tolist())}
        left = [place[name] for name in near[1:].tolist() if name in place]
        first = place.get(int(near[0]))
        if first is None:  # another row at distance 0 stood there
            first = place[query]
        return np.array([first, *left]) if len(left) >= k - 1 else None


class Ties:
    """While in force, scikit-learn's searches choose among rows at the same distance by a rule.

    For each query the squared distances to all rows are summed anew from float64 differences. A
    choice is allowed if its j-th neighbour lies, up to the rounding of |x|^2 - 2 x y + |y|^2, as
    far away as the j-th nearest row; anything else sets ``sound`` to False. So a result that
    holds under a rule is one that imbalanced-learn's own algorithm gives, with the same distances
    at every place of every neighbour list.

    Parameters
    ----------
    rule : Choices, {"first", "last"} or int
        Our choices, the lowest or highest row number, or a random order with this seed.
    named : bool
        Whether the last column says which row of the table it is; distances leave it out.
    """

    def __init__(self, rule: Any, *, named: bool = False):
        self.rule, self.named = rule, named
        self.sound = True
        self.moved = 0  # places at which the rule chose another row than scikit-learn did

    def __enter__(self) -> "Ties":
        self._original = NearestNeighbors.kneighbors
        for cls in (NearestNeighbors, KNeighborsClassifier):
            cls.kneighbors = self._patched(self._original)
        return self

    def __exit__(self, *problem: object) -> None:
        for cls in (NearestNeighbors, KNeighborsClassifier):
            del cls.kneighbors  # the inherited one comes back

    def _patched(self, original: Callable) -> Callable:
        ties = self

        def kneighbors(
            self: Any, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
        ) -> Any:
            search, rows, names = self, self._fit_X, None
            if ties.named:
                names = rows[:, -1].astype(int), X[:, -1].astype(int)
                rows, X = rows[:, :-1], X[:, :-1]
                search = NearestNeighbors(n_neighbors=self.n_neighbors).fit(rows)
            gaps, found = original(search, X, n_neighbors, return_distance=True)
            if X is not None and search.effective_metric_ in ("euclidean", "precomputed"):
                given = search.effective_metric_ == "precomputed"
                gaps, found = ties.choose(rows, X, gaps, found, names, given=given)
            return (gaps, found) if return_distance else found

        return kneighbors

    def choose(
        self,
        rows: Any,
        queries: Any,
        gaps: np.ndarray,
        found: np.ndarray,
        names: Any = None,
        *,
        given: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the rule's neighbours, having checked them and those that were found.

        With ``given`` the queries are their distances to all rows (SMOTEN's, of shares).
        """
        rows, queries = (
            np.ascontiguousarray(A.toarray() if sparse.issparse(A) else A) for A in (rows, queries)
        )
        wanted = (
            self.rule.of(rows, queries, found, names) if isinstance(self.rule, Choices) else None
        )
        n, k = len(rows), found.shape[1]
        lengths = np.einsum("ij,ij->i", rows, rows)
        key = {"first": np.arange(n), "last": -np.arange(n)}.get(self.rule)
        if isinstance(self.rule, int):
            key = np.random.default_rng(self.rule).permutation(n)
        gaps, chosen = gaps.copy(), found.copy()
        for i, query in enumerate(queries):
            if given:
                exact, slack = query, 2.0**-46 * query.max()
            else:
                apart = rows - query
                exact = np.einsum("ij,ij->i", apart, apart)
                slack = 2.0**-50 * (rows.shape[1] + 8) * (query @ query + lengths.max())
            near = np.flatnonzero(exact <= np.partition(exact, k - 1)[k - 1] + 2 * slack)
            near = near[np.argsort(exact[near], kind="stable")]
            truth = exact[near[:k]]
            if wanted is None:
                group = np.concatenate([[0], np.cumsum(np.diff(exact[near]) > slack)])
                choice = near[np.lexsort((key[near], group))][:k]
            else:
                choice = wanted[i]
            for those in (found[i], choice):
                self.sound &= bool(np.all(abs(exact[those] - truth) <= 2 * slack))
            if not np.array_equal(choice, found[i]):
                self.moved += int((choice != found[i]).sum())
                chosen[i] = choice
                gaps[i] = exact[choice] if given else np.sqrt(exact[choice])
        return gaps, chosen


REPEATED = ("RepeatedEditedNearestNeighbours", "AllKNN")  # search again among fewer rows
RULES = ("first", "last", *range(4))


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
        text = [i for i, dtype in enumerate(X.dtypes) if not pd.api.types.is_numeric_dtype(dtype)]
        given = {"categorical_features": text, **given}
    one, two = sampler.pair(given, seed)
    mine, other = outcome(one, X, y), outcome(two, X, y)
    if mine.error is not None and not isinstance(mine.error, RarebirdError):
        return "different", f"ours breaks: {mine.error!r}"[:160]
    verdict = agreement(mine, other)
    if verdict != "different":
        return verdict, "both refuse" if mine.error else ""
    if misplaced(mine, other, X):
        return "their indices", "X[sample_indices_] are not their rows"
    codes = np.unique(y, return_inverse=True)[1]
    if y.dtype.kind not in "iu" or not np.array_equal(codes, y):
        mapped, renamed = (outcome(one, X, codes) for one in sampler.pair(given, seed))
        if mapped.error or mine.error or not np.array_equal(np.unique(y)[mapped.y], mine.y):
            return "different", f"ours depends on the labels: {mine.error} {mapped.error}"[:160]
        if agreement(mapped, renamed) in SAME or misplaced(mapped, renamed, X):
            return "labels", f"with labels as they are: {other.error or 'other rows'}"[:160]
        found = tied(sampler, given, seed, X, codes, mapped)
        if found:
            breaks = agreement(other, renamed) == "different" and other.error
            return ("labels" if breaks else "tied"), found
    else:
        found = tied(sampler, given, seed, X, y, mine)
        if found:
            return "tied", found
    if other.error:
        return "theirs fails", f"{type(other.error).__name__}: {other.error}"[:160]
    return "different", f"ours refuses: {mine.error}"[:160] if mine.error else ""


def misplaced(mine: Outcome, other: Outcome, X: Any) -> bool:
    """Say whether only ``sample_indices_`` differ, and theirs contradict their own rows."""
    if mine.error or other.error or other.indices is None or not isinstance(X, np.ndarray):
        return False
    same_rows = agreement(replace(mine, indices=None), replace(other, indices=None))
    return (
        same_rows == "identical"
        and np.array_equal(X[mine.indices], mine.X)
        and not np.array_equal(X[other.indices], other.X)
    )


def tied(sampler: Sampler, given: dict, seed: int, X: Any, y: np.ndarray, mine: Outcome) -> str:
    """Return the rule by which imbalanced-learn's algorithm gives our rows, or nothing."""
    with Choices() as noted:
        outcome(sampler.pair(given, seed)[0], X, y)
    named = sampler.name in REPEATED
    table = np.column_stack([X, np.arange(len(y))]) if named else X
    for rule in (noted, *RULES):
        with Ties(rule, named=named) as ties:
            again = outcome(sampler.pair(given, seed)[1], table, y)
        if named and again.error is None:
            again = replace(again, X=again.X[:, :-1])
        right = agreement(mine, again) in SAME or misplaced(mine, again, X)
        if ties.sound and ties.moved and right:
            name = "ours" if rule is noted else rule
            return f"choice: {name}, {ties.moved} places"
    return ""


def sweep(
    folder: Path, samplers: tuple[Sampler, ...], *, quick: bool = False
) -> Iterator[Comparison]:
    """Yield the comparisons; ``quick`` takes every ninth table of up to 2,500 rows and one seed."""
    for place, (name, frame, y) in enumerate(read(folder, 2500 if quick else 20_000)):
        if quick and place % 9:
            continue
        for at, sampler in enumerate(samplers):
            if len(y) > sampler.max_rows or (place + at) % sampler.every:
                continue
            large = len(y) > LARGE
            seeds = (0, 1) if sampler.seeded and not quick and not large else (0,)
            for kind, X in kinds(frame, sampler.table).items():
                if large and (kind == "raw" or len(X) ** 2 * X.shape[1] > MOST_WORK):
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
        head = f"{'sampler':32s}" + "".join(f"{v:>15s}" for v in VERDICTS) + f"{'made':>8s}"
        lines = [head]
        for name in names:
            row = total if name == "total" else self.counts[name]
            cells = "".join(f"{row[v]:15d}" for v in VERDICTS)
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
