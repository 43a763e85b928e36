"""Calibrator and decision belong to models of the final size, whatever the comparison saw."""

import pytest

from rarebird import Study
from rarebird._errors import ParameterError
from rarebird.study import job, plan
from rarebird.study.objective import parse_objective
from rarebird.study.plan import candidates


def test_a_comparison_on_few_rows_still_calibrates_on_many(small_plan, table, monkeypatch):
    smallest = job.make_plan

    def capped(*args, **options):
        return {**smallest(*args, **options), "row_cap": 100, "refit_cap": 100}

    monkeypatch.setattr(job, "make_plan", capped)
    result = Study(remedies=["class-weights"]).run(table(n=400), "bad")
    assert result.report["reproduce"]["row_cap"] == 100
    assert len(result.model.oof_y) == 320


def test_a_remedy_that_does_not_fit_is_no_silent_gap(monkeypatch):
    fitting = [card for card in plan.cards(role="remedy") if card.name != "smote"]
    monkeypatch.setattr(plan, "cards", lambda **wanted: fitting)
    objective = parse_objective(["no", "yes"])
    assert "smote" not in {remedy.name for remedy in candidates(objective, 2)}
    with pytest.raises(ParameterError, match="'smote' cannot be compared here"):
        candidates(objective, 2, ["smote"])
