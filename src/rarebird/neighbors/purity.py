"""Certificates that a row's nearest neighbours are of its own class, cheaper than a search."""

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from rarebird._threads import parallel_map

from .exact import ExactNeighbors
from .screen import Screen
from .work import build_cost, minima_cost, pairs_cost, tree_cost

__all__ = ["Purity"]

_WORTH = 2**24  # pairs from which certificates cost less than the search they save
_CERTIFICATE = 2500  # nanoseconds to find the witnesses of a row
_SURE = 0.75  # of the cost of a screen: what certificates must promise to stay under
_UNCERTAIN = 0.1  # share of rows, roughly, that certificates leave to a search
_QUERIES = 256  # rows of a group that looks into leaves together
_LEAF = 256
_SHARE = 0.15  # of the leaves around a row; what is not certified there is searched for exactly


class Purity:
    """Says which rows agree with their k nearest others, and remembers why.

    With r(x) the distance from x to the nearest row of another class, all k nearest others of x
    are of its class if and only if at least k rows of its class (witnesses) are nearer than r(x).
    Only pairs of different classes are needed for r. A row without witnesses near at hand gets an
    exact search. Both stay valid until one of the rows found is removed: r can only grow.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n, d)
        The rows.
    codes : ndarray of int of shape (n,)
        Class of each row, from 0.
    n_neighbors : int
        The largest k that will be asked for.
    kind_sel : {"all", "mode"}
        Whether all neighbours or the most frequent class among them (of several, the smallest
        code) must be the row's class.
    n_jobs : int, optional
        Threads; None is what the linear algebra may use now.

    Notes
    -----
    n_c (n - n_c) d for r, about n_c 256 d for witnesses, n d for each row that has none; a search
    for all where that is predicted to be less. Wilson (1972) for the rule.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [7.0], [9.0]])
    >>> Purity(X, np.array([0, 0, 0, 1, 1]), 2).keep(np.arange(5)).tolist()
    [True, True, True, False, False]
    """

    def __init__(
        self,
        X: Any,
        codes: np.ndarray,
        n_neighbors: int,
        *,
        kind_sel: str = "all",
        n_jobs: int | None = None,
    ) -> None:
        self.exact = ExactNeighbors(X, n_jobs=n_jobs)
        self.codes = codes
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs
        n = len(codes)
        self._gone = np.zeros(n, dtype=bool)
        self._witness = np.full((n, self._need(n_neighbors)), -1)
        self._lists = np.full((n, n_neighbors), -1)
        self._first = np.arange(n)  # what a search found first: the row, or a row equal to it
        self._radius = np.full(n, np.nan)

    def _need(self, k: int) -> int:
        """Return how many witnesses settle the verdict; more than half always win the vote."""
        return k if self.kind_sel == "all" else k // 2 + 1

    def keep(
        self, rows: np.ndarray, n_neighbors: int | None = None, among: np.ndarray | None = None
    ) -> np.ndarray:
        """Return a mask over ``rows``: those that agree with their ``n_neighbors`` nearest others.

        ``among`` are the rows that are left, by default all, in the order in which a search would
        see them; what has been left out once must stay out.
        """
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        if among is None:
            among = np.arange(len(self.codes))
        self._gone[:] = True
        self._gone[among] = False
        verdict = self._remembered(rows, k)
        unknown = rows[verdict < 0]
        if len(unknown):
            self._search(self._certify(unknown, among), among)
            verdict[verdict < 0] = self._remembered(unknown, k)
        return verdict == 1

    def _remembered(self, rows: np.ndarray, k: int) -> np.ndarray:
        """Return 1 and 0 for what is known to hold or fail, -1 for what must be looked at."""
        verdict = np.full(len(rows), -1)
        witness = self._witness[rows]
        alive = (witness >= 0) & ~self._gone[witness]
        verdict[alive.sum(axis=1) >= self._need(k)] = 1
        left = np.flatnonzero(verdict < 0)
        lists = self._lists[rows[left]]
        alive = (lists >= 0) & ~self._gone[lists]
        enough = (alive.sum(axis=1) >= k) & ~self._gone[self._first[rows[left]]]
        left, lists, alive = left[enough], lists[enough], alive[enough]
        if len(left):
            first = np.argsort(~alive, axis=1, kind="stable")[:, :k]
            labels = self.codes[np.take_along_axis(lists, first, axis=1)]
            verdict[left] = agrees(labels, self.codes[rows[left]], self.kind_sel)
        return verdict

    def _search(self, rows: np.ndarray, among: np.ndarray) -> None:
        if not len(rows):
            return
        k = min(self.n_neighbors + 1, len(among))
        if len(among) == len(self.codes) and (among[:-1] < among[1:]).all():
            found = self.exact.kneighbors_of(rows, k, labels=self.codes)
        else:
            index = np.empty(len(self.codes), int)
            index[among] = np.arange(len(among))
            part = ExactNeighbors(self.exact.X[among], n_jobs=self.n_jobs)
            found = among[part.kneighbors_of(index[rows], k, labels=self.codes[among])]
        self._first[rows] = found[:, 0]
        self._lists[rows, : k - 1] = found[:, 1:]

    def _certify(self, rows: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Find witnesses for what can be certified and return the rows that remain."""
        exact, new = self.exact, rows[np.isnan(self._radius[rows])]
        small = len(rows) * len(among) < _WORTH
        if exact.plain or small or self._search_is_cheaper(rows, new, among):
            return rows
        self._bound(new, among)
        for code in np.unique(self.codes[rows]):
            own = rows[self.codes[rows] == code]
            cols, need = among[self.codes[among] == code], self._witness.shape[1]
            self._witness[own] = certify(exact.screen, own, cols, self._radius[own], need)
        return rows[self._witness[rows, -1] < 0]

    def _search_is_cheaper(self, rows: np.ndarray, new: np.ndarray, among: np.ndarray) -> bool:
        """Predict whether a search finds all neighbours with less work than certificates take."""
        (n, d), exact = (len(among), self.exact.X.shape[1]), self.exact
        present = np.bincount(self.codes[among])
        asked = np.bincount(self.codes[new], minlength=len(present))
        both = np.where(asked == present, asked, 0)  # pairs of classes that are asked as wholes
        pairs = asked @ (n - present) - both @ (both.sum() - both) / 2
        tree = tree_cost(exact.boxes(exact.X[rows], self.n_neighbors + 1, own=True), d)
        screen = pairs_cost(n, d, self.n_neighbors)
        certificates = minima_cost(pairs, d) + len(rows) * (
            _CERTIFICATE + _UNCERTAIN * min(tree, screen)
        )
        return min(build_cost(n, d) + len(rows) * tree, _SURE * len(rows) * screen) < certificates

    def _bound(self, rows: np.ndarray, among: np.ndarray) -> None:
        """Give rows their r; one pass serves both of two classes that are asked as wholes."""
        by_class = {c: among[self.codes[among] == c] for c in np.unique(self.codes[among])}
        asked = {c: rows[self.codes[rows] == c] for c in by_class}
        whole = {c for c in by_class if len(asked[c]) == len(by_class[c])}
        self._radius[rows] = np.inf
        for c, own in asked.items():
            for o, others in by_class.items():
                mutual = {c, o} <= whole
                if o == c or not len(own) or (mutual and o < c):
                    continue
                low, across = self.exact.screen.lower_minima(own, others, both=mutual)
                self._radius[own] = np.minimum(self._radius[own], low)
                if mutual:
                    self._radius[others] = np.minimum(self._radius[others], across)


def certify(
    screen: Screen, rows: np.ndarray, cols: np.ndarray, radius: np.ndarray, need: int
) -> np.ndarray:
    """Return ``need`` columns that are surely nearer than the squared radius, or a row of -1.

    Columns are cut into leaves that lie together. Groups of rows look into the leaves around them,
    nearest first, until a row has enough or a share of all leaves has been seen: -1 means "not
    found", not "not there". A row is not its own witness. O(256 d) for a row certified in its own
    leaf, O(0.15 m d) at most for m columns.
    """
    witness = np.full((len(rows), need), -1)
    if len(cols) < need:
        return witness
    tree = cKDTree(screen.Z[cols], leafsize=_LEAF // 2, compact_nodes=False)
    cols = cols[np.asarray(tree.indices)]
    n_leaves = max(1, len(cols) // _LEAF)
    edges = np.linspace(0, len(cols), n_leaves + 1).astype(int)
    centres = np.add.reduceat(screen.Z[cols], edges[:-1], axis=0)
    centres /= np.diff(edges)[:, None].astype(screen.dtype)
    right, limits = screen.right(cols, 1), screen.round_down(radius)
    budget = min(max(16, int(_SHARE * n_leaves)), n_leaves)
    wider = [step for step in (1, 4, *range(10, budget, 10)) if step < budget]
    rank = np.zeros(len(screen.Z), int)
    rank[cols] = np.arange(len(cols))

    def task(start: int, along: np.ndarray, steps: list[int]) -> None:
        group = along[start : start + _QUERIES]
        own, found = rows[group], np.zeros(len(group), int)
        left, limit = screen.left(own, 1), limits[group]
        away = ((centres - screen.Z[own].mean(axis=0)) ** 2).sum(axis=1)
        turn = np.argsort(away, kind="stable")
        active = np.arange(len(group))
        for first, last in pairwise(steps):
            leaves = turn[first:last]
            there = np.concatenate([np.arange(edges[i], edges[i + 1]) for i in leaves])
            values = left[active] @ right[there].T
            lines = np.arange(len(active))
            for _ in range(need + 1):  # one more, as the row may meet itself
                best = values.argmin(axis=1)
                near = values[lines, best] < limit[active]
                if not near.any():
                    break
                values[lines, best] = np.inf
                j = cols[there[best]]
                near &= (j != own[active]) & (found[active] < need)
                witness[group[active[near]], found[active[near]]] = j[near]
                found[active[near]] += 1
            active = active[found[active] < need]
            if not len(active):
                break
        witness[group[active]] = -1

    # Most rows are certified in their own leaf; the others are then grouped again.
    for steps in ([0, 1], [*wider, budget]):
        open_ = np.flatnonzero(witness[:, -1] < 0)
        along = open_[np.argsort(rank[rows[open_]])]
        part = partial(task, along=along, steps=steps)
        parallel_map(part, range(0, len(along), _QUERIES), screen.n_jobs)
    return witness


def agrees(labels: np.ndarray, own: np.ndarray, kind_sel: str) -> np.ndarray:
    """Say which rows of labels are all, or mostly ("mode"), of the row's own class."""
    if kind_sel == "all":
        return (labels == own[:, None]).all(axis=1)
    return vote(labels, int(max(labels.max(), own.max())) + 1) == own


def vote(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the most frequent code of each row of labels; of several, the smallest."""
    counts = np.zeros((len(labels), n_classes), int)
    np.add.at(counts, (np.arange(len(labels))[:, None], labels), 1)
    return counts.argmax(axis=1)
