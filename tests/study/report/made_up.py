"""Five made-up studies in the shape that the report takes; every number comes from a seed."""

import numpy as np
from sklearn.metrics import precision_recall_curve

HOSTILE = '<script>alert("x")</script>'
NASTY = [
    HOSTILE,
    '\'; drop "table" & <b>',
    "詐欺の取引 مشبوه ✓ 🐦",
    "$x^2$ and $\\frac{",
    "long " + "n" * 195,
    "</script><!--",
    "tab\tnew\nline\x00nul",
    "@0@ {{ 7 * 7 }} {% raw %}",
]


def _scores(n, share, shift, seed):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    z = rng.normal(size=n) + shift * y
    odds = share / (1 - share) * np.exp(shift * z - shift**2 / 2)
    return y, odds / (1 + odds)


def _candidates(shift):
    rows = [
        ("baseline", "LightGBM, untreated", "baseline", "around", 0.0),
        ("class-weights", "Class weights", "treatment", "weight", 0.004),
        ("random-under", "Random under-sampling", "treatment", "data", -0.041),
        ("under-ensemble", "Under-sampling ensemble", "treatment", "ensemble", 0.038),
        ("plain-ensemble", "Unbalanced ensemble", "control", "ensemble", 0.015),
        ("balanced-forest", "Balanced random forest", "treatment", "ensemble", -0.022),
        ("smote", "SMOTE", "treatment", "data", -0.012),
    ]
    found = []
    for i, (name, title, role, place, gain) in enumerate(rows):
        d = gain + shift
        found.append(
            {
                "name": name,
                "title": title,
                "summary": "Each member sees all rare rows and a fresh part of the common ones."
                if place == "ensemble"
                else "One sentence from the card.",
                "role": role,
                "place": place,
                "value": 0.512 + (d if role != "baseline" else 0),
                "difference": None
                if role == "baseline"
                else {
                    "value": d,
                    "low": d - 0.019,
                    "high": d + 0.021,
                    "p": min(1.0, np.exp(-200 * abs(d))),
                    "p_adjusted": min(1.0, 3 * np.exp(-200 * abs(d))),
                },
                "test_difference": None
                if role == "baseline"
                else {"value": 0.8 * d, "low": 0.8 * d - 0.03, "high": 0.8 * d + 0.03},
                "seconds": 4.2 * (i + 1) ** 2,
                "memory_mb": 180.0 * (i + 1),
                "fits": 15 * (i + 1),
                "config": "learning_rate=0.05, num_leaves=31, members=10",
                "status": "ok",
                "tuned_gain": 0.113 if i in (0, 3) else None,
            }
        )
    found.append(
        {
            **found[-1],
            "name": "slow",
            "title": "A slow one",
            "value": None,
            "difference": None,
            "test_difference": None,
            "status": "stopped: it would have taken 14 minutes",
            "tuned_gain": None,
        }
    )
    return found


