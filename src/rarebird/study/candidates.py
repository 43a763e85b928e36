"""The candidates of a study: the baseline, and every method whose card says how a study uses it.

Every candidate may choose from as many settings; one without so many dials from fewer, and the
baseline never from fewer than a treatment.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rarebird._errors import ParameterError, about, suggest
from rarebird.decide.identity import Identity
from rarebird.registry import Card, StudyUse, cards, method
from rarebird.resample.classifier import ResampledClassifier
from rarebird.resample.standardized import Standardized

EFFORT = {"quick": 3, "full": 6}  # settings a candidate may choose from
BASELINE = "baseline"


@dataclass(frozen=True)
class Setting:
    """One thing a candidate may be: a learner, its parameters and the treatment's."""

    learner: str  # card name; empty where the treatment is its own
    params: Mapping[str, Any] = field(default_factory=dict)
    treatment: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        usual = learner_settings(self.learner)[0] if self.learner else {}
        own = _shown({k: v for k, v in self.params.items() if usual.get(k) != v})
        dials: dict[str, Any] = {}
        for name, value in self.treatment.items():
            dials |= value if isinstance(value, Mapping) else {name: value}
        learner = f"{self.learner} ({own})" if own else self.learner
        return " with ".join(part for part in (learner, _shown(dials)) if part)


def _shown(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value:g}" for name, value in given.items())


def learner_settings(name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the settings of a learner that a study tries, best guess first."""
    return _use(method("learner", name).card).strengths


def _use(card: Card) -> StudyUse:
    if card.study is None:
        raise ParameterError(f"{card.name!r} is not compared in studies; its card has no study=.")
    return card.study


@dataclass(frozen=True)
class Candidate:
    """A candidate of the comparison."""

    card: Card

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name

    @property
    def use(self) -> StudyUse:
        """How a study uses it."""
        return _use(self.card)

    def settings(self, effort: int) -> list[Setting]:
        """Return ``effort`` settings (fewer where there are no more), best guesses first."""
        use = self.use
        if not use.learners:
            return [Setting("", {}, treatment) for treatment in use.strengths][:effort]
        own = [learner_settings(name) for name in use.learners]
        if not use.strengths:
            pairs = [(i, depth) for depth in (0, 1) for i in range(len(own))]
            return [Setting(use.learners[i], own[i][depth]) for i, depth in pairs][:effort]
        # the dial of the first learner before the last, costly learner
        order = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (2, 1)]
        chosen = [(use.learners[i], own[i][0], dial) for i, dial in order if i < len(own)]
        return [
            Setting(name, {**usual, **use.learner_params.get(name, {})}, use.strengths[dial])
            for name, usual, dial in chosen[:effort]
        ]

    def build(
        self, setting: Setting, *, categorical: tuple[int, ...], seed: int, threads: int
    ) -> Any:
        """Return an unfitted estimator for a setting."""
        given = {"categorical": categorical, "random_state": seed, "n_threads": threads}
        parts: dict[str, Any] = {}
        if setting.learner:
            learner = method("learner", setting.learner)
            parts["estimator"] = learner(**setting.params, **_accepted(learner, given))
        treatment = method(self.card.role, self.name)
        if self.card.role == "resampler":
            sampler = treatment(**self.use.arguments()).set_params(**setting.treatment)
            return resampled(sampler, parts["estimator"], categorical, seed)
        given = self.use.arguments() | _accepted(treatment, given)
        return treatment(**parts, **setting.treatment, **given)


def resampled(
    sampler: Any, estimator: Any, categorical: tuple[int, ...], seed: int
) -> ResampledClassifier:
    """Return a learner on resampled rows; what stands around it calibrates the probabilities.

    Where rows are compared, they are so on standardised numbers.
    """
    if sampler.reads != "labels":
        sampler = Standardized(sampler, categorical_features=list(categorical) or "auto")
    return ResampledClassifier(sampler, estimator, calibrator=Identity(), random_state=seed)


def _accepted(made: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    known = inspect.signature(made).parameters
    return {name: value for name, value in given.items() if name in known}


def all_candidates() -> list[Candidate]:
    """Return every candidate there is, the baseline first, then by simplicity."""
    found = {card.name: card for card in cards() if card.study and card.role != "learner"}

    def depth(name: str) -> int:
        after = _use(found[name]).after
        return 1 + depth(after) if after else 0

    order = sorted(found, key=lambda name: (depth(name), name))
    return [Candidate(method(found[name].role, name).card) for name in order]


def candidate(name: str) -> Candidate:
    """Return the candidate of that name."""
    found = {each.name: each for each in all_candidates()}
    if name not in found:
        raise ParameterError(f"No candidate is called {name!r}.{suggest(name, found)}")
    return found[name]


def applicable(
    n_classes: int, wanted: list[str] | None = None, *, quick: bool = False
) -> list[Candidate]:
    """Return the candidates that serve a task, the baseline first.

    A quick study leaves out what is costly and seldom helps, unless it is asked for by name.
    """
    task = "binary" if n_classes == 2 else "multiclass"
    found = [each for each in all_candidates() if task in each.card.tasks]
    if wanted is None:
        return [each for each in found if each.use.quick or not quick]
    with about("treatments"):
        for name in wanted:
            candidate(name)
        absent = set(wanted) - {each.name for each in found}
        if absent:
            raise ParameterError(f"{min(absent)!r} is for other tasks than {task}.")
    return [each for each in found if each.name == BASELINE or each.name in wanted]
