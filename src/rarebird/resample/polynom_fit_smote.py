"""Polynomial-fit SMOTE: new rows on a figure drawn through the rows of a class."""

from typing import Annotated, Any

import numpy as np
from numpy.polynomial import legendre

from rarebird._params import Rule
from rarebird.registry import register
from rarebird.tables.sources import Explicit, Interpolated

from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler


def spread(rng: Any, n_links: int, n_new: int) -> tuple[np.ndarray, np.ndarray]:
    """Spread new rows over links: a link that gets m has them at l / (m + 1), l = 1 .. m.

    Every link gets n_new / n_links rows, rounded down or up; ``rng`` says which get one more.

    Examples
    --------
    >>> links, steps = spread(np.random.default_rng(0), 2, 4)
    >>> links.tolist(), steps.round(2).tolist()
    ([0, 0, 1, 1], [0.33, 0.67, 0.33, 0.67])
    """
    each, left = divmod(n_new, n_links)
    extra = np.sort(rng.choice(n_links, left, replace=False, shuffle=False))
    if each == 0:  # of a mesh's many links only those that are used are ever made
        return extra, np.full(left, 0.5)
    sizes = np.full(n_links, each)
    sizes[extra] += 1
    links = np.repeat(np.arange(n_links), sizes)
    before = np.repeat(np.cumsum(sizes) - sizes, sizes)
    return links, (np.arange(n_new) - before + 1) / (sizes[links] + 1)


def pairs_of(links: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return i < j of the links of a mesh, numbered j (j - 1) / 2 + i.

    Examples
    --------
    >>> [part.tolist() for part in pairs_of(np.arange(6))]
    [[0, 0, 1, 0, 1, 2], [1, 2, 2, 3, 3, 3]]
    """
    j = ((1 + np.sqrt(1 + 8.0 * links)) / 2).astype(np.int64)
    j -= j * (j - 1) // 2 > links  # the root of a large number is rounded
    j += j * (j + 1) // 2 <= links
    return links - j * (j - 1) // 2, j


def polynomial_curve(X: np.ndarray, degree: int, t: np.ndarray) -> np.ndarray:
    """Return the points p(t) of the curve fitted to X: p_c = argmin sum_i (p_c(i) - X_ic)^2.

    Row i of X (n, d) is at i on the curve; ``t`` (m,) is from 0 to n - 1.

    Examples
    --------
    >>> polynomial_curve(np.array([[0.0], [1.0], [4.0]]), 2, np.array([1.5])).round(6).tolist()
    [[2.25]]
    """
    width = (len(X) - 1) / 2
    basis = legendre.legvander(np.arange(len(X)) / width - 1, degree)
    coefficients = np.linalg.lstsq(basis, X.astype(float), rcond=None)[0]
    return legendre.legvander(t / width - 1, degree) @ coefficients


class _Topology(Rule):
    """One of star, bus, mesh and poly_<degree>."""

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        if not isinstance(value, str):
            return False
        head, _, degree = value.partition("_")
        return value in ("star", "bus", "mesh") or (
            head == "poly" and degree.isdecimal() and int(degree) >= 1
        )

    def __str__(self) -> str:
        return "'star', 'bus', 'mesh' or 'poly_<degree>' with a degree >= 1, such as 'poly_2'"


@register(
    name="polynom-fit-smote",
    **FOR_CLASSES,
    summary="New rare rows on a star, a bus, a mesh or a polynomial curve through the rare rows.",
    evidence="closed form (numpy.polyfit); slow reference; smote-variants 1.0.1: the same rows "
    "of star and bus where the count divides (benchmarks/beside_smote_variants.py)",
    rare_cases="a class of one row, or with no more rows than the curve's degree, is refused",
    example={"random_state": 0},
    papers=("Gazzah2008",),
)
class PolynomFitSMOTE(OverSampler):
    """Over-samples on a figure drawn through the rows of a class.

    x_new = a + l / (m + 1) (b - a), l = 1 .. m, on every link (a, b) of the figure: from each row
    to the class's mean (star), from each row to the next (bus), between all pairs (mesh); or
    x_new = p(t), t ~ U(0, n - 1), p a polynomial in each column (poly_<degree>; Gazzah and
    Essoukri Ben Amara, 2008).

    Parameters
    ----------
    random_state : int, RandomState or None, default=None
        Seed of which links get one row more than others, and of t.
    topology : str, default="star"
        ``"star"``, ``"bus"``, ``"mesh"`` or ``"poly_2"`` and so on (smote-variants' default).

    Raises
    ------
    DataError
        If a targeted class has one row, or no more rows than the degree; if X is sparse.

    Notes
    -----
    O(n_new d) time, and O(n_c (d + degree) degree) for a curve. A bus links rows in the order
    of the table; a curve takes them in the order of their means over the columns, as
    smote-variants does. All columns of a new row are at the same t, so that it lies on the curve
    (smote-variants draws a t for each column, up to one step beyond the last row).

    References
    ----------
    .. [Gazzah2008] Gazzah, S.; Essoukri Ben Amara, N. New oversampling approaches based on
       polynomial fitting for imbalanced data sets. IAPR International Workshop on Document Analysis
       Systems, 2008.

    Examples
    --------
    >>> X, y = np.arange(10.0)[:, None], np.array(["no"] * 6 + ["yes"] * 4)
    >>> sampler = PolynomFitSMOTE(sampling_strategy={"yes": 8}, random_state=0)
    >>> sampler.fit_resample(X, y)[0][10:].ravel().tolist()
    [6.75, 7.25, 7.75, 8.25]
    """

    sparse_too = False
    topology: Annotated[str, _Topology()] = "star"

    def _grow(self, data: Checked, code: int, n_new: int) -> Explicit | Interpolated:
        members, rng = data.rows_of(code), data.start()
        degree = int(self.topology[5:]) if self.topology.startswith("poly") else 1
        if len(members) <= degree:
            lower = "a lower degree, or " if len(members) > 1 else ""
            raise self._refusal(
                data,
                code,
                f"is too small: topology={self.topology!r} needs at least {degree + 1} rows. Use "
                f"{lower}RandomOverSampler, which needs one.",
            )
        n, X = len(members), data.X[members]
        if self.topology.startswith("poly"):
            order = np.argsort(X.mean(axis=1, dtype=float), kind="stable")
            t = rng.uniform(0, n - 1, n_new)
            rows = polynomial_curve(X[order], degree, t)
            return Explicit(rows, members[order[np.rint(t).astype(int)]][:, None])
        if self.topology == "star":
            base, steps = spread(rng, n, n_new)
            rows = X[base] + steps[:, None] * (X.mean(axis=0, dtype=float) - X[base])
            return Explicit(rows, members[base][:, None])
        n_links = n - 1 if self.topology == "bus" else n * (n - 1) // 2
        links, steps = spread(rng, n_links, n_new)
        base, other = (links, links + 1) if self.topology == "bus" else pairs_of(links)
        return Interpolated(members[base], members[other], steps)
