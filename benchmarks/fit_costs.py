"""What fits cost: measures them, and writes the constants that studies are scheduled by.

    python benchmarks/fit_costs.py [--tables 60] [--seconds 1] [--records costs.jsonl] [--overhead]
                                  [--write]
    python benchmarks/fit_costs.py --check [--rows 4000]

Fits every learner and every treatment on made tables of many shapes, with one thread, and counts
the seconds of processor time that the process used (the better of two where they are few), so that
other work on the machine counts little. The coefficients of `rarebird.study.fit_cost` are then
found by non-negative least squares on relative errors, and ``--write`` stores them in the package,
with VERSION raised.
A fit that the constants so far put beyond ``--seconds`` gets fewer trees, or is left out.
``--records`` keeps what was measured, table by table; what the file has is not measured again.
``--overhead`` also measures what a study takes outside its fits.
``--check`` writes nothing: it compares the constants with fits on real tables of RAREBIRD_DATA.

Run it where a new learner or treatment is to have a price, and on a machine like the one named in
the constants.
"""

import argparse
import json
import os
import platform
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from _cost_tables import TUNING, made, real
from _processor_time import non_negative, overhead, seconds

from rarebird._errors import RarebirdError
from rarebird.registry import method
from rarebird.study import fit_cost
from rarebird.study.candidates import (
    Candidate,
    Setting,
    all_candidates,
    baseline_arms,
    learner_settings,
)
from rarebird.study.cost_features import KINDS
from rarebird.study.rows import Rows
from rarebird.study.shape import Shape, shape_of

Record = dict[str, Any]
_TREATED = 3  # of so many made tables one is used for treatments too
LEARNERS = {  # name: the features it is priced by
    "lightgbm": "boosted trees",
    "forest": "forest",
    "extra-trees": "forest",
    "logistic": "linear",
    "kernel": "kernel",
}
_DRAW = ("fit", "rows", "cells", "drawn cells")
_SEARCH = (*_DRAW, "among small", "small to all")
_MEMBERS = ("models", "members", "cells", "drawn cells")
TREATMENTS: dict[str, dict[str, Any]] = {  # name: its features, and what its settings do not say
    "class-weights": {"features": ("models", "rows")},
    "random-under": {"features": _DRAW},
    "smote": {"features": (*_DRAW, "among small")},
    "borderline-smote": {"features": _SEARCH},
    "tomek-links": {"features": _SEARCH},
    "smote-enn": {"features": (*_DRAW, "all to all", "all by tree")},
    "bagging": {"features": _MEMBERS},
    "under-bagging": {"features": _MEMBERS},
    "balanced-random-forest": {
        "features": ("models", "rows", "cells"),
        "as": "forest",
        "dials": {"ratio": 1.0},
    },
}


