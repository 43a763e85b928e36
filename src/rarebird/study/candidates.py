"""The candidates of a study, and their arms: a candidate with one setting of all its dials.

The baseline has an arm for every setting of every learner. A treatment's arms stand on settings of
the baseline's, with its dials beside them, so that each has a counterpart without the treatment.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sklearn.base import clone

from rarebird._errors import ParameterError, about, suggest
from rarebird.decide.identity import Identity
from rarebird.registry import Card, StudyUse, cards, method
from rarebird.resample.classifier import ResampledClassifier
from rarebird.resample.standardized import Standardized

BASELINE = "baseline"


@dataclass(frozen=True)
class Setting:
    """One thing a candidate may be: a learner, its parameters and the treatment's."""

    learner: str  # card name, or the user's; empty where the treatment is its own
    params: Mapping[str, Any] = field(default_factory=dict)
    treatment: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        usual = _first_setting(self.learner)
        own = _shown({k: v for k, v in self.params.items() if usual.get(k) != v})
        dials: dict[str, Any] = {}
        for name, value in self.treatment.items():
            dials |= value if isinstance(value, Mapping) else {name: value}
        learner = f"{self.learner} ({own})" if own else self.learner
        return " with ".join(part for part in (learner, _shown(dials)) if part)


def _shown(given: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in given.items()
    )


def learner_settings(name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the settings of a learner that a study tries, best guess first."""
    if name not in _known_learners():
        return ({},)  # the user's own, as it is
    return _use(method("learner", name).card).strengths or ({},)


def _first_setting(name: str) -> Mapping[str, Any]:
    """Return a learner's first setting, which goes without saying."""
    return learner_settings(name)[0] if name else {}


def _known_learners() -> list[str]:
    return [card.name for card in cards(role="learner") if card.study]


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

    def settings(self, plain: Setting) -> list[Setting]:
        """Return its settings on one of the baseline's, best guess first; none where it takes none.

        A method without a learner behind it is compared with its `StudyUse.counterpart`.
        """
        dials = self.use.strengths or ({},)
        if not self.use.learners:
            return [Setting("", {}, dial) for dial in dials]
        if plain.learner in _known_learners() and plain.learner not in self.use.learners:
            return []
        params = {**plain.params, **self.use.learner_params.get(plain.learner, {})}
        return [Setting(plain.learner, params, dial) for dial in dials]

    def build(
        self,
        setting: Setting,
        *,
        categorical: tuple[int, ...],
        seed: int,
        threads: int,
        own: Mapping[str, Any],
    ) -> Any:
        """Return an unfitted estimator for a setting; ``own`` are the user's learners by name."""
        given = {"categorical": categorical, "random_state": seed, "n_threads": threads}
        parts: dict[str, Any] = {}
        if setting.learner in own:
            parts["estimator"] = _own(own[setting.learner], seed)
        elif setting.learner:
            learner = method("learner", setting.learner)
            parts["estimator"] = learner(**setting.params, **_accepted(learner, given))
        treatment = method(self.card.role, self.name)
        if self.card.role == "resampler":
            sampler = treatment(**self.use.arguments()).set_params(**setting.treatment)
            return resampled(sampler, parts["estimator"], categorical, seed)
        given = self.use.arguments() | _accepted(treatment, given)
        return treatment(**parts, **setting.treatment, **given)


def _own(estimator: Any, seed: int) -> Any:
    """Return a clone of a user's learner; seeds that were not given are the study's."""
    found = clone(estimator)
    open_seeds = [
        name
        for name, value in found.get_params().items()
        if name.split("__")[-1] in ("random_state", "random_seed") and value is None
    ]
    return found.set_params(**dict.fromkeys(open_seeds, seed))


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


@dataclass(frozen=True)
class Arm:
    """A candidate with a setting: what is fitted and measured."""

    candidate: str
    setting: Setting

    @property
    def id(self) -> str:
        """Its name in the store."""
        return f"{self.candidate}: {self.setting}"

    @property
    def plain(self) -> bool:
        """Whether it has no treatment."""
        return self.candidate == BASELINE


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


def baseline_arms(learners: Sequence[str]) -> list[Arm]:
    """Return the baseline's arms: every learner's first setting, then the second ones."""
    of = [learner_settings(name) for name in learners]
    return [
        Arm(BASELINE, Setting(name, settings[depth]))
        for depth in range(max(map(len, of)))
        for name, settings in zip(learners, of, strict=True)
        if depth < len(settings)
    ]


def counterpart(tried: Candidate, setting: Setting, plain: Setting) -> Arm:
    """Return the arm without the treatment that a treated one is tested against."""
    if setting.learner:
        return Arm(BASELINE, plain)
    name = tried.use.counterpart
    return Arm(BASELINE, Setting(name, _first_setting(name)))