def _binary():
    y, p = _scores(12_000, 0.024, 2.6, 1)
    oof_y, oof_p = _scores(30_000, 0.024, 2.6, 2)
    threshold = 0.137
    precision, recall, cuts = precision_recall_curve(y, p)
    b_precision, b_recall, _ = precision_recall_curve(
        y, p * np.exp(np.random.default_rng(0).normal(size=len(p)))
    )
    alarm = p >= threshold
    tp, n_pos = int((alarm & (y == 1)).sum()), int(y.sum())
    order = np.argsort(-p)
    bins = np.array_split(np.argsort(p), 10)
    grid = np.geomspace(0.001, 0.99, 300)
    cost = [
        float((((p >= t) & (y == 0)).sum() + 20 * ((p < t) & (y == 1)).sum()) / len(y))
        for t in grid
    ]
    counts = [
        {"class": "ok", "n": 39_100, "share": 0.976, "train": 27_370, "test": 11_730},
        {"class": "fraud", "n": 961, "share": 0.024, "train": 673, "test": 288},
    ]
    checks = [
        {"code": "RB001", "severity": "info", "message": "There are 961 rare rows."},
        {"code": "RB002", "severity": "info", "message": "The ratio is 40.7 to 1."},
        {
            "code": "RB003",
            "severity": "warning",
            "message": "31 % of the rare rows are safe, 40 % borderline, 17 % rare, 12 % outliers.",
        },
        {"code": "RB010", "severity": "warning", "message": "3 % of the rows are exact copies."},
    ]
    return {
        "title": "Card payments in March",
        "file": "card_payments.parquet",
        "target": "kind",
        "task": "binary",
        "classes": ["ok", "fraud"],
        "positive": "fraud",
        "n_rows": 40_061,
        "n_columns": 23,
        "created": "2026-11-21T10:00:00",
        "version": "0.1.0",
        "words": None,
        "verdict": {
            "target": "kind",
            "classes": ["ok", "fraud"],
            "objective": "ap",
            "chosen": "under-ensemble",
            "nothing_helps": False,
            "test": {
                "metric": "ap",
                "value": 0.541,
                "low": 0.482,
                "high": 0.597,
                "n": len(y),
                "n_positive": n_pos,
            },
            "baseline": {
                "metric": "ap",
                "value": 0.509,
                "low": 0.449,
                "high": 0.566,
                "n": len(y),
                "n_positive": n_pos,
            },
            "difference": {"value": 0.038, "low": 0.019, "high": 0.059, "p": 0.0015},
            "decision": {
                "kind": "threshold",
                "threshold": threshold,
                "low": 0.101,
                "high": 0.182,
                "describe": "",
                "why": "",
                "tuned": True,
            },
            "prior": {
                "training": {"ok": 0.976, "fraud": 0.024},
                "deployment": {"ok": 0.976, "fraud": 0.024},
            },
            "checks": checks,
            "candidates_compared": 6,
            "level": 0.01,
        },
        "objective": {
            "name": "ap",
            "title": "average precision",
            "greater_is_better": True,
            "objective": "ranking",
            "averaging": None,
            "wish": {
                "kind": "cost",
                "text": "a miss costs 20 false alerts",
                "met": True,
                "why": "",
            },
        },
        "counts": counts,
        "columns": [
            {
                "name": "amount",
                "kind": "numeric",
                "n_missing": 0,
                "n_unique": 9_312,
                "used": True,
                "why": "",
            },
            {
                "name": "merchant",
                "kind": "categorical",
                "n_missing": 31,
                "n_unique": 412,
                "used": True,
                "why": "",
            },
            {
                "name": "paid_at",
                "kind": "date",
                "n_missing": 0,
                "n_unique": 39_911,
                "used": True,
                "why": "became hour, weekday and month",
            },
            {
                "name": "card_id",
                "kind": "identifier",
                "n_missing": 0,
                "n_unique": 40_061,
                "used": False,
                "why": "names rows, says nothing about new ones",
            },
            {
                "name": "currency",
                "kind": "constant",
                "n_missing": 0,
                "n_unique": 1,
                "used": False,
                "why": "the same in every row",
            },
        ],
        "candidates": _candidates(0.0),
        "curves": {
            "precision_recall": {
                "recall": recall.tolist(),
                "precision": precision.tolist(),
                "threshold": cuts.tolist(),
            },
            "baseline_precision_recall": {
                "recall": b_recall.tolist(),
                "precision": b_precision.tolist(),
                "threshold": [],
            },
            "calibration": [
                {
                    "mean_p": float(p[b].mean()),
                    "share": float(y[b].mean()),
                    "low": max(0.0, float(y[b].mean() - 2 * np.sqrt(p[b].mean() / len(b)))),
                    "high": float(y[b].mean() + 2 * np.sqrt(p[b].mean() / len(b))),
                    "n": len(b),
                }
                for b in bins
            ],
            "gain": {
                "alerts_share": ((np.arange(len(y)) + 1) / len(y)).tolist(),
                "recall": (np.cumsum(y[order]) / n_pos).tolist(),
            },
            "cost": {"threshold": [float("inf"), *grid[::-1].tolist()], "cost": [2.0, *cost[::-1]]},
            "operating": {
                "threshold": threshold,
                "recall": tp / n_pos,
                "precision": tp / int(alarm.sum()),
                "alerts_share": float(alarm.mean()),
            },
        },
        "outcome": {
            "n": len(y),
            "n_positive": n_pos,
            "found": tp,
            "found_low": tp - 16,
            "found_high": tp + 15,
            "alerts": int(alarm.sum()),
            "per_1000_alerts": 1000 * float(alarm.mean()),
            "precision": tp / int(alarm.sum()),
            "precision_low": tp / int(alarm.sum()) - 0.05,
            "precision_high": tp / int(alarm.sum()) + 0.05,
            "cost_per_1000": 161.2,
            "cost_no_model_per_1000": 188.0,
        },
        "slider": {
            "p": oof_p.tolist(),
            "y": oof_y.tolist(),
            "w": [1.0] * len(oof_y),
            "threshold": threshold,
            "prior": 0.024,
            "costs": {"fp": 1, "fn": 20},
        },
        "importance": [
            {"column": name, "value": value, "least": value - 0.02, "largest": value + 0.02, "n": 5}
            for name, value in [
                ("amount", 0.21),
                ("merchant", 0.13),
                ("paid_at: hour", 0.08),
                ("country", 0.05),
                ("days since last payment", 0.031),
                ("card age", 0.012),
                ("channel", 0.001),
                ("terminal", -0.002),
            ]
        ],
        "reproduce": {
            "command": "rarebird study card_payments.parquet --target kind --cost fp=1,fn=20",
            "python": 'rarebird.Study(cost={"fp": 1, "fn": 20}).run(frame, target="kind")',
            "data_hash": "sha256:9f2b7c0d5e8a4d1f",
            "seed": 0,
            "versions": {
                "python": "3.11.7",
                "rarebird": "0.1.0",
                "scikit-learn": "1.9.1",
                "lightgbm": "4.7.0",
            },
            "cells": 105,
            "budget": 600,
            "files": [
                {"name": "model.skops", "what": "the model; rarebird predict reads it"},
                {"name": "results.parquet", "what": "a row for every cell of the comparison"},
                {"name": "verdict.json", "what": "the verdict for machines"},
            ],
        },
        "few_rows": None,
    }


