"""From what a study found to its verdict and to all that its report shows."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird._version import __version__
from rarebird.decide.base import Decision, plain
from rarebird.diagnose.check import Check
from rarebird.metrics.estimate import Estimate

from .compare import LEVEL
from .files import OURS, versions
from .goal import Goal
from .model import StudyModel
from .prepare import Prepared
from .report.content import (
    ClassRow,
    DecisionRule,
    Report,
    Reproduce,
    Results,
    Verdict,
)
from .schedule import Schedule


@dataclass(frozen=True)
class Conclusion:
    """What a study ends with; the model is None where there were too few rows."""

    results: Results
    model: StudyModel | None = None
    cells: Sequence[dict[str, Any]] = ()


def verdict_of(
    ready: Prepared,
    goal: Goal,
    checks: Sequence[Check],
    decision: Decision | None = None,
    prior: Any = None,
    **found: Any,
) -> Verdict:
    """Return the verdict; without ``found`` fields of `Verdict` it is that of too few rows.

    ``prior`` are the class shares that the shipped model learned from; by default the training
    set's.
    """
    labels = [str(label) for label in ready.classes]
    shares = np.bincount(ready.rows.y[ready.train], minlength=len(labels)) / len(ready.train)
    return Verdict(
        target=ready.profile.target,
        classes=tuple(labels),
        objective=goal.metric.name,
        prior=tuple(np.asarray(shares if prior is None else prior).tolist()),
        checks=tuple(checks),
        decision=None if decision is None else _rule(decision, goal, labels),
        **found,
    )


def threshold_of(decision: Decision) -> float | None:
    """Return the probability from which a row alerts, where the rule has one for all rows."""
    by_count = getattr(decision, "alerts_", None) is not None
    return None if by_count else decision.state().get("threshold_")


def _rule(decision: Decision, goal: Goal, labels: list[str]) -> DecisionRule:
    state = decision.state()
    told = state["describe"]
    if goal.columns is not None:
        names = ", ".join(map(repr, goal.columns.columns))
        told = f"decide by the costs of each row, from {names}; at their means, {told}"
    at, weights = threshold_of(decision), state.get("weights_")
    low, high = (np.nan if state.get(end) is None else state[end] for end in ("low_", "high_"))
    return DecisionRule(
        kind=decision.kind,
        sentence=told,
        threshold=None if at is None else Estimate(at, low, high, 0.95, "bootstrap of rows"),
        tuned=state.get("tuned_", True),
        why=state.get("why_", ""),
        met=getattr(decision, "met_", True),
        costs=None if goal.cost is None else goal.cost.tolist(),
        weights=None if weights is None else dict(zip(labels, plain(weights), strict=True)),
    )


def report_of(
    ready: Prepared,
    goal: Goal,
    conclusion: Conclusion,
    schedule: Schedule | None,
    *,
    study: Any,
    name: str,
    command: str,
    data_hash: str,
) -> Report:
    """Return everything the report shows."""
    y, target = ready.rows.y, ready.profile.target
    n, n_train, n_test = (
        np.bincount(part, minlength=len(ready.classes)).tolist()
        for part in (y, y[ready.train], y[ready.test])
    )
    rows = zip(conclusion.results.verdict.classes, n, n_train, n_test, strict=True)
    stated = ", ".join(f"{key}={value!r}" for key, value in study.options().items())
    return Report(
        **vars(conclusion.results),
        title=f"Study of {target}",
        file=name,
        created=datetime.date.today().isoformat(),
        version=__version__,
        n_rows=len(y),
        n_columns=len(ready.profile.columns),
        level=LEVEL,
        goal=goal,
        classes=tuple(ClassRow(*row, share=row[1] / len(y)) for row in rows),
        columns=tuple(ready.profile.columns),
        unassessed=tuple(str(ready.classes[code]) for code in ready.unassessed),
        reproduce=Reproduce(
            python=f"rarebird.Study({stated}).run(frame, target={target!r})",
            command=command,
            data_hash=data_hash,
            seed=study.seed,
            budget=study.budget,
            design=ready.rows.design.kind,
            n_train=len(ready.train),
            row_cap=schedule.row_cap if schedule else None,
            n_folds=schedule.n_folds if schedule else None,
            n_repeats=max((row.repeats for row in conclusion.results.candidates), default=None),
            cells=len(conclusion.cells),
            versions=versions(),
            files=OURS,
        ),
    )
