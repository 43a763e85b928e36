"""The random forest of a study: an ensemble that changes no class shares."""

from typing import Annotated

from rarebird._params import Int, OneOf
from rarebird.registry import StudyUse, register
from rarebird.resample.parameters import Positive

from .base import Parts
from .draws.natural import Natural
from .training import FOR_CLASSES
from .tree_ensemble import TreeEnsemble


@register(
    name="forest",
    role="learner",
    **{**FOR_CLASSES, "place": "around"},
    summary="Random forest on at most 20,000 rows a tree; class shares as they are.",
    evidence="scikit-learn 1.9: the ranking quality of its forest over seeds",
    rare_cases="an absent class is left out; a single class gives a constant",
    example={"n_estimators": 3, "random_state": 0},
    papers=("Breiman2001",),
    study=StudyUse(
        after="lightgbm",
        effort=None,
        strengths=(
            {"n_estimators": 100},
            {"n_estimators": 100, "min_samples_leaf": 1, "max_features": 0.5},
        ),
    ),
)
class Forest(TreeEnsemble):
    """Average trees, each grown on a bootstrap of the rows as they are, of bounded size.

    Parameters
    ----------
    max_rows : int or None, default=20000
        Rows drawn for a tree, at most: large tables then make no larger models.

    Notes
    -----
    O(n_estimators m d' log^2 m) for m drawn rows and d' columns tried at a split.

    References
    ----------
    .. [Breiman2001] Breiman, L. Random Forests. Machine Learning 45:5-32, 2001.

    Examples
    --------
    >>> X, y = [[float(i)] for i in range(20)], [0] * 10 + [1] * 10
    >>> Forest(n_estimators=5, random_state=0).fit(X, y).predict([[2.0]]).tolist()
    [0]
    """

    min_samples_leaf: Positive = 3
    max_rows: Annotated[int | None, OneOf(None, Int(min=1))] = 20_000

    def _parts(self) -> Parts:
        draw = Natural(fraction=1.0, replacement=True, max_rows=self.max_rows)
        return Parts(self._tree(), draw)