def _nothing():
    data = _binary()
    data["candidates"] = _candidates(-0.035)
    data["verdict"].update(chosen=None, nothing_helps=True, difference=None)
    data["verdict"]["test"] = data["verdict"]["baseline"]
    data["verdict"]["checks"] += [
        {
            "code": "RB005",
            "severity": "danger",
            "message": "“refund_code” alone separates the classes: average precision 0.998.",
        }
    ]
    data["objective"]["wish"] = {
        "kind": "min-precision",
        "text": "precision of at least 0.99",
        "met": False,
        "why": "the best on the folds is 0.94",
    }
    data["outcome"].update(cost_per_1000=None)
    data["slider"]["costs"] = None
    data["curves"]["cost"] = None
    return data


def _few():
    data = _binary()
    data.update(
        target="defect",
        classes=[0, 1],
        positive=1,
        n_rows=412,
        candidates=[],
        curves=None,
        outcome=None,
        slider=None,
        importance=None,
        counts=[
            {"class": 0, "n": 407, "share": 407 / 412, "train": None, "test": None},
            {"class": 1, "n": 5, "share": 5 / 412, "train": None, "test": None},
        ],
        few_rows={
            "message": "The file has 5 rows with defect = 1, and a comparison needs at least 8.",
            "can_see": [
                "All five have a temperature above 80.",
                "Four of the five come from line 3.",
            ],
            "cannot_learn": [
                "Which treatment is best.",
                "A threshold, or how many defects it would find.",
            ],
            "needed": 45,
        },
    )
    data["verdict"].update(
        target="defect",
        classes=[0, 1],
        chosen=None,
        nothing_helps=False,
        test=None,
        baseline=None,
        difference=None,
        decision=None,
        prior=None,
        candidates_compared=0,
        checks=[{"code": "RB001", "severity": "warning", "message": "There are 5 rare rows."}],
    )
    data["reproduce"]["files"] = [{"name": "verdict.json", "what": "the verdict for machines"}]
    return data


