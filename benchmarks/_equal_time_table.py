"""The tables that equal_time.py prints of its stored results."""

import json
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

SHOWN = {
    "AP": ("ap", ".4f"),
    "log loss": ("log_loss", ".4f"),
    "Brier": ("brier", ".4f"),
    "mean p / rate": ("p_over_rate", ".2f"),
    "F1": ("f1", ".3f"),
    "seconds": ("seconds", ".0f"),
    "CPU seconds": ("cpu_seconds", ".0f"),
}
LEAST = -0.005  # an interval that lies below it is a loss
DRAWS = 1000
SLOW, FEW_CORES = 0.7, 1.2  # share of the time limit; cores that a fit got

Cells = dict[tuple[str, int], list[Path]]


def read_notes(cells: Cells) -> dict[tuple[str, int], list[dict]]:
    """Return measures and notes of each (table, half), a system's in its column."""
    return {c: [json.loads(str(np.load(p)["note"])) for p in paths] for c, paths in cells.items()}


def by_table(cells: dict[tuple[str, int], list[dict]], key: str) -> dict[str, np.ndarray]:
    """Return table -> value of each system, the mean over the halves (NaN where none has it)."""
    values: dict[str, list[list[float]]] = {}
    for (table, _), notes in cells.items():
        values.setdefault(table, []).append([n.get(key, np.nan) for n in notes])
    return {table: np.mean(rows, axis=0) for table, rows in values.items()}


