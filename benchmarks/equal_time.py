"""The study's model beside those of AutoGluon, FLAML and LightGBM, 60 s and 2 cores each.

    python benchmarks/equal_time.py --python PEERS/bin/python --out results [--halves 0-4]
                                    [--systems rarebird,autogluon] [--tables w7a,kc1] [--seconds 60]
    python benchmarks/equal_time.py --out results --table

A half: a random half of a table's rows, the same share of each class, trains (at most 20,000 of
it); the other half (at most 50,000 rows) is seen by nothing. Fits run one at a time, each in a
process of its own that is stopped after three times its seconds. The result of one fit is one file;
what is there is not run again, so a run of hours goes on where it stopped. A failure is a result:
its reason is stored, and it counts as the model that one has then, the share of the class for every
row. ``--again`` runs failures once more. A system whose name starts with ``rarebird`` is the study
of this checkout, so that a folder can hold several (``rarebird-0.1.0``).

The peers need an environment of their own, with autogluon.tabular, flaml, lightgbm, xgboost, torch,
pandas and pyarrow; ``--python`` is its interpreter. Tables are in RAREBIRD_DATA.

No constant, setting or rule of rarebird was chosen on the REPORTING tables, nor on a table of the
same family (thyroid, page-blocks, segment, letter, satimage, census): that was done on TUNING.
"""

import argparse
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from _equal_time_peer import CORES, SYSTEMS
from _equal_time_table import print_tables
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, log_loss

from rarebird.data import read_table

REPORTING = [
    "adbench_aloi", "adbench_annthyroid", "adbench_thyroid", "aid362", "bank_marketing",
    "census_income_kdd_nominal", "cifar10_0_resnet18_features", "coil2000_train",
    "german_credit", "htru2_pulsar", "hypothyroid", "kc1", "page-blocks0", "reuters_corn",
    "segment0", "stroke", "w7a", "zenodo_letter_img", "zenodo_mammography", "zenodo_satimage",
    "zenodo_sick_euthyroid", "zenodo_us_crime", "zenodo_yeast_ml8",
]  # fmt: skip
TUNING = [
    "abalone9-18", "abalone-17_vs_7-8-9-10", "zenodo_abalone", "adbench_magic_gamma",
    "adbench_musk", "apascal_train_vs_rest", "phoneme", "pima", "cm1", "zenodo_oil",
    "zenodo_optical_digits", "zenodo_car_eval_34", "winequality-red-4", "yeast1", "yeast3",
    "yeast4", "ecoli3", "adbench_cover", "covertype_nominal_4_vs_rest", "simulated_card_fraud",
    "electricity_nsw", "20news_3_bert_features", "wdbc", "mammographic", "haberman",
]  # fmt: skip
FOLDER = Path(os.environ.get("RAREBIRD_DATA", Path(__file__).parents[2] / "shared" / "data"))
HERE = Path(__file__).parent
MOST_TRAIN, MOST_UNSEEN = 20_000, 50_000
LIMITS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")


def read(name: str) -> tuple[pl.DataFrame, str]:
    """Return a table and its target, which is 1 for the rare label and else 0."""
    row = pl.read_csv(FOLDER / "index.csv").row(by_predicate=pl.col("name") == name, named=True)
    path, target = FOLDER / row["file"], row["target"]
    if path.suffix == ".npz":
        stored = np.load(path)
        values = stored[target.replace("y", "x", 1)]
        frame = pl.DataFrame(values, schema=[f"x{i}" for i in range(values.shape[1])])
        frame = frame.with_columns(pl.Series(target, stored[target]))
    else:
        frame = read_table(path)
    rare = pl.col(target).cast(pl.String).str.to_lowercase() == str(row["minority_label"]).lower()
    return frame.with_columns(rare.cast(pl.Int8).alias(target)), target


