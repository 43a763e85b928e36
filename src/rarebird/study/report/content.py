"""What a report shows, as frozen values: built once, read by sentences, plots and templates."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rarebird.decide.base import plain
from rarebird.diagnose.check import Check
from rarebird.diagnose.column import Column
from rarebird.metrics.curves import CalibrationBin, CostCurve, Gain, PrecisionRecall
from rarebird.metrics.estimate import Estimate, Range
from rarebird.metrics.significance import Difference
from rarebird.study.goal import Goal

from .class_content import ManyClasses
from .slider import Slider


@dataclass(frozen=True)
class Measurement:
    """A metric on the test set."""

    metric: str
    estimate: Estimate
    n: int
    n_positive: int  # of two classes; of many, rows of the smallest

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        counts = {"n": self.n, "n_positive": self.n_positive}
        return {"metric": self.metric, **_ends(self.estimate, "method"), **counts}


@dataclass(frozen=True)
class DecisionRule:
    """How probabilities become actions; of kind None where there is no model."""

    kind: str | None = None
    sentence: str = ""
    threshold: Estimate | None = None  # its ends are nan where it has no interval
    tuned: bool = True
    why: str = ""
    met: bool = True  # whether what the user stated is kept
    costs: list[list[float]] | None = None  # [predicted][true]
    weights: Mapping[str, float] | None = None  # of each class

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        ends = _ends(self.threshold) if self.threshold else dict.fromkeys(("value", "low", "high"))
        told = {"kind": self.kind, "threshold": ends.pop("value"), **ends}
        if self.kind is not None:
            told |= {"describe": self.sentence, "tuned": self.tuned, "why": self.why}
        more = {"costs": self.costs, "weights": self.weights}
        return told | {name: value for name, value in more.items() if value is not None}


@dataclass(frozen=True)
class Worth:
    """Whether the shipped model is better than chance, and than no model under the goal.

    No model gives every row the class shares, and the goal's best constant decision.
    """

    answer: str  # yes, no or unclear
    chance: Difference  # average precision above that of random order, out of fold
    goal: Difference  # the goal's metric against no model's, out of fold, in the metric's direction
    test_chance: Estimate | None = None  # the same on the test set
    test_goal: Estimate | None = None


@dataclass(frozen=True)
class Part:
    """A model of the shipped one, which several make up where it is a blend."""

    learner: str  # card name; empty where the treatment is its own
    treatment: str | None  # card name
    setting: str  # in words
    weight: float = 1.0


@dataclass(frozen=True)
class Shipped:
    """What the model file holds."""

    parts: tuple[Part, ...]
    models: int  # fitted models whose mean it is
    rows: int  # they were fitted on so many
    whole: bool  # whether the rows of the test set are among them
    size_mb: float
    row_ms: float  # to predict a row, in batches, on the reference machine
    limit_mb: float = 20.0  # what the choice had to keep
    limit_ms: float = 5.0


@dataclass(frozen=True)
class Verdict:
    """The answer of a study; without a test and a decision it is that of too few rows."""

    target: str
    classes: tuple[str, ...]
    objective: str
    prior: tuple[float, ...]  # share of each class in the training set, and as the model is set
    checks: tuple[Check, ...] = ()
    headline: str = "too_few"  # ship, cannot_tell, too_few or no_signal
    worth: Worth | None = None
    shipped: Shipped | None = None
    chosen: str | None = None  # the treatment that is shipped
    evidence: Mapping[str, str] = field(default_factory=dict)  # of each treatment, by card name
    test: Measurement | None = None
    baseline: Measurement | None = None
    difference: Difference | None = None  # of the chosen one to the baseline, on the folds
    decision: DecisionRule | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what ``verdict.json`` holds."""
        d, prior = self.difference, dict(zip(self.classes, self.prior, strict=True))
        return plain(
            {
                "target": self.target,
                "classes": self.classes,
                "objective": self.objective,
                "headline": self.headline,
                "worth": self.worth.answer if self.worth else "unclear",
                "shipped": self.shipped and asdict(self.shipped),
                "chosen": self.chosen,
                "nothing_helps": self.test is not None and "proven" not in self.evidence.values(),
                "evidence": self.evidence,
                "test": self.test and self.test.as_dict(),
                "baseline": self.baseline and self.baseline.as_dict(),
                "difference": d and {**_ends(d), "p": d.p_adjusted},
                "decision": (self.decision or DecisionRule()).as_dict(),
                "prior": {"training": prior, "deployment": prior},
                "checks": [
                    {"code": c.code, "severity": c.severity, "message": c.message}
                    for c in self.checks
                ],
            }
        )


def _ends(estimate: Estimate, *more: str) -> dict[str, Any]:
    return {name: getattr(estimate, name) for name in ("value", "low", "high", *more)}


