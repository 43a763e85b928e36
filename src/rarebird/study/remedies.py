"""The candidates of a study: cards with the role ``remedy``, doing nothing first.

A remedy is a name for "build me an estimator": which learner, at which strength. Every candidate
of a study may choose from as many settings; one without so many dials from fewer, and doing
nothing never from fewer than a remedy.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rarebird.ensemble import (
    BalancedRandomForestClassifier,
    Natural,
    ResampledEnsemble,
    UnderBaggingClassifier,
)
from rarebird.registry import register
from rarebird.weight import ClassWeightedClassifier

from .learners import BoostedTrees, Forest, Logistic
from .resampled import ResampledLearner

EFFORT = {"quick": 3, "full": 6}  # settings a candidate may choose from
_MEMBERS, _MEMBER_TREES = 10, 40
_TREES = 60  # of either forest

# the settings of each untreated learner, best guess first
LEARNERS: dict[str, tuple[type, tuple[dict[str, Any], ...]]] = {
    "lightgbm": (
        BoostedTrees,
        (
            {"n_estimators": 100},
            {"num_leaves": 31, "learning_rate": 0.05, "n_estimators": 200},
        ),
    ),
    "logistic": (Logistic, ({}, {"C": 0.05})),
    "forest": (Forest, ({"n_estimators": _TREES}, {"n_estimators": _TREES, "min_samples_leaf": 1})),
}


@dataclass(frozen=True)
class Setting:
    """One thing a candidate may be: a learner, its settings and the remedy's strength."""

    learner: str
    params: dict[str, Any] = field(default_factory=dict)
    strength: float | None = None

    def __str__(self) -> str:
        usual = LEARNERS[self.learner][1][0] if self.learner in LEARNERS else {}
        shown = [f"{k}={v}" for k, v in self.params.items() if usual.get(k) != v]
        if self.strength is not None:
            shown.append(f"strength={self.strength:g}")
        return self.learner + (f" ({', '.join(shown)})" if shown else "")


@dataclass(frozen=True)
class Remedy:
    """A candidate of the comparison.

    Parameters
    ----------
    name : str
        The card's name.
    title : str
        The name a person reads.
    strengths : tuple of float
        What the remedy itself may be set to; empty for a candidate without a dial.
    wrap : callable
        (estimator, strength, seed) -> estimator.
    learners : tuple of str
        Names in `LEARNERS`; a remedy with a learner of its own names none.
    trees : int, optional
        Boosted trees of a learner, where not the learner's own: a member of a committee is smaller.
    effort : callable, optional
        (strength, share of the rare class) -> its fit in fits of the bare learner, to plan time;
        without it the candidate itself is timed.
    """

    name: str
    title: str
    strengths: tuple[float, ...]
    wrap: Callable[[Any, float | None, int], Any]
    learners: tuple[str, ...] = ("lightgbm", "logistic", "forest")
    trees: int | None = None
    effort: Callable[[float | None, float], float] | None = None

    def settings(self, effort: int) -> list[Setting]:
        """Return ``effort`` settings (fewer where there are no more), best guesses first."""
        if not self.learners:
            return [Setting(self.name, {}, s) for s in self.strengths][:effort]
        names = [name for name in self.learners if name in LEARNERS]
        if not self.strengths:
            pairs = [(name, depth) for depth in (0, 1) for name in names]
            return [Setting(name, LEARNERS[name][1][depth]) for name, depth in pairs][:effort]
        # the dial of the first learner before the last, costly learner
        order = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (2, 1)]
        rows = [
            Setting(names[place], self._params(names[place]), self.strengths[dial])
            for place, dial in order
            if place < len(names)
        ]
        return rows[:effort]

    def _params(self, name: str) -> dict[str, Any]:
        params = LEARNERS[name][1][0]
        return params if self.trees is None or name != "lightgbm" else {"n_estimators": self.trees}

    def build(self, setting: Setting, *, categorical: tuple[int, ...], seed: int, threads: int):
        """Return an unfitted estimator for a setting."""
        base = None
        if self.learners:
            base = LEARNERS[setting.learner][0](**setting.params)
            known = base.get_params()
            given = {"categorical": categorical, "random_state": seed, "n_threads": threads}
            base.set_params(**{k: v for k, v in given.items() if k in known})
        model = self.wrap(base, setting.strength, seed)
        if "categorical" in model.get_params(deep=False):
            model.set_params(categorical=categorical)
        return model


def _remedy(card: dict[str, Any], **fields: Any) -> Remedy:
    return register(role="remedy", name=fields["name"], **card)(Remedy(**fields))


def _thinned(strength: float, rare: float) -> float:
    """Return the part of a fit's cost that thinning to ``strength`` leaves."""
    return min(1.0, 0.2 + (1 + strength) * rare)


def _resampled(method: str) -> Callable[[Any, float | None, int], Any]:
    def wrap(base: Any, strength: float | None, seed: int) -> Any:
        return ResampledLearner(
            base, method=method, strength=1.0 if strength is None else strength, random_state=seed
        )

    return wrap


