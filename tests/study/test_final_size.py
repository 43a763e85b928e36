"""Calibrator and decision belong to models of the final size, whatever the comparison saw."""

from dataclasses import replace

import pytest

from rarebird import Study
from rarebird._errors import ParameterError
from rarebird.study import job, plan
from rarebird.study.candidates import Candidate, all_candidates, candidate
from rarebird.study.plan import candidates


def test_a_comparison_on_few_rows_still_calibrates_on_many(small_plan, table, monkeypatch):
    smallest = job.make_plan

    def capped(*args, **options):
        return {**smallest(*args, **options), "row_cap": 100, "refit_cap": 100}

    monkeypatch.setattr(job, "make_plan", capped)
    result = Study(treatments=["class-weights"]).run(table(n=400), "bad")
    assert result.report["reproduce"]["row_cap"] == 100
    assert len(result.model.oof_y) == 320


def test_a_treatment_for_other_tasks_is_refused_in_words(monkeypatch):
    rest = [each for each in all_candidates() if each.name != "smote"]
    other = replace(candidate("smote").card, tasks=("regression",))
    monkeypatch.setattr(plan, "all_candidates", lambda: [*rest, Candidate(other)])
    assert "smote" not in {tried.name for tried in candidates(2)}
    with pytest.raises(ParameterError, match="'smote' is for other tasks than binary"):
        candidates(2, ["smote"])
