"""A classifier that learns from resampled rows and gives probabilities for real ones."""

import inspect
from typing import Any, ClassVar

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from rarebird._errors import DataError, ParameterTypeError, format_label
from rarebird._params import Instance, OneOf, Rule, check_params
from rarebird._random import RandomState, as_rng, reseed, seed_of
from rarebird._typing import LabelsLike, TableLike
from rarebird.decide.bias_corrected_temperature import BiasCorrectedTemperature
from rarebird.decide.cross_fitting import fit_learner, held_out_scores
from rarebird.decide.folds import FoldsRule
from rarebird.decide.identity import Identity
from rarebird.decide.prior import prior_correctable
from rarebird.decide.probability_model import WrappedModel
from rarebird.registry import register

_WHO = "ResampledClassifier"


def _example() -> dict[str, Any]:
    from sklearn.tree import DecisionTreeClassifier

    from .random_over_sampler import RandomOverSampler

    estimator = DecisionTreeClassifier(max_depth=3, random_state=0)
    return {"resampler": RandomOverSampler(random_state=0), "estimator": estimator, "cv": 3}


@register(
    name="resampled",
    role="estimator",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Any classifier behind any resampler, with probabilities for the true class shares.",
    evidence="scikit-learn 1.9: check_estimator, cross_val_predict with the same folds; mean "
    "probability against the true rate for five resamplers",
    rare_cases="one class alone is refused, and a class too small for the resampler or, where the "
    "probabilities are recalibrated, with a single row",
    example=_example,
)
class ResampledClassifier(WrappedModel, BaseEstimator):
    """Fit a classifier on resampled rows, and give probabilities for rows as they are.

    Resampling shifts the probabilities. Where it keeps p(x | class) (its card says
    ``keeps_conditional``: random over- and under-sampling) they are set right in closed form,

        p'(c | x) proportional to p(c | x) pi_c / pi_c(resampled),

    else (SMOTE, cleaning, NearMiss, resamplers without a card, pipelines of several) by a
    calibrator fitted on real rows that neither resampler nor classifier has seen: cross-fitting,
    with the resampling inside of each training fold.

    Parameters
    ----------
    resampler : object with ``fit_resample``
        Of rarebird, imbalanced-learn or elsewhere; cloned.
    estimator : classifier with ``predict_proba``
        Cloned.
    correct_prior : bool, default=True
        ``False`` leaves the classifier's own probabilities, unless a calibrator is given.
    cv : int, splitter or iterable of (train, test), default=5
        Folds of the cross-fitting.
    random_state : int, Generator, RandomState or None, default=None
        Seed of the folds, and of every ``random_state`` of the parts that is None; ``None`` leaves
        the parts as they are and takes the folds of seed 0.
    calibrator : Calibrator, optional
        Cloned, and fitted after any correction in closed form; `BiasCorrectedTemperature` unless
        given where there is none. `Identity` leaves the probabilities to what stands around the
        model, such as a `DecidedClassifier` that calibrates.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    estimator_ : classifier
        Fitted on all rows, resampled.
    calibrator_ : Calibrator
        Fitted on held-out rows; `Identity` where no calibration is needed.
    resampled_prior_ : ndarray of shape (n_classes,)
        Weighted class shares after the resampling.
    training_prior_, prior_ : ndarray of shape (n_classes,)
        Weighted class shares before it, and those that probabilities refer to: see `set_prior`.
        ``prior_`` is None where the probabilities are left as they are.

    Raises
    ------
    DataError
        If there is one class only, the resampler refuses the rows, changes none of unequal classes
        or takes a whole class away, or a class is too small to be held out.
    ParameterTypeError
        If weights are given to parts that take none, or the classifier has no ``predict_proba``.

    Notes
    -----
    One fit, or cv + 1 where it calibrates. ``predict`` takes the most probable class, and the
    probabilities are those of an untreated model's kind: that rare cases are seldom predicted is
    no fault. Where errors have different costs, put a decision of `rarebird.decide` behind it.
    Neither the resampled rows nor a fitted resampler are kept. The calibrator's folds learn from
    (cv - 1) / cv of the rows; where a resampler keeps the more extreme rows the more there are,
    more folds are truer (InstanceHardnessThreshold, 12,000 rows: mean probability off by 10% with
    5 folds, by 4% with 10; edited neighbours, NearMiss and SMOTE by less than 1% with 5).

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from rarebird.resample import RandomOverSampler
    >>> X, y = np.arange(20.0)[:, None] % 10, np.arange(20) % 10 // 8
    >>> model = ResampledClassifier(RandomOverSampler(random_state=0), LogisticRegression(C=0.01))
    >>> float(model.fit(X, y).resampled_prior_[1]), float(model.prior_[1])
    (0.5, 0.2)
    >>> bool(model.predict_proba(X)[:, 1].mean() < 0.3)
    True
    """

    rules: ClassVar[dict[str, Rule]] = {
        "resampler": Instance("a resampler with fit_resample", methods=("fit_resample",)),
        "estimator": Instance("a classifier", methods=("fit",)),
        "correct_prior": OneOf(True, False),
        "cv": FoldsRule,
        "calibrator": OneOf(None, Instance("a Calibrator", methods=("fit", "transform"))),
    }

    def __init__(
        self,
        resampler: Any,
        estimator: Any,
        *,
        correct_prior: bool = True,
        cv: Any = 5,
        random_state: RandomState = None,
        calibrator: Any = None,
    ):
        self.resampler = resampler
        self.estimator = estimator
        self.correct_prior = correct_prior
        self.cv = cv
        self.random_state = random_state
        self.calibrator = calibrator

    def fit(self, X: TableLike, y: LabelsLike, sample_weight: Any = None) -> "ResampledClassifier":
        """Fit on rows (n, d) and labels (n,); weights (n,) pass the resampler with the rows.

        A row of weight 0 counts as absent.
        """
        check_params(_WHO, self.rules, self.get_params(deep=False))
        weighted = sample_weight is not None and not get_config()["enable_metadata_routing"]
        self._check_estimator(
            self.estimator, weighted, ", or enable scikit-learn's metadata routing"
        )
        y, codes, weight = self._begin(X, y, sample_weight)
        X, y, codes, weight, cv = self._without_weightless(X, y, codes, weight, self.cv)
        seed = None
        if self.random_state is not None:
            seed = int(as_rng(self.random_state).integers(2**31 - 1))
        self._fit_resampled(X, y, codes, weight, seed)
        closed = self.correct_prior and prior_correctable(self.resampler)
        if closed:
            self.fitted_prior_ = self.resampled_prior_
        calibrator = self.calibrator
        if calibrator is None:
            needed = self.correct_prior and not closed
            calibrator = BiasCorrectedTemperature() if needed else Identity()
        if not isinstance(calibrator, Identity):
            inner = None if seed is None else seed_of(seed, "folds")
            part = clone(self).set_params(calibrator=Identity(), random_state=inner)
            name = type(self.resampler).__name__
            held = held_out_scores(part, X, y, codes, weight, cv, seed or 0, cause=name)
            self.calibrator_ = clone(calibrator).fit(held.proba, held.y, held.weight)
        elif not closed:
            self.prior_ = None
        return self

    def _fit_resampled(
        self,
        X: TableLike,
        y: np.ndarray,
        codes: np.ndarray,
        weight: np.ndarray | None,
        seed: int | None,
    ) -> None:
        """Fit the classifier on these rows, resampled, and say which class shares it saw."""
        resampler = _seeded(self.resampler, seed)
        X_new, y_new, new_weight = _resampled(resampler, X, y, weight)
        counts = np.bincount(codes)
        _check_applied(resampler, self.classes_, counts, y_new)
        names = [] if weight is None else ["sample_weight"]
        if get_config()["enable_metadata_routing"]:
            names = list(process_routing(self, "fit", sample_weight=weight).estimator.fit)
        more = dict.fromkeys(names, new_weight)
        learner = _seeded(self.estimator, seed)
        self.estimator_ = fit_learner(_WHO, learner, X_new, y_new, **more)
        mass = np.bincount(
            np.searchsorted(self.classes_, y_new), new_weight if names else None, len(counts)
        )
        self.resampled_prior_ = mass / mass.sum()

    def get_metadata_routing(self) -> MetadataRouter:
        """Return who takes sample_weight: the class itself, and the estimator where it asks."""
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(
                estimator=self.estimator,
                method_mapping=MethodMapping().add(caller="fit", callee="fit"),
            )
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        if hasattr(self.resampler, "__sklearn_tags__"):
            other = get_tags(self.resampler).input_tags
            tags.input_tags.sparse &= other.sparse
            tags.input_tags.allow_nan &= other.allow_nan
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state["resampler"] = clone(self.resampler, safe=False)  # it may hold a plan or trees
        return state


