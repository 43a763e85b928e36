"""How often is a treatment called proven where nothing can help? Studies on shuffled labels.

    python benchmarks/null_studies.py --studies 100 --out null.jsonl [--shard 0/2]

Small real tables, the target shuffled; quick studies with every treatment. The stated level is 1 in
100. Needs the data folder (RAREBIRD_DATA, default ../shared/data).
"""

import argparse
import csv
import json
import os
import time
from pathlib import Path

import _inline
import numpy as np

from rarebird import Study
from rarebird.data import read_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--out", default="null.jsonl")
    parser.add_argument("--shard", default="0/1")
    options = parser.parse_args()
    _inline.use()
    folder = Path(os.environ.get("RAREBIRD_DATA", "../shared/data"))
    part, parts = (int(v) for v in options.shard.split("/"))
    with (folder / "index.csv").open() as file:
        sets = [
            row
            for row in csv.DictReader(file)
            if row["group"] == "tabular_binary" and 400 <= int(row["n_rows"]) <= 1700
        ]
    with Path(options.out).open("a") as file:
        for seed in range(part, options.studies, parts):
            row = sets[seed % len(sets)]
            frame, target = read_table(folder / row["file"]), row["target"]
            order = np.random.default_rng([seed, 7]).permutation(frame.height)
            frame = frame.with_columns(frame[target][order])
            started = time.perf_counter()
            study = Study(quick=True, time_budget=45, seed=seed, n_jobs=1, yes=True)
            result = study.run(frame, target)
            verdict = result.verdict
            found = {
                "set": row["name"],
                "seed": seed,
                "proven": [name for name, word in verdict["evidence"].items() if word == "proven"],
                "evidence": verdict["evidence"],
                "headline": verdict["headline"],
                "worth": verdict["worth"],
                "least_p": min(
                    (r.effect.p_adjusted for r in result.report.candidates if r.effect),
                    default=None,
                ),
                "cells": len(result.cells),
                "seconds": round(time.perf_counter() - started, 1),
            }
            print(json.dumps(found), file=file, flush=True)


if __name__ == "__main__":
    main()
