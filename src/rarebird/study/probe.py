"""What a fit takes: each learner is timed on a part of the rows."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from rarebird._errors import RarebirdError

from .candidates import BASELINE, Candidate, Setting, candidate, learner_settings
from .rows import Rows, cap_rows


def _fit_once(model: Any, rows: Rows) -> None:
    """Fit and predict, which is what is timed."""
    model.fit(rows.X, rows.y, sample_weight=rows.weight).predict_proba(rows.X)


def probe(tried: list[Candidate], rows: Rows, effort: int, seed: int) -> dict[str, np.ndarray]:
    """Estimate the seconds of one fit of each setting of a candidate, as a line in the rows.

    A row a setting: the seconds that do not depend on the rows, and those a row. Each learner is
    timed bare, on a quarter of these rows and on all; a treatment that says what it costs in such
    fits is not timed. One that refuses the data costs nothing; the comparison will say why.
    """
    counts = np.bincount(rows.y)
    rare = float(counts[counts > 0].min() / counts.sum())
    baseline = candidate(BASELINE)
    quarter = rows.take(cap_rows(rows.y, len(rows.y) // 4, seed)[0])
    known: dict[tuple[str, str], np.ndarray] = {}

    def once(each: Candidate, setting: Setting, part: Rows) -> float:
        model = each.build(setting, categorical=rows.categorical, seed=seed, threads=1)
        started = time.perf_counter()
        try:
            _fit_once(model, part)
        except (RarebirdError, ValueError):
            return 0.0
        return time.perf_counter() - started

    def timed(each: Candidate, setting: Setting) -> np.ndarray:
        key = (each.name, setting.learner)
        if key not in known:
            few, many = len(quarter.y), len(rows.y)
            # the first fit pays for imports, so the best of two counts
            low = min(once(each, setting, quarter), once(each, setting, quarter))
            high = once(each, setting, rows)
            slope = max((high - low) / max(many - few, 1), 0.2 * high / many)
            known[key] = np.array([max(high - slope * many, 0.0), slope])
        return known[key]

    def seconds(each: Candidate, setting: Setting) -> np.ndarray:
        if each.use.effort is None or each.name == BASELINE:
            return timed(each, setting)
        first = learner_settings(setting.learner)[0]
        trees = setting.params.get("n_estimators", 1) / first.get("n_estimators", 1)
        bare = timed(baseline, Setting(setting.learner, first))
        return bare * (trees * each.use.effort * _drawn_share(setting.treatment, rare))

    return {e.name: np.array([seconds(e, s) for s in e.settings(effort)]) for e in tried}


def _drawn_share(treatment: Mapping[str, Any], rare: float) -> float:
    """Return the share of the rows that one fit of an under-sampling treatment learns from.

    >>> _drawn_share({"ratio": 4.0}, 0.1), _drawn_share({"fraction": 0.3}, 0.1)
    (0.5, 0.3)
    """
    if "fraction" in treatment:
        return treatment["fraction"]
    bounds = treatment.get("sampling_strategy", {})
    ratio = treatment.get("ratio", bounds.get("max_ratio"))
    return 1.0 if ratio is None else min(1.0, (1 + ratio) * rare)