NOTHING = _remedy(
    {
        "place": "around",
        "summary": "The best untreated learner, tuned like the others; the row to beat.",
        "evidence": "closed form: the identity",
        "rare_cases": "an absent class is left out; a single class gives a constant",
        "prior_correctable": True,
        "takes_missing": True,
    },
    name="nothing",
    title="doing nothing",
    strengths=(),
    wrap=lambda base, strength, seed: base,
    effort=lambda strength, rare: 1.0,
)
CLASS_WEIGHTS = _remedy(
    {
        "place": "weight",
        "summary": "Rare rows count more: w_c = (n / (C n_c))^strength, the prior corrected.",
        "evidence": "scikit-learn 1.9: strength 1 equals class_weight='balanced'",
        "rare_cases": "an absent class is left out; a single class gives a constant",
        "prior_correctable": True,
        "takes_missing": True,
        "rank": 1,
    },
    name="class-weights",
    title="class weights",
    strengths=(1.0, 0.5),
    wrap=lambda base, strength, seed: ClassWeightedClassifier(base, exponent=strength),
    effort=lambda strength, rare: 1.0,
)
RANDOM_UNDER = _remedy(
    {
        "place": "data",
        "summary": "Common rows are thinned at random to strength x the rare ones, once.",
        "evidence": "imbalanced-learn 0.14: its rows, by rarebird.resample; closed form: the prior",
        "rare_cases": "an absent class is left out; one row suffices; refused where there is "
        "nothing to take away",
        "prior_correctable": True,
        "takes_missing": True,
        "rank": 2,
    },
    name="random-under-sampling",
    title="random under-sampling",
    strengths=(1.0, 5.0),
    wrap=_resampled("random-under"),
    effort=lambda strength, rare: _thinned(strength, rare),
)
SMOTE = _remedy(
    {
        "place": "data",
        "summary": "New rare rows between rare neighbours, up to strength x the common ones.",
        "evidence": "imbalanced-learn 0.14: its rows, by rarebird.resample",
        "rare_cases": "a class with one row is left as it is; below k + 1 rows k shrinks; refused "
        "where no class can grow",
        "paper": "smote",
        "takes_missing": True,
        "rank": 3,
    },
    name="smote",
    title="SMOTE",
    strengths=(1.0, 0.3),
    wrap=_resampled("smote"),
)
TOMEK = _remedy(
    {
        "place": "data",
        "summary": "Common rows in a pair of nearest neighbours with a rare row are dropped.",
        "evidence": "imbalanced-learn 0.14: its rows, by rarebird.resample",
        "rare_cases": "one row suffices; refused with a single class, or if a class would vanish",
        "takes_missing": True,
        "rank": 7,
    },
    name="tomek-links",
    title="Tomek links",
    strengths=(),
    wrap=_resampled("tomek-links"),
)
BORDERLINE_SMOTE = _remedy(
    {
        "place": "data",
        "summary": "New rare rows from those among common rows, up to strength x the common ones.",
        "evidence": "imbalanced-learn 0.14: its rows, by rarebird.resample",
        "rare_cases": "a class with one row is left as it is; below k + 1 rows k shrinks; refused "
        "where no class can grow",
        "takes_missing": True,
        "rank": 8,
    },
    name="borderline-smote",
    title="Borderline-SMOTE",
    strengths=(1.0, 0.3),
    wrap=_resampled("borderline-smote"),
)
SMOTE_ENN = _remedy(
    {
        "place": "data",
        "summary": "SMOTE, then rows at odds with their neighbours are dropped.",
        "evidence": "imbalanced-learn 0.14: its rows, by rarebird.resample",
        "rare_cases": "a class with one row is left as it is; refused where no class can grow or "
        "one would vanish",
        "takes_missing": True,
        "rank": 9,
    },
    name="smote-enn",
    title="SMOTE with edited neighbours",
    strengths=(1.0, 0.3),
    wrap=_resampled("smote-enn"),
)
COMMITTEE_CONTROL = _remedy(
    {
        "place": "committee",
        "summary": "A committee on random halves, classes as they are: not the balance.",
        "evidence": "slow reference: members fitted one by one",
        "rare_cases": "an absent class is left out; of every class at least one row is drawn",
        "prior_correctable": True,
        "takes_missing": True,
        "control_for": "under-sampling-committee",
        "rank": 4,
    },
    name="unbalanced-committee",
    title="unbalanced committee (control)",
    strengths=(0.5, 0.3),
    wrap=lambda base, strength, seed: ResampledEnsemble(
        base, draw=Natural(strength), n_estimators=_MEMBERS, random_state=seed
    ),
    effort=lambda strength, rare: _MEMBERS * strength,
    learners=("lightgbm", "logistic"),
    trees=_MEMBER_TREES,
)
COMMITTEE = _remedy(
    {
        "place": "committee",
        "summary": "Ten members, each on all rare rows and a fresh part of the common ones.",
        "evidence": "slow reference: members fitted one by one",
        "rare_cases": "an absent class is left out; a tiny class goes whole to each member",
        "prior_correctable": True,
        "takes_missing": True,
        "rank": 5,
    },
    name="under-sampling-committee",
    title="under-sampling committee",
    strengths=(1.0, 5.0),
    wrap=lambda base, strength, seed: UnderBaggingClassifier(
        base, ratio=strength, n_estimators=_MEMBERS, random_state=seed
    ),
    effort=lambda strength, rare: _MEMBERS * _thinned(strength, rare),
    learners=("lightgbm", "logistic"),
    trees=_MEMBER_TREES,
)
BALANCED_FOREST = _remedy(
    {
        "place": "committee",
        "summary": "A forest of trees on balanced bootstraps (strength: rows a leaf holds).",
        "evidence": "imbalanced-learn 0.14: the same ranking quality over seeds",
        "rare_cases": "an absent class is left out; one row suffices",
        "prior_correctable": True,
        "takes_missing": True,
        "rank": 6,
    },
    name="balanced-random-forest",
    title="balanced random forest",
    strengths=(1.0, 3.0, 10.0),
    wrap=lambda base, strength, seed: BalancedRandomForestClassifier(
        n_estimators=_TREES, min_samples_leaf=int(strength), random_state=seed
    ),
    learners=(),
)
