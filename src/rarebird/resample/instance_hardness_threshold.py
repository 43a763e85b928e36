"""Instance hardness threshold: the common rows that a classifier finds easy."""

import warnings
from typing import Annotated, Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from rarebird._errors import DataError, ParameterError
from rarebird._params import Instance, Int, OneOf
from rarebird.registry import register

from .checked import FOR_CLASSES, Checked
from .parameters import Jobs
from .searches import is_number
from .under_sampler import UnderSampler

LearnerRule = OneOf(
    None, Instance("a classifier with predict_proba", methods=("fit", "predict_proba"))
)
FoldsRule = OneOf(Int(min=2), Instance("a splitter", methods=("split", "get_n_splits")))


def easiest(easiness: np.ndarray, n_keep: int) -> np.ndarray:
    """Return the positions with an easiness of at least its (1 - n_keep / n)-quantile, in order.

    ``easiness`` (n,) is the probability of each row's own label. Rows level with the quantile are
    all kept, so there may be more than ``n_keep``.

    Examples
    --------
    >>> easiest(np.array([0.9, 0.1, 0.5, 0.7]), 2).tolist()
    [0, 3]
    >>> easiest(np.array([0.5, 0.1, 0.5, 0.5]), 2).tolist()
    [0, 2, 3]
    """
    if n_keep == 0:
        return np.arange(0)
    share = (1.0 - n_keep / len(easiness)) * 100.0  # their order of operations
    return np.flatnonzero(easiness >= np.percentile(easiness, share))


@register(
    name="instance-hardness-threshold",
    **FOR_CLASSES,
    summary="Common rows that a cross-validated classifier takes for another class are dropped.",
    evidence="imbalanced-learn 0.14.2: identical rows, on labels 0 .. C-1",
    rare_cases="a class of one row counts as never recognised; fewer than cv rows is refused",
    example={"estimator": DecisionTreeClassifier(max_depth=3), "random_state": 0},
    papers=("Smith2014",),
)
class InstanceHardnessThreshold(UnderSampler):
    """Under-samples by dropping the rows whose own label is the least probable.

    The hardness of a row is 1 - p(y_i | x_i), p from a model that did not see the row (Smith et
    al., 2014). Of each targeted class the rows at or above the quantile of p that leaves the
    wanted number are kept; rows level with it are all kept, so there may be more.

    Parameters
    ----------
    estimator : classifier or None, default=None
        Gives ``predict_proba``; ``None`` is a random forest of 100 trees, as in imbalanced-learn.
        A faster learner is one argument away, with other rows: ``LogisticRegression()``,
        ``HistGradientBoostingClassifier()`` or ``RandomForestClassifier(20, max_depth=8)``.
    random_state : int, Generator, RandomState or None, default=None
        Seed of the folds and of the learner; an integer gives the rows that imbalanced-learn
        gives.
    cv : int or splitter, default=5
        Folds, shuffled and stratified.
    n_jobs : int or None, default=None
        Processes for the folds, and threads of the default forest.

    Raises
    ------
    ParameterError
        If ``estimator`` is no classifier with ``predict_proba``.
    DataError
        If every class has fewer rows than folds.

    Notes
    -----
    The time is that of ``cv`` fits of the learner. What is left is easier than what will come, so
    a model's probabilities on it are too extreme: recalibrate them on rows that were not resampled.

    References
    ----------
    .. [Smith2014] Smith, Michael R.; Martinez, Tony; Giraud-Carrier, Christophe. An instance level
       analysis of data complexity. Machine Learning 95, 2014.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = np.array([[0.0], [1], [2], [3], [4], [5], [6], [7]]), np.array([0] * 5 + [1] * 3)
    >>> sampler = InstanceHardnessThreshold(estimator=GaussianNB(), cv=3, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sampler.sample_indices_.tolist()
    [0, 1, 2, 5, 6, 7]
    """

    missing_too = True
    legacy_rng = True
    estimator: Annotated[Any, LearnerRule] = None
    random_state: Any = None
    cv: Annotated[Any, FoldsRule] = 5
    n_jobs: Jobs = None

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray:
        easiness = data.once("easiness", lambda: self._easiness(data))
        members = data.rows_of(code)
        return members[easiest(easiness[members], n_keep)]

    def _easiness(self, data: Checked) -> np.ndarray:
        """Return each row's probability of its own label, from models that did not see it."""
        learner = self.estimator_ = self._learner(data)
        folds = self.cv
        if is_number(folds):
            if data.counts.max() < folds:
                names = ", ".join(data.name(code) for code in range(len(data.classes)))
                raise DataError(
                    f"InstanceHardnessThreshold: cv={folds} needs a class of at least {folds} rows "
                    f"(n_splits={folds} cannot be greater than the number of members in each "
                    f"class); there are {names}. Use cv<={data.counts.max()}, or "
                    "RandomUnderSampler."
                )
            folds = StratifiedKFold(n_splits=int(folds), shuffle=True, random_state=data.rng)
        with warnings.catch_warnings():
            # A fold without a tiny class is foreseen: the class has probability 0 there.
            warnings.filterwarnings("ignore", message="The least populated class")
            warnings.filterwarnings("ignore", message="Number of classes in training fold")
            proba = cross_val_predict(
                learner, data.X, data.codes, cv=folds, n_jobs=self.n_jobs, method="predict_proba"
            )
        return proba[np.arange(len(data.codes)), data.codes]

    def _learner(self, data: Checked) -> Any:
        if self.estimator is None:
            return RandomForestClassifier(
                n_estimators=100, random_state=data.start(), n_jobs=self.n_jobs
            )
        if not is_classifier(self.estimator):
            raise ParameterError(
                f"InstanceHardnessThreshold: estimator={self.estimator!r} is not allowed; it must "
                "be a classifier with predict_proba."
            )
        learner = clone(self.estimator)
        seeds = {  # drawn before the folds are, in the order of the names
            name: data.rng.randint(np.iinfo(np.int32).max)
            for name in sorted(learner.get_params())
            if name == "random_state" or name.endswith("__random_state")
        }
        return learner.set_params(**seeds)