def _check_applied(
    resampler: Any, classes: np.ndarray, counts: np.ndarray, y_new: np.ndarray
) -> None:
    """Refuse a resampling that loses or invents a class, or changes nothing though it should.

    What says that it grows or cuts classes and leaves unequal ones as they are was not applied;
    cleaning may find nothing to clean.
    """
    name = type(getattr(resampler, "resampler", resampler)).__name__  # not a wrapper's
    left = dict(zip(*np.unique(y_new, return_counts=True), strict=True))
    rows = {label: int(n) for label, n in zip(classes, counts, strict=True)}
    for label in dict.fromkeys([*rows, *left]):
        if (label in rows) != (label in left):
            raise DataError(
                f"{_WHO}: {name} left {left.get(label, 0)} of the {rows.get(label, 0)} rows of "
                f"class {format_label(label)}; a class may neither vanish nor appear. Set its "
                "sampling_strategy, or take another resampler."
            )
    does = resampler.sampling_type if hasattr(resampler, "card") else ""
    if does not in ("over", "under") or counts.min() == counts.max():
        return
    index, new = resampler.sample_indices_, resampler.is_synthetic_
    same = not new.any() and len(np.unique(index)) == len(index)
    if same and (does == "over" or len(index) == counts.sum()):
        code = int(counts.argmin())
        what = "made no new row" if does == "over" else "took no row away"
        raise DataError(
            f"{_WHO}: {name} could not be applied: it {what}, and class "
            f"{format_label(classes[code])} has {counts[code]} of {counts.sum()} rows. Set its "
            "sampling_strategy, or take another resampler."
        )


