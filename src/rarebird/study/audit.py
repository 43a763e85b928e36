"""Which columns bring nothing on rows that were not fitted on: names, numbers of rows and such."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rarebird._random import as_rng, seed_of
from rarebird.diagnose.check import Check, check, some
from rarebird.diagnose.column import Column, id_like
from rarebird.diagnose.leakage import thinned
from rarebird.diagnose.profile import Profile
from rarebird.estimators.boosted_trees import BoostedTrees

from .encode import Codebook
from .rows import Rows

MANY_LEVELS = 50
SOME_LEVELS, SHARE = 20, 0.05  # levels and levels a row: together they are many, too
NEARLY_UNIQUE = 0.9
MAX_ROWS, MAX_CELLS = 5_000, 1_500_000
N_FOLDS, N_SHUFFLES = 3, 19
MAX_ALONE = 7  # suspects that are judged one by one; the others are judged together
WHY = "no gain on held-out rows"
PENALTY = 2  # of the effect of a level, the inverse of its variance
_LEAST = 1e-4  # probability, so that one row cannot decide


@dataclass(frozen=True)
class _Gain:
    """What a column brings: how much lower the log loss is on rows that were not fitted on."""

    value: float
    se: float  # standard error over rows
    helps: bool  # whether it is no accident

    @classmethod
    def of(cls, without: np.ndarray, proba: np.ndarray, y: np.ndarray) -> "_Gain":
        """Return the gain over the losses without the column; it helps above its own error."""
        steps = without - _losses(proba, y)
        value, se = float(steps.mean()), float(steps.std() / np.sqrt(len(steps)))
        return cls(value, se, value > se)


def suspects(profile: Profile, X: np.ndarray, codebook: Codebook) -> list[str]:
    """Return the used columns that may only name the rows, the most suspicious first.

    These are categories with more than 50 levels, or more than 20 and a level for 20 rows; whole
    numbers that differ in more than 90% of the rows; and, named like an identifier, whole numbers
    of more than 50 values. What surely names the rows `profile_table` has left out already.
    """
    places = {name: j for j, name in enumerate(codebook.names)}
    found = {}
    for column in profile.columns:
        known = profile.n_rows - column.n_missing
        if column.used and known and column.name in places:
            share = column.n_unique / known
            if _is_suspect(column, share, X[:, places[column.name]]):
                found[column.name] = share
    return sorted(found, key=lambda name: -found[name])


def _is_suspect(column: Column, share: float, values: np.ndarray) -> bool:
    n_unique = column.n_unique
    if column.kind == "categorical":
        return n_unique > MANY_LEVELS or (n_unique > SOME_LEVELS and share > SHARE)
    if column.kind != "numeric" or n_unique <= SOME_LEVELS:
        return False
    named = id_like(column.name) and n_unique > MANY_LEVELS
    if not named and share <= NEARLY_UNIQUE:
        return False
    values = values[~np.isnan(values)]
    return bool((values == np.floor(values)).all())


def _gains(rows: Rows, groups: Sequence[Sequence[int]], seed: int) -> list[_Gain]:
    """Return what each group of columns brings beside the columns that are in no group.

    Small boosted trees are fitted with and without it on two of three folds of at most 5,000 rows
    (fewer where the table is wide; of each class at most as many as needed to fill them up), and
    the log loss of the rows of the third is compared row by row: a gain above its standard error
    counts, where there is one over the shuffled columns too (noise by itself makes trees less
    sure, which may help). Trees cannot use levels of few rows, which a linear model can: a single
    column of categories may instead move the log-odds of the trees without it, which counts where
    this also helps more than the shuffled column does, each of 19 times.
    """
    most = min(MAX_ROWS, max(MAX_CELLS // rows.X.shape[1], 500))
    if len(rows.y) > most:
        rng = as_rng(seed_of(seed, "audit"))
        rows = rows.take(thinned(rows.y, most, rng))
    folds = rows.design.folds(rows.y, N_FOLDS, seed_of(seed, "audit folds"))
    base = np.setdiff1d(np.arange(rows.X.shape[1]), [j for group in groups for j in group])
    proba = _held_out(rows, base, folds)
    held = [test for _, test in folds]
    y = rows.y[np.concatenate(held)]
    without, found = _losses(proba, y), []
    shuffle = as_rng(seed_of(seed, "audit shuffles"))
    for group in groups:
        columns = np.sort(np.append(base, group))
        with_it = _held_out(rows, columns, folds)
        gain = _Gain.of(without, with_it, y)
        if gain.helps:
            X = rows.X.copy()
            X[:, group] = X[shuffle.permutation(len(X))][:, group]
            noise = _losses(_held_out(replace(rows, X=X), columns, folds), y)
            gain = min(gain, _Gain.of(noise, with_it, y), key=lambda each: each.value - each.se)
        if not gain.helps and len(group) == 1 and group[0] in rows.categorical:
            levels = np.unique(rows.X[:, group[0]], return_inverse=True)[1]  # missing is a level
            other = _Gain.of(without, _moved(rows, levels, proba, held), y)
            if other.helps and all(
                other.value > _Gain.of(without, _moved(rows, each, proba, held), y).value
                for each in (shuffle.permutation(levels) for _ in range(N_SHUFFLES))
            ):
                gain = other
        found.append(gain)
    return found


def _losses(proba: np.ndarray, y: np.ndarray) -> np.ndarray:
    return -np.log(np.clip(proba[np.arange(len(y)), y], _LEAST, 1))


def _held_out(
    rows: Rows, columns: np.ndarray, folds: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Return the probabilities of the held-out rows, fold after fold, from these columns."""
    X = rows.X[:, columns] if len(columns) else np.zeros((len(rows.y), 1))
    categorical = tuple(np.flatnonzero(np.isin(columns, rows.categorical)).tolist())
    found = []
    for train, test in folds:
        model = BoostedTrees(categorical=categorical, n_estimators=50, random_state=0)
        proba = np.zeros((len(test), rows.n_classes))
        model.fit(X[train], rows.y[train])
        proba[:, model.classes_] = model.predict_proba(X[test])
        found.append(proba)
    return np.concatenate(found)