@dataclass(frozen=True)
class CandidateRow:
    """A candidate of the comparison; it has no value where it could not be applied."""

    name: str
    title: str
    role: str  # baseline, treatment or control
    summary: str = ""
    place: str = ""
    config: str = ""  # the setting that was chosen most often
    status: str = "ok"
    value: float | None = None  # mean over the folds
    difference: Difference | None = None  # to the baseline, out of fold
    evidence: str = ""  # proven, likely, none or harmful: what `effect` says
    effect: Difference | None = None  # to the same learner without the treatment, out of fold
    repeats: int = 0  # of the cross-validation, behind the differences
    dropped: str = ""  # why the comparison did not go on with it
    test_difference: Estimate | None = None  # to the baseline, on the test set
    tuned_gain: float | None = None  # what tuning the decision is worth
    seconds: float = 0.0
    memory_mb: float = 0.0
    fits: int = 0


@dataclass(frozen=True)
class ClassRow:
    """Rows of a class."""

    label: str
    n: int
    n_train: int
    n_test: int
    share: float


@dataclass(frozen=True)
class ClassResult:
    """What the model makes of one of many classes on the test set."""

    label: str
    n: int
    value: float  # of the metric, this class against the rest
    recall: Estimate | None
    precision: float | None


@dataclass(frozen=True)
class Outcome:
    """What the decision finds and costs on the test set, for two classes."""

    n: int
    n_positive: int
    found: int
    alerts: int
    recall: Estimate
    precision: Estimate | None  # of the alerts, if there are any
    threshold: float | None = None  # that was measured, if there is one
    cost: float | None = None  # mean per row
    cost_without_model: float | None = None

    @property
    def alert_rate(self) -> float:
        """Share of the rows with an alert."""
        return self.alerts / self.n


@dataclass(frozen=True)
class Curves:
    """What is drawn of the chosen model on the test set."""

    precision_recall: PrecisionRecall
    gain: Gain
    calibration: tuple[CalibrationBin, ...]
    baseline: PrecisionRecall | None = None  # where the model is another one
    cost: CostCurve | None = None


@dataclass(frozen=True)
class Importance:
    """The loss in the goal's metric when a column is shuffled among the test rows."""

    column: str
    loss: Range


@dataclass(frozen=True)
class FewRows:
    """Why no method can be chosen, and what can be said."""

    message: str
    can_see: tuple[str, ...]
    cannot_learn: tuple[str, ...]
    needed: int


@dataclass(frozen=True)
class Reproduce:
    """How to run the study again, and on what the result depends."""

    python: str
    command: str
    data_hash: str
    seed: int
    budget: float  # seconds
    design: str
    n_train: int
    row_cap: int | None = None  # training rows that were compared on
    n_folds: int | None = None
    n_repeats: int | None = None
    cells: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # beside the report: what they hold


@dataclass(frozen=True, kw_only=True)
class Results:
    """What a study found; what it could not find is None or empty."""

    verdict: Verdict
    candidates: tuple[CandidateRow, ...] = ()
    detectable: float | None = (
        None  # the gain that the comparison would have proven in 4 of 5 cases
    )
    left_out: tuple[str, ...] = ()  # what was scheduled, or stated, and not run, and why
    ended: str = ""  # what ended the study early: it is written as far as it came
    few: FewRows | None = None
    outcome: Outcome | None = None
    curves: Curves | None = None
    slider: Slider | None = None
    per_class: tuple[ClassResult, ...] = ()
    many: ManyClasses | None = None  # of more than two classes
    importance: tuple[Importance, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report(Results):
    """Everything the report shows."""

    title: str
    file: str
    created: str
    version: str
    n_rows: int
    n_columns: int
    level: float  # how often a study recommends a treatment where none helps, at most
    goal: Goal
    classes: tuple[ClassRow, ...]  # in the verdict's order
    columns: tuple[Column, ...]
    reproduce: Reproduce
    unassessed: tuple[str, ...] = ()

    @property
    def binary(self) -> bool:
        """Whether there are two classes; the second is then the rare one."""
        return len(self.classes) == 2

    @property
    def baseline(self) -> CandidateRow | None:
        """The baseline, where it was run."""
        return next((row for row in self.candidates if row.role == "baseline"), None)

    @property
    def shipped_rows(self) -> tuple[CandidateRow, ...]:
        """The candidates that make up the shipped model; the baseline for a plain learner."""
        parts = self.verdict.shipped.parts if self.verdict.shipped else ()
        names = {part.treatment for part in parts}
        return tuple(
            row
            for row in self.candidates
            if (None if row.role == "baseline" else row.name) in names
        )

    @property
    def settled(self) -> CandidateRow | None:
        """The candidate that the study settles on: the chosen one, or the baseline."""
        chosen = self.verdict.chosen
        return next((r for r in self.candidates if r.name == chosen), self.baseline)

    @property
    def ranked(self) -> tuple[CandidateRow, ...]:
        """The candidates: the baseline first, then the largest gain first."""

        def order(row: CandidateRow) -> tuple[bool, bool, float]:
            gain = self.goal.sign * (row.difference.value if row.difference else -math.inf)
            return row.role != "baseline", not math.isfinite(gain), -gain

        return tuple(sorted(self.candidates, key=order))

    @property
    def compared(self) -> int:
        """Candidates that were compared with the baseline to the end."""
        return sum(row.role != "baseline" and row.value is not None for row in self.candidates)

    @property
    def dangers(self) -> tuple[Check, ...]:
        """The checks that must be read before the verdict."""
        return tuple(c for c in self.verdict.checks if c.severity == "danger")