def weighted_ap(y: np.ndarray, p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the average precision under each row of ``weights`` (draws, n)."""
    order = np.argsort(-p, kind="stable")
    last = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)  # of tied rows
    weights = weights[:, order]
    alerts = np.cumsum(weights, axis=1)[:, last]
    found = np.cumsum(weights * y[order], axis=1)[:, last]
    precision = found / np.maximum(alerts, 1)
    return (np.diff(found, axis=1, prepend=0) * precision).sum(axis=1) / found[:, -1]


def interval(first: list[Path], second: list[Path]) -> tuple[float, float]:
    """Return the 95% bootstrap interval of the difference in AP, the mean over the halves.

    A draw weighs the rows of the table, within each class: a row that several halves leave unseen
    has the same weight in each, since the halves share rows.
    """
    pairs = [(np.load(one), np.load(other)) for one, other in zip(first, second, strict=True)]
    label: dict[int, int] = {}
    for one, other in pairs:
        assert np.array_equal(one["rows"], other["rows"])
        label |= dict(zip(one["rows"].tolist(), one["y"].tolist(), strict=True))
    rows, y = np.array(sorted(label)), np.array([label[r] for r in sorted(label)])
    kept = [
        (np.searchsorted(rows, one["rows"]), one["y"], one["p"], other["p"]) for one, other in pairs
    ]
    rng, drawn = np.random.default_rng(0), []
    for _ in range(DRAWS // 50):
        weights = np.zeros((50, len(rows)), dtype=np.int32)
        for part in (np.flatnonzero(y == label) for label in (0, 1)):
            weights[:, part] = rng.multinomial(len(part), np.full(len(part), 1 / len(part)), 50)
        each = [
            weighted_ap(true, p, weights[:, at]) - weighted_ap(true, q, weights[:, at])
            for at, true, p, q in kept
        ]
        drawn.append(np.mean(each, axis=0))
    low, high = np.quantile(np.concatenate(drawn), [0.025, 0.975])
    return float(low), float(high)


def _line(*values: object) -> None:
    print("| " + " | ".join(map(str, values)) + " |")


def _head(*names: str) -> None:
    _line(*names)
    _line(*["---"] * len(names))


def _against(values: dict[str, np.ndarray], other: int) -> str:
    """Return the mean difference of the first system to another, with its standard error."""
    d = np.array([v[0] - v[other] for v in values.values()])
    error = d.std(ddof=1) / np.sqrt(len(d)) if len(d) > 1 else np.nan
    return f"{d.mean():+.4f} ({error:.4f})"


def print_tables(out: Path, systems: list[str], tables: list[str], halves: list[int]) -> None:
    """Print what all systems have, as Markdown."""
    cells: Cells = {}
    for table in tables:
        for half in halves:
            paths = [out / str(half) / table / f"{system}.npz" for system in systems]
            if all(path.exists() for path in paths):
                cells[table, half] = paths
    if not cells:
        print("No table and half that all of them have.")
        return
    notes = read_notes(cells)
    values = {name: by_table(notes, key) for name, (key, _) in SHOWN.items()}
    aps = values["AP"]
    print(f"{len(aps)} tables, {len(cells)} tables x halves.\n\n## Average precision\n")
    _head("table", "halves", "rows", "rare rows that train", *systems)
    for table, row in aps.items():
        one = [(half, n[0]) for (name, half), n in notes.items() if name == table]
        numbers = (len(one), one[0][1]["n_train"], one[0][1]["rare_train"])
        _line(table, *numbers, *(f"{v:.3f}" for v in row))
    print("\n## Means over tables\n")
    _head("", *systems)
    ranks = np.mean([rankdata(-row) for row in aps.values()], axis=0)
    _line("mean rank of AP", *(f"{v:.2f}" for v in ranks))
    for name, (_, form) in SHOWN.items():
        means = np.nanmean(list(values[name].values()), axis=0)
        _line(name, *(f"{v:{form}}" for v in means))
    far = np.max([np.abs(np.log(np.maximum(v, 1e-9))) for v in values["mean p / rate"].values()], 0)
    _line("mean p / rate: worst, a factor of", *(f"{v:.2f}" for v in np.exp(far)))
    loads = [max(n["load_before"], n["load_after"]) for row in notes.values() for n in row]
    print(f"\nLoad average around a fit: median {np.median(loads):.1f}, most {max(loads):.1f}.")
    if len(systems) > 1:
        _print_differences(systems, values, cells)
    _print_remarks(systems, notes)


def _print_differences(systems: list[str], values: dict, cells: Cells) -> None:
    first, shown = systems[0], ("AP", "log loss", "Brier", "F1")
    print(f"\n## {first} minus the other, mean over tables (standard error)\n")
    _head("other", *shown, "better / worse by more than .01 AP")
    for at, system in enumerate(systems[1:], 1):
        d = np.array([v[0] - v[at] for v in values["AP"].values()])
        count = f"{np.sum(d > 0.01)} / {np.sum(d < -0.01)}"
        _line(system, *(_against(values[name], at) for name in shown), count)
    if first == "lightgbm" or "lightgbm" not in systems:
        return
    at = systems.index("lightgbm")
    print(f"\n## {first} minus lightgbm by table: AP, 95% interval of the unseen rows\n")
    _head("table", "difference", "interval", f"below {LEAST}")
    below = []
    for table, row in values["AP"].items():
        mine = [paths for (name, _), paths in cells.items() if name == table]
        low, high = interval([p[0] for p in mine], [p[at] for p in mine])
        below += [table] * (high < LEAST)
        mark = "**yes**" if high < LEAST else ""
        _line(table, f"{row[0] - row[at]:+.4f}", f"{low:+.4f} to {high:+.4f}", mark)
    print(f"\nBelow {LEAST}: {', '.join(below) or 'none'}.")


def _print_remarks(systems: list[str], notes: dict[tuple[str, int], list[dict]]) -> None:
    told = [
        f"- {table}, half {half}, {system}: {note['failed_because']}"
        for (table, half), row in notes.items()
        for system, note in zip(systems, row, strict=True)
        if "failed_because" in note
    ]
    print(f"\nFailures, which count as the share of the class for every row: {len(told)}.")
    print("\n".join(told))
    slow = [
        f"{table} {half} {system} ({note['cpu_seconds'] / note['seconds']:.1f})"
        for (table, half), row in notes.items()
        for system, note in zip(systems, row, strict=True)
        if note["seconds"] > SLOW * note["limit"]
        and note.get("cpu_seconds", np.inf) < FEW_CORES * note["seconds"]
    ]
    print(f"\nFits near their limit that got less than {FEW_CORES} cores: {len(slow)}.")
    print("They may have lost to other work on the machine: " * bool(slow) + ", ".join(slow))
    models: dict[str, int] = {}
    for row in notes.values():
        for note in row:
            for model in note.get("models", []):
                models[model] = models.get(model, 0) + 1
    if models:
        print("\nModels that AutoGluon fitted, and how often:", end=" ")
        print(", ".join(f"{name} {n}" for name, n in models.items()) + ".")
    broken = [f"{m} ({why})" for row in notes.values() for n in row
              for m, why in n.get("failed_models", [])]  # fmt: skip
    if broken:
        print("Models of AutoGluon that failed: " + ", ".join(sorted(set(broken))) + ".")