def _moved(rows: Rows, levels: np.ndarray, proba: np.ndarray, held: list[np.ndarray]) -> np.ndarray:
    """Return held-out probabilities moved by an effect for each level, from the other folds.

    The effect is one step of Newton's method, with a penalty: sum of residuals / (sum of p (1 - p)
    + 2), for each class.
    """
    levels, y = levels[np.concatenate(held)], rows.y[np.concatenate(held)]
    fold = np.repeat(np.arange(len(held)), [len(part) for part in held])
    proba = np.clip(proba, _LEAST, 1)
    moved = proba.copy()
    for k in range(len(held)):
        fit, test = (fold < k if rows.design.kind == "time" else fold != k), fold == k
        for code in range(rows.n_classes):
            p, n = proba[fit, code], levels.max() + 1
            residual = np.bincount(levels[fit], (y[fit] == code) - p, minlength=n)
            effect = residual / (np.bincount(levels[fit], p * (1 - p), minlength=n) + PENALTY)
            moved[test, code] *= np.exp(effect[levels[test]])
    return moved / moved.sum(axis=1, keepdims=True)


def audit(
    profile: Profile, rows: Rows, names: Sequence[str], codebook: Codebook, seed: int
) -> tuple[Profile, Check | None]:
    """Return the profile without the suspects that bring nothing, and what is said of them.

    Parameters
    ----------
    profile, codebook : Profile, Codebook
        The columns, and how they became the matrix.
    rows : Rows
        Training rows; no other rows are looked at.
    names : sequence of str
        The suspects, the most suspicious first.
    seed : int
        Of the sample and the folds.
    """
    alone = [[name] for name in names[:MAX_ALONE]]
    parts = alone + ([list(names[MAX_ALONE:])] if len(names) > MAX_ALONE else [])
    places = {name: j for j, name in enumerate(codebook.names)}
    found = _gains(rows, [[places[name] for name in part] for part in parts], seed)
    of = {name: gain for part, gain in zip(parts, found, strict=True) for name in part}
    left_out = {name: of[name] for name in names if not of[name].helps}
    if not left_out or len(left_out) == len(profile.features):
        return profile, None
    columns = tuple(
        replace(column, used=False, why=WHY) if column.name in left_out else column
        for column in profile.columns
    )

    def told(name: str) -> str:
        kind = "levels" if profile.column(name).kind == "categorical" else "values"
        n_unique, gain = profile.column(name).n_unique, left_out[name]
        return f"{name!r} ({n_unique:,} {kind}; {gain.value:+.4f}, standard error {gain.se:.4f})"

    text = (
        "Left out, because the columns bring no lower log loss on training rows that were not "
        f"fitted on: {some(left_out, told)}. Name a column under keep to use it all the same."
    )
    details = {name: {"gain": gain.value, "se": gain.se} for name, gain in left_out.items()}
    return replace(profile, columns=columns), check("RB024", "info", text, columns=details)
