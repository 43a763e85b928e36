"""Which rows train and which test: stratified, by group, or forward in time."""

import itertools
from dataclasses import dataclass

import numpy as np

from rarebird._errors import DataError
from rarebird._random import seed_of


def stratified_group_folds(
    y: np.ndarray, groups: np.ndarray, n_folds: int, rng: np.random.Generator
) -> np.ndarray:
    """Return a fold number a row: groups stay whole, and every class spreads evenly.

    Groups of several rows are dealt largest first to the fold that has the fewest rows of the
    group's rarest class; then the single rows of each class fill the folds up.

    >>> y, groups = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 1, 2, 3, 4])
    >>> fold = stratified_group_folds(y, groups, 2, np.random.default_rng(0))
    >>> bool(fold[0] == fold[1]), np.bincount(fold[y == 1]).tolist()
    (True, [1, 1])
    """
    n_classes = int(y.max()) + 1
    _, group, size = np.unique(groups, return_inverse=True, return_counts=True)
    group = group.ravel()
    fold = np.full(len(y), -1)
    held = np.zeros((n_classes, n_folds))
    multiple = np.flatnonzero(size > 1)
    if multiple.size:
        rows = np.flatnonzero(size[group] > 1)
        rows = rows[np.argsort(group[rows], kind="stable")]
        parts = np.split(rows, np.cumsum(size[multiple])[:-1])
        frequency = np.bincount(y, minlength=n_classes)
        order = np.lexsort((rng.random(len(parts)), -size[multiple]))
        for number in order:
            part = parts[number]
            counts = np.bincount(y[part], minlength=n_classes)
            present = np.flatnonzero(counts)
            rarest = present[np.argmin(frequency[present])]
            best = np.lexsort((held.sum(axis=0), held[rarest]))[0]
            fold[part] = best
            held[:, best] += counts
    start = 0  # deal leftovers of successive classes to successive folds
    for code in np.argsort(np.bincount(y, minlength=n_classes)):
        rows = rng.permutation(np.flatnonzero((y == code) & (fold < 0)))
        total = len(rows) + held[code].sum()
        base = np.roll(np.arange(n_folds), -start)
        goal = np.full(n_folds, total // n_folds)
        goal[base[: int(total % n_folds)]] += 1
        room = np.maximum(goal - held[code], 0).astype(int)
        dealt = np.repeat(base, room[base])[: len(rows)]
        dealt = np.concatenate([dealt, base[np.arange(len(rows) - len(dealt)) % n_folds]])
        fold[rows] = dealt
        held[code] += np.bincount(dealt, minlength=n_folds)
        start = (start + int(total)) % n_folds
    return fold


def forward_folds(time: np.ndarray, n_folds: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (train, test) row numbers: each test block lies after all of its training rows.

    The rows are cut into n_folds + 1 blocks of about equal size at changes of time, so rows of
    one moment are never on both sides; there are fewer folds where there are too few moments.

    >>> [(a.tolist(), b.tolist()) for a, b in forward_folds(np.array([1, 2, 2, 3]), 2)]
    [([0], [1, 2]), ([0, 1, 2], [3])]
    """
    order = np.argsort(time, kind="stable")
    changes = np.flatnonzero(np.diff(time[order]) > 0) + 1
    if not changes.size:
        raise DataError(
            f"The {len(time)} rows to split are all of one moment, so none of them lies before "
            "another. Give a finer time column, or leave the time out."
        )
    n_folds = min(n_folds, len(changes))
    turn = np.arange(n_folds)
    wanted = (turn + 1) * len(time) // (n_folds + 1)
    after = np.searchsorted(changes, wanted).clip(max=len(changes) - 1)
    before = np.maximum(after - 1, 0)
    near = np.where(wanted - changes[before] < changes[after] - wanted, before, after)
    distinct = np.maximum.accumulate(near - turn) + turn  # no two cuts at the same change
    cuts = changes[np.minimum(distinct, len(changes) - n_folds + turn)]
    cuts = np.append(cuts, len(time))
    return [(order[:a], order[a:b]) for a, b in itertools.pairwise(cuts)]


@dataclass(frozen=True)
class Design:
    """How a study splits rows."""

    kind: str  # "stratified", "group" or "time"
    key: np.ndarray  # (n,): group numbers (equal rows, or the user's groups), or times as numbers

    def take(self, rows: np.ndarray) -> "Design":
        """Return the design of some rows."""
        return Design(self.kind, self.key[rows])

    def hold_out(self, y: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (train, test) row numbers; the test part is put away before anything else."""
        if self.kind == "time":
            order = np.argsort(self.key, kind="stable")
            moments = self.key[order]
            wanted = moments[int(len(y) * (1 - share))]
            cut = int(np.searchsorted(moments, wanted))
            if not cut:  # the first moment holds more rows than the training part should
                cut = int(np.searchsorted(moments, wanted, side="right"))
            return np.sort(order[:cut]), np.sort(order[cut:])
        rng = np.random.default_rng(seed_of(seed, "test part"))
        fold = stratified_group_folds(y, self.key, round(1 / share), rng)
        counts = np.zeros((y.max() + 1, fold.max() + 1))
        np.add.at(counts, (y, fold), 1)
        # where one group is huge, a fold with it is no fair part: take the most even fold
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        uneven = np.abs(shares - share).sum(axis=0)
        test = fold == np.argmin(np.round(uneven, 6))
        return np.flatnonzero(~test), np.flatnonzero(test)

    def folds(self, y: np.ndarray, n_folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return (train, test) row numbers of each fold; a time design ignores the seed."""
        if self.kind == "time":
            return forward_folds(self.key, n_folds)
        fold = stratified_group_folds(y, self.key, n_folds, np.random.default_rng(seed))
        pairs = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_folds)]
        return [(train, test) for train, test in pairs if len(train) and len(test)]