def split(y: np.ndarray, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the row numbers that train and those that are seen by nothing."""
    rng = np.random.default_rng([7, half])
    train = np.zeros(len(y), dtype=bool)
    for label in (0, 1):
        rows = rng.permutation(np.flatnonzero(y == label))
        train[rows[: len(rows) // 2]] = True
    parts = zip((train, ~train), (MOST_TRAIN, MOST_UNSEEN), strict=True)
    drawn = [rng.permutation(np.flatnonzero(part))[:most] for part, most in parts]
    return np.sort(drawn[0]), np.sort(drawn[1])


def measures(y: np.ndarray, p: np.ndarray, decision: np.ndarray) -> dict[str, float]:
    """Return what the table shows of predictions."""
    return {
        "ap": average_precision_score(y, p),
        "log_loss": log_loss(y, np.clip(p, 1e-15, 1 - 1e-15), labels=[0, 1]),
        "brier": brier_score_loss(y, np.clip(p, 0, 1)),
        "p_over_rate": float(p.mean() / y.mean()),
        "f1": f1_score(y, decision, zero_division=0.0),
    }


def run_one(command: list[str], stop: float, clean: bool) -> str:
    """Run a process, stop it and its children after ``stop`` seconds; return why it failed."""
    env = os.environ | {f"{name}_NUM_THREADS": str(CORES) for name in LIMITS}
    env["POLARS_MAX_THREADS"] = str(CORES)
    # Threads that wait let others run: on a shared machine, spinning costs 20 times the fit itself.
    env["OMP_WAIT_POLICY"] = "passive"
    if clean:  # this checkout is no part of the peers' environment
        env.pop("PYTHONPATH", None)
    folder = command[-4]
    with (Path(folder) / "said.txt").open("w+") as said:
        # A group, not a session: the scheduler may weigh whole sessions.
        child = subprocess.Popen(
            command, cwd=folder, env=env, stdout=said, stderr=said, process_group=0
        )
        try:
            child.wait(stop)
            reason = "" if child.returncode == 0 else f"exit {child.returncode}: "
        except subprocess.TimeoutExpired:
            reason = f"stopped after {stop:.0f} s: "
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        said.seek(0)
        return reason and reason + " | ".join(said.read().strip().splitlines()[-3:])[-500:]


def fit(system: str, frame: pl.DataFrame, target: str, half: int, given: Any) -> dict[str, Any]:
    """Return the arrays of a result: rows, labels, predictions and, as JSON, measures and notes."""
    y = frame[target].to_numpy()
    train, unseen = split(y, half)
    study = system.startswith("rarebird")
    with tempfile.TemporaryDirectory() as folder:
        frame[train].write_parquet(Path(folder) / "train.parquet")
        frame[unseen].drop(target).write_parquet(Path(folder) / "unseen.parquet")
        script = HERE / ("_equal_time_study.py" if study else "_equal_time_peer.py")
        command = [sys.executable if study else given.python, str(script), system]
        command += [folder, target, str(given.seconds), str(half)]
        note = {"load_before": os.getloadavg()[0], "at": time.strftime("%F %T")}
        started = time.perf_counter()
        reason = run_one(command, 3 * given.seconds, clean=not study)
        note |= {"load_after": os.getloadavg()[0], "all_seconds": time.perf_counter() - started}
        answer = Path(folder) / "answer.npz"
        if not answer.exists():
            note |= {"failed_because": reason or "no answer", "seconds": note["all_seconds"]}
            p, decision = np.full(len(unseen), y[train].mean()), np.zeros(len(unseen), dtype=int)
        else:
            stored = np.load(answer)
            p, decision = stored["p"].astype(float), stored["decision"].astype(int)
            note |= json.loads(str(stored["note"]))
    note |= {"system": system, "half": half, "limit": given.seconds, "n_rows": len(y)}
    note |= {"n_train": len(train), "rare_train": int(y[train].sum())}
    if study:
        told = ["git", "-C", str(HERE), "describe", "--always", "--dirty"]
        note["commit"] = subprocess.run(told, capture_output=True, text=True).stdout.strip()
    note |= measures(y[unseen], p, decision)
    return {"rows": unseen, "y": y[unseen], "p": p, "decision": decision, "note": json.dumps(note)}


def failed(path: Path) -> bool:
    return "failed_because" in json.loads(str(np.load(path)["note"]))


def run_all(given: argparse.Namespace) -> None:
    """Run what is not there yet, all tables of a half before the next half."""
    for half in given.halves:
        for table in given.tables:
            paths = {s: given.out / str(half) / table / f"{s}.npz" for s in given.systems}
            missing = [s for s, p in paths.items() if not p.exists() or (given.again and failed(p))]
            if not missing:
                continue
            frame, target = read(table)
            for system in missing:
                found = fit(system, frame, target, half, given)
                written = io.BytesIO()
                np.savez_compressed(written, **found)
                paths[system].parent.mkdir(parents=True, exist_ok=True)
                part = paths[system].with_suffix(".part")
                part.write_bytes(written.getvalue())
                part.replace(paths[system])
                note = json.loads(found["note"])
                said = note.get("failed_because") or f"{note['seconds']:.0f} s"
                print(f"{half} {table} {system}: AP {note['ap']:.3f}, {said}", flush=True)


def _halves(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--systems", default=",".join(["rarebird", *SYSTEMS]))
    parser.add_argument("--tables", default=",".join(REPORTING))
    parser.add_argument("--halves", default="0-4", type=_halves, help="like 0-4 or 2")
    parser.add_argument("--seconds", default=60.0, type=float)
    parser.add_argument("--python", help="the interpreter of the peers' environment")
    parser.add_argument("--out", type=Path, default=Path("equal_time"))
    parser.add_argument("--again", action="store_true", help="run failures once more")
    parser.add_argument("--table", action="store_true", help="print what is there")
    given = parser.parse_args()
    given.systems, given.tables = given.systems.split(","), given.tables.split(",")
    given.out = given.out.resolve() / f"{given.seconds:g}s"
    unknown = [s for s in given.systems if s not in SYSTEMS and not s.startswith("rarebird")]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known: rarebird..., {', '.join(SYSTEMS)}")
    if given.table:
        return print_tables(given.out, given.systems, given.tables, given.halves)
    if any(s in SYSTEMS for s in given.systems):
        if not given.python:
            parser.error("--python is missing: the interpreter that has the peers")
        given.python = str(Path(given.python).absolute())
    run_all(given)


if __name__ == "__main__":
    main()
