"""Calibrator and decision belong to models of the final size, whatever the comparison saw."""

from dataclasses import replace

import numpy as np
import pytest

from rarebird import Study
from rarebird._errors import ParameterError
from rarebird.study import candidates, steps
from rarebird.study.candidates import Candidate, all_candidates, applicable, candidate


def test_a_comparison_on_few_rows_still_calibrates_on_many(small_schedule, table, monkeypatch):
    smallest = steps.make_schedule

    def capped(*args, **options):
        return replace(smallest(*args, **options), row_cap=100)

    monkeypatch.setattr(steps, "make_schedule", capped)
    result = Study(treatments=["class-weights"]).run(table(n=400), "bad")
    assert result.report.reproduce.row_cap == 100
    assert len(result.model.model.oof_y_) == 400


def test_a_treatment_for_other_tasks_is_refused_in_words(monkeypatch):
    rest = [each for each in all_candidates() if each.name != "smote"]
    other = replace(candidate("smote").card, tasks=("regression",))
    monkeypatch.setattr(candidates, "all_candidates", lambda: [*rest, Candidate(other)])
    assert "smote" not in {tried.name for tried in applicable(2)}
    with pytest.raises(ParameterError, match="'smote' is for other tasks than binary"):
        applicable(2, ["smote"])


def test_the_model_of_all_rows_is_another_one_where_as_many_are_taken(
    small_schedule, table, monkeypatch
):
    """The cap takes 220 rows of the training set, and 220 others of all rows."""
    smallest = steps.make_schedule
    monkeypatch.setattr(
        steps, "make_schedule", lambda *a, **k: replace(smallest(*a, **k), final_cap=200)
    )
    models = [
        Study(treatments=[], keep_test=keep).run(table(n=1000), "bad").model.model
        for keep in (True, False)
    ]
    kept, whole = models
    assert len(kept.oof_y_) == len(whole.oof_y_) == 220
    X = np.random.default_rng(0).normal(size=(50, kept.n_features_in_))
    one, other = (m.estimator_.estimators[0].predict_proba(X) for m in models)
    assert (one != other).any()