def _resampled(
    resampler: Any, X: TableLike, y: np.ndarray, weight: np.ndarray | None
) -> tuple[Any, np.ndarray, np.ndarray | None]:
    """Return the resampled rows and labels, and the weights that belong to them.

    Raises
    ------
    ParameterTypeError
        If there are weights, and the resampler neither takes aligned arrays nor says by
        ``sample_indices_`` which row each comes from.
    """
    takes = inspect.signature(resampler.fit_resample).parameters.values()
    if weight is not None and any(p.name == "aligned" and p.kind == p.VAR_KEYWORD for p in takes):
        X_new, y_new, new_weight = resampler.fit_resample(X, y, sample_weight=weight)
        return X_new, np.asarray(y_new), new_weight
    X_new, y_new = resampler.fit_resample(X, y)[:2]
    y_new = np.asarray(y_new)
    if weight is None:
        return X_new, y_new, None
    index = getattr(resampler, "sample_indices_", None)
    if index is None or len(index) != len(y_new):
        raise ParameterTypeError(
            f"{_WHO}: {type(resampler).__name__} does not say which row each new one comes from, "
            "so sample_weight cannot follow. Take a resampler of rarebird.resample, or no weights."
        )
    return X_new, y_new, weight[index]


def _seeded(part: Any, seed: int | None) -> Any:
    """Return a clone in which every random_state that is None has a seed of its own."""
    part = clone(part)
    return part if seed is None else reseed(part, seed, open_only=True)
