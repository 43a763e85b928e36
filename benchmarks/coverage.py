"""Do the reported intervals hold? Studies on samples of large tables, judged on the other rows.

    python benchmarks/coverage.py --studies 200 --out coverage.jsonl [--shard 0/2]
    python benchmarks/coverage.py --table coverage.jsonl

Each study sees 2,000 rows drawn at random; its 95 % interval of average precision on its untouched
part (400 rows) is compared with the model's average precision on (at most 50,000 of) the rows that
were not drawn. Needs the data folder (RAREBIRD_DATA, default ../shared/data).
"""

import argparse
import json
import os
import time
from pathlib import Path

import _inline
import numpy as np

from rarebird import Study
from rarebird.data import read_table
from rarebird.metrics import get_metric

SETS = {
    "adult": ("tabular_binary/adult.csv.gz", "income"),
    "census_income_kdd_nominal": ("tabular_large/census_income_kdd_nominal.parquet", "class"),
    "adbench_cover": ("tabular_large/adbench_cover.parquet", "target"),
}
ROWS, JUDGE = 2_000, 50_000


def one(name: str, frame, target: str, seed: int) -> dict:
    rng = np.random.default_rng([seed, 2026])
    order = rng.permutation(frame.height)
    started = time.perf_counter()
    study = Study(quick=True, time_budget=8, seed=seed, n_jobs=1, treatments=["class-weights"])
    result = study.run(frame[np.sort(order[:ROWS])], target)
    row = {"set": name, "seed": seed, "seconds": round(time.perf_counter() - started, 2)}
    test = result.verdict["test"]
    if test is None:
        return {**row, "few": True}
    rest = frame[np.sort(order[ROWS : ROWS + JUDGE])]
    y = (rest[target].cast(str) == str(result.model.classes[1])).to_numpy().astype(int)
    truth = get_metric("ap")(y, result.model.predict_proba(rest))
    low, high = test["low"], test["high"]
    return {
        **row,
        "chosen": result.chosen,
        "value": test["value"],
        "low": low,
        "high": high,
        "n_positive": test["n_positive"],
        "truth": truth,
        "covered": bool(low <= truth <= high),
    }


def table(path: str) -> None:
    rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
    print("| set | studies | positives tested | mean AP | covered | below | above | mean width |")
    print("|---|---|---|---|---|---|---|---|")
    for name in SETS:
        done = [r for r in rows if r["set"] == name and not r.get("few")]
        if not done:
            continue
        width = np.mean([r["high"] - r["low"] for r in done])
        print(
            f"| {name} | {len(done)} | {np.median([r['n_positive'] for r in done]):.0f} "
            f"| {np.mean([r['truth'] for r in done]):.3f} "
            f"| {np.mean([r['covered'] for r in done]):.1%} "
            f"| {np.mean([r['truth'] < r['low'] for r in done]):.1%} "
            f"| {np.mean([r['truth'] > r['high'] for r in done]):.1%} | {width:.3f} |"
        )
        few = sum(bool(r.get("few")) for r in rows if r["set"] == name)
        if few:
            print(f"\n{name}: {few} samples had too few rare rows for a verdict.\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--out", default="coverage.jsonl")
    parser.add_argument("--shard", default="0/1")
    parser.add_argument("--table")
    options = parser.parse_args()
    if options.table:
        return table(options.table)
    _inline.use()
    folder = Path(os.environ.get("RAREBIRD_DATA", "../shared/data"))
    part, parts = (int(v) for v in options.shard.split("/"))
    frames = {name: (read_table(folder / file), target) for name, (file, target) in SETS.items()}
    with Path(options.out).open("a") as file:
        for seed in range(part, options.studies, parts):
            for name, (frame, target) in frames.items():
                print(json.dumps(one(name, frame, target, seed)), file=file, flush=True)


if __name__ == "__main__":
    main()