def fitted_seconds(model: Any, rows: Rows) -> Record:
    """Return what a fit takes, and the prediction of a quarter of the rows, and of 1,000."""
    quarter = rows.X[: len(rows.X) // 4]
    batch = np.resize(rows.X, (1000, rows.X.shape[1]))
    return {
        "fit": seconds(lambda: model.fit(rows.X, rows.y, sample_weight=rows.weight)),
        "quarter": seconds(lambda: model.predict_proba(quarter)),
        "batch": seconds(lambda: model.predict_proba(batch)),
    }


def with_trees(params: dict[str, Any], price: Callable[[dict[str, Any]], float], most: float):
    """Return parameters with so few trees that a fit takes at most so long, if there are any."""
    while price(params) > most:
        trees = params.get("n_estimators", 0) // 2
        if trees < 5:
            return None
        params = {**params, "n_estimators": trees}
    return params


def learner_records(rows: Rows, most: float) -> Iterator[Record]:
    """Measure every setting of every learner."""
    shape = shape_of(rows)
    baseline = all_candidates()[0]
    for name in LEARNERS:
        for given in learner_settings(name):
            params = with_trees(
                dict(given), lambda p, of=name: fit_cost.learner_fit(of, p, shape), most
            )
            if params is None:
                continue
            setting = Setting(name, params)
            model = baseline.build(setting, categorical=rows.categorical, seed=1, threads=1, own={})
            told = {"learner": name, "params": params, "shape": asdict(shape)}
            yield told | fitted_seconds(model, rows)


def treatment_records(rows: Rows, most: float) -> Iterator[Record]:
    """Measure every treatment: of a resampler, what it takes beside the fit."""
    shape = shape_of(rows)
    tried = {each.name: each for each in all_candidates()}
    for name in TREATMENTS:
        each, done = tried[name], set()
        plain = [arm.setting for arm in baseline_arms(LEARNERS)[: len(LEARNERS)]]
        for setting in [found for first in plain for found in each.settings(first)]:
            kind = str(setting.treatment)
            if each.card.role != "resampler":  # the same rows are drawn whatever the learner
                kind += setting.learner
            if kind in done or "trees" in setting.learner or setting.learner == "forest":
                continue
            done.add(kind)
            if fit_cost.fit_seconds(each, setting, shape) > most:
                continue
            told = {
                "treatment": name,
                "setting": asdict(setting),
                "shape": asdict(shape),
                "role": each.card.role,
            }
            model = each.build(setting, categorical=rows.categorical, seed=1, threads=1, own={})
            try:
                if each.card.role == "resampler":
                    sampler = model.resampler.set_params(**_seed(model.resampler))
                    told["own"] = seconds(lambda s=sampler: s.fit_resample(rows.X, rows.y))
                    yield told
                else:
                    yield told | fitted_seconds(model, rows)
            except RarebirdError as error:  # refused
                print(f"  {name}: {error}"[:100])


def _seed(sampler: Any) -> dict[str, int]:
    return {k: 1 for k in sampler.get_params() if k.split("__")[-1] == "random_state"}


def calibrate(records: list[Record]) -> dict[str, Any]:
    """Return the constants that fit what was measured."""
    constants: dict[str, Any] = {"learners": {}, "treatments": {}}
    for name, kind in LEARNERS.items():
        fit, predict = KINDS[kind]
        usual = fit_cost.parameters("learner", name)
        own = [r for r in records if r.get("learner") == name]
        given = [(usual | r["params"], Shape(**r["shape"])) for r in own]
        batches = [(p, s, k) for p, s in given for k in (s.n_rows // 4, 1000)]
        taken = [r[k] for r in own for k in ("quarter", "batch")]
        constants["learners"][name] = {
            "kind": kind,
            "fit": non_negative(
                [fit(*g) for g in given], [r["fit"] for r in own], [0.0] * len(own)
            ),
            "predict": non_negative([predict(*b) for b in batches], taken, [0.0] * len(taken)),
        }
    fit_cost.CONSTANTS = constants
    tried = {each.name: each for each in all_candidates()}
    for name, more in TREATMENTS.items():
        used = more["features"]
        constants["treatments"][name] = {k: v for k, v in more.items() if k != "features"}
        own = [r for r in records if r.get("treatment") == name]
        rows, taken, base = [], [], []
        for r in own:
            shape, setting = Shape(**r["shape"]), Setting(**r["setting"])
            features = fit_cost.treatment_fit(fit_cost.plan_of(tried[name], setting, shape), shape)
            if r["role"] == "resampler":
                base.append(features["models"])
            else:
                base.append(0.0)
            rows.append({feature: features[feature] for feature in used})
            taken.append(r["own"] if "own" in r else r["fit"])
        found = non_negative(rows, taken, base)
        if own[0]["role"] == "resampler":
            found = {"models": 1.0, **found}
        constants["treatments"][name]["fit"] = found
    return constants


def price_of(record: Record, tried: dict[str, Candidate]) -> tuple[str, float, float]:
    """Return what was fitted, and its seconds as measured and as predicted."""
    shape = Shape(**record["shape"])
    if "learner" in record:
        setting = Setting(record["learner"], record["params"])
        predicted = fit_cost.fit_seconds(tried["baseline"], setting, shape)
        return record["learner"], record["fit"] + record["quarter"], predicted
    each, setting = tried[record["treatment"]], Setting(**record["setting"])
    predicted = fit_cost.fit_seconds(each, setting, shape)
    if "own" not in record:
        return each.name, record["fit"] + record["quarter"], predicted
    bare = fit_cost.plan_of(each, setting, shape)
    learner = fit_cost.learner_fit(bare.learner, bare.params, bare.seen)
    quarter = fit_cost.learner_predict(bare.learner, bare.params, bare.seen, shape.n_rows // 4)
    return each.name, record["own"] + learner + quarter, predicted


def report(records: list[Record]) -> None:
    """Print predicted over measured seconds by learner and treatment."""
    tried = {each.name: each for each in all_candidates()}
    found = defaultdict(list)
    for record in records:
        name, measured, predicted = price_of(record, tried)
        found[name].append(predicted / measured)
        found["all"].append(predicted / measured)
    print("| predicted over measured | fits | median | 5% | 95% | within 0.5 to 2 |")
    print("|---|---|---|---|---|---|")
    for name, ratios in found.items():
        low, middle, high = np.quantile(ratios, [0.05, 0.5, 0.95])
        inside = np.mean((np.array(ratios) >= 0.5) & (np.array(ratios) <= 2))
        print(f"| {name} | {len(ratios)} | {middle:.2f} | {low:.2f} | {high:.2f} | {inside:.0%} |")


def stored(path: Path | None) -> list[Record]:
    """Return the records of a file, if it is there."""
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def measure(
    names: list[str],
    table: Callable[[str], Rows],
    treated: Callable[[str], bool],
    most: float,
    to: Path | None,
) -> list[Record]:
    """Measure everything on every table that the records do not have yet."""
    records = stored(to)
    done = {each["table"] for each in records}
    for name in names:
        if name in done:
            continue
        rows = table(name)
        found = [
            {"table": name, **each}
            for each in (
                *learner_records(rows, most),
                *(treatment_records(rows, most) if treated(name) else ()),
            )
        ]
        records += found
        if to is not None:
            with to.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(each) + "\n" for each in found)
        print(f"{name}: {rows.X.shape}, {len(found)} fits", flush=True)
    return records


def machine() -> str:
    """Say in words what this machine is."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return f"{os.cpu_count()} cores, {model}, {platform.system()} {platform.machine()}"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tables", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--records", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--overhead", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--rows", type=int, default=4000)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    fitted_seconds(method("learner", "forest")(n_estimators=2), made(0))  # imports
    todo = (given.seconds, given.records)
    if given.check:
        records = measure(list(TUNING), lambda t: real(t, given.rows), lambda t: True, *todo)
    else:
        names = [str(i) for i in range(given.tables)]
        records = measure(names, lambda t: made(int(t)), lambda t: int(t) % _TREATED == 0, *todo)
    if not given.check:
        old = fit_cost.CONSTANTS
        new = {
            "version": old["version"] + 1,
            "machine": machine(),
            "date": date.today().isoformat(),
            "versions": {
                name: version(name) for name in ("numpy", "scikit-learn", "lightgbm", "scipy")
            },
            "overhead": overhead() if given.overhead else old["overhead"],
        } | calibrate(records)
        fit_cost.CONSTANTS = new
        if given.write:
            fit_cost.PATH.write_text(json.dumps(new, indent=1) + "\n", "utf-8")
    report(records)


if __name__ == "__main__":
    main()