def _multiclass():
    data = _binary()
    names = ["normal", "scratch", "dent", "bump", "stain", "crack", "hole"]
    sizes = [22_410, 4_010, 1_204, 602, 180, 61, 17]
    total = sum(sizes)
    data.update(
        task="multiclass",
        classes=names,
        positive=None,
        outcome=None,
        slider=None,
        n_rows=total,
        title=None,
        file="steel_plates.csv",
        target="fault",
        counts=[
            {
                "class": c,
                "n": n,
                "share": n / total,
                "train": round(n * 0.7),
                "test": n - round(n * 0.7),
            }
            for c, n in zip(names, sizes, strict=True)
        ],
        curves={
            "per_class": [
                {
                    "class": c,
                    "n_test": n - round(n * 0.7),
                    "value": 0.95 - 0.1 * i,
                    "low": 0.93 - 0.12 * i,
                    "high": min(0.99, 0.97 - 0.07 * i),
                    "recall": 0.96 - 0.11 * i,
                    "precision": 0.97 - 0.08 * i,
                }
                for i, (c, n) in enumerate(zip(names, sizes, strict=True))
            ]
        },
    )
    data["verdict"].update(
        target="fault",
        classes=names,
        chosen="plain-ensemble",
        prior={"training": dict.fromkeys(names, 0.14), "deployment": dict.fromkeys(names, 0.14)},
        difference={"value": 0.031, "low": 0.012, "high": 0.052, "p": 0.004},
        decision={
            "kind": "argmax",
            "threshold": None,
            "low": None,
            "high": None,
            "describe": "take the most probable class",
            "why": "",
            "tuned": False,
        },
    )
    gains = {r["name"]: r["difference"] for r in data["candidates"]}
    for row in data["candidates"]:
        swap = {"plain-ensemble": "under-ensemble", "under-ensemble": "plain-ensemble"}
        row["difference"] = gains[swap.get(row["name"], row["name"])]
    data["objective"].update(averaging="macro, one class against the rest", wish=None)
    return data


def _hostile():
    data = _binary()
    first, second = NASTY[0], NASTY[4]
    data.update(
        title=NASTY[5],
        file=NASTY[1],
        target=NASTY[2],
        classes=[second, first],
        positive=first,
        counts=[{**r, "class": c} for r, c in zip(data["counts"], (second, first), strict=True)],
        columns=[
            {**data["columns"][0], "name": n, "why": n, "used": i % 2 == 0}
            for i, n in enumerate(NASTY)
        ],
        importance=[
            {"column": n, "value": 0.1, "least": 0.05, "largest": 0.2, "n": 5} for n in NASTY
        ],
    )
    data["verdict"].update(target=NASTY[2], classes=[second, first])
    data["verdict"]["prior"] = {
        "training": {first: 0.02, second: 0.98},
        "deployment": {first: 0.02},
    }
    data["verdict"]["checks"] = [
        {"code": "RB005", "severity": "danger", "message": f"Column {n} gives the target away."}
        for n in NASTY
    ]
    for row, name in zip(data["candidates"][1:], NASTY, strict=False):
        row.update(title=name, config=name, status=name)
    data["reproduce"]["command"] = f"rarebird study {NASTY[0]} --target {NASTY[1]}"
    return data


MADE = {
    "treatment": _binary,
    "baseline": _nothing,
    "few": _few,
    "multiclass": _multiclass,
    "hostile": _hostile,
}
KINDS = tuple(MADE)
