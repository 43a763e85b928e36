"""Extremely randomised trees: cuts at random, on all rows."""

from typing import Annotated, Any

from rarebird._params import Int, OneOf
from rarebird.registry import StudyUse, register
from rarebird.resample.parameters import Positive

from .base import Parts
from .draws.natural import Natural
from .training import FOR_CLASSES
from .tree_ensemble import TreeEnsemble


@register(
    name="extra-trees",
    role="learner",
    **{**FOR_CLASSES, "place": "around"},
    summary="Trees with random cuts on at most 20,000 rows a tree; class shares as they are.",
    evidence="scikit-learn 1.9: the ranking quality of its extra trees over seeds",
    rare_cases="an absent class is left out; a single class gives a constant",
    example={"n_estimators": 3, "random_state": 0},
    papers=("Geurts2006",),
    study=StudyUse(
        after="forest",
        effort=None,
        strengths=({"n_estimators": 100}, {"n_estimators": 100, "max_features": 0.3}),
    ),
)
class ExtraTrees(TreeEnsemble):
    """Average trees that cut each column tried at random and take the best of these cuts.

    Parameters
    ----------
    max_features : object, default=1.0
        Columns tried at a split, as in scikit-learn; here all, as one cut each is cheap.
    max_rows : int or None, default=20000
        Rows drawn for a tree without replacement, at most: large tables then make no larger models.

    Notes
    -----
    O(n_estimators m d' log m) for m drawn rows and d' columns tried at a split.

    References
    ----------
    .. [Geurts2006] Geurts, P.; Ernst, D.; Wehenkel, L. Extremely Randomized Trees. Machine Learning
       63:3-42, 2006.

    Examples
    --------
    >>> X, y = [[float(i)] for i in range(20)], [0] * 10 + [1] * 10
    >>> ExtraTrees(n_estimators=5, random_state=0).fit(X, y).predict([[2.0]]).tolist()
    [0]
    """

    min_samples_leaf: Positive = 3
    max_features: Any = 1.0
    max_rows: Annotated[int | None, OneOf(None, Int(min=1))] = 20_000

    def _parts(self) -> Parts:
        draw = Natural(fraction=1.0, replacement=False, max_rows=self.max_rows)
        return Parts(self._tree().set_params(splitter="random"), draw)
