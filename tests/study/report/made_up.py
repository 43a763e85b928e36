"""Made-up reports, built by hand from the report's own types; every number has a seed."""

from dataclasses import replace

import numpy as np
from made_classes import made_classes

from rarebird.diagnose.check import Check
from rarebird.diagnose.column import Column
from rarebird.metrics.curves import calibration_bins, cost_curve, gain, precision_recall
from rarebird.metrics.estimate import Estimate, Range
from rarebird.metrics.significance import Difference
from rarebird.study.goal import AtLeast, Minimise, RankBy
from rarebird.study.report.content import (
    CandidateRow,
    ClassResult,
    ClassRow,
    Curves,
    DecisionRule,
    FewRows,
    Importance,
    Measurement,
    Outcome,
    Part,
    Report,
    Reproduce,
    Shipped,
    Verdict,
    Worth,
)
from rarebird.study.report.slider import make_slider

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
THRESHOLD, SHARE = 0.137, 0.024


def scores(n, seed, share=SHARE, shift=2.6):
    """Labels, and probabilities that are true."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    z = rng.normal(size=n) + shift * y
    odds = share / (1 - share) * np.exp(shift * z - shift**2 / 2)
    return y, odds / (1 + odds)


OOF = scores(30_000, 2)


def within(value, low, high):
    """An estimate with its 95% interval."""
    return Estimate(value, low, high, 0.95, "made up")


def difference(value, low, high, p_adjusted):
    """A difference of two models, with its p-value for all comparisons."""
    return Difference(value, low, high, 0.95, "made up", 0.01, 9, p_adjusted / 3, p_adjusted)


def worth(answer, chance, goal, *on_test):
    """What a model is worth: each difference as its value and the ends of its interval."""
    p = {"yes": 0.0001, "unclear": 0.03, "no": 0.4}[answer]
    oof = [difference(*each, p) for each in (chance, goal)]
    return Worth(answer, *oof, *(within(*each) for each in on_test))


def shipped(*parts, whole=True):
    """What is shipped: each part as its learner, treatment and setting."""
    parts = tuple(Part(*part, weight=1 / len(parts)) for part in parts)
    return Shipped(parts, 5 * len(parts), 40_061 if whole else 28_043, whole, 3.14, 0.42)


def evidence(effect, sign=1.0):
    """The word for an effect."""
    low, high = sorted((sign * effect.low, sign * effect.high))
    if effect.p_adjusted < 0.01 and low > 0:
        return "proven"
    return "likely" if low > 0 else "harmful" if high < 0 else "none"


def one_class(report, n, *, found=None):
    """The report with n rare rows in the test set, of which some are found."""
    test = replace(report.verdict.test, n_positive=n)
    outcome = replace(report.outcome, n_positive=n, **(found or {}))
    return replace(report, verdict=replace(report.verdict, test=test), outcome=outcome)


def _candidates(shift):
    rows = [
        ("baseline", "baseline", "baseline", "around", 0.0),
        ("class-weights", "Class weights", "treatment", "weight", 0.004),
        ("random-under", "Random under-sampling", "treatment", "data", -0.041),
        ("under-ensemble", "Under-sampling ensemble", "treatment", "ensemble", 0.038),
        ("plain-ensemble", "Unbalanced ensemble", "control", "ensemble", 0.015),
        ("balanced-forest", "Balanced random forest", "treatment", "ensemble", -0.022),
        ("smote", "SMOTE", "treatment", "data", -0.012),
    ]
    found = []
    for i, (name, title, role, place, more) in enumerate(rows):
        d, compared = more + shift, role != "baseline"
        p = min(1.0, 3 * np.exp(-200 * max(d, 0.0)))
        effect = difference(d + 0.003, d - 0.016, d + 0.024, p)
        found.append(
            CandidateRow(
                name=name,
                title=title,
                role=role,
                summary="Each member sees all rare rows and a fresh part of the common ones."
                if place == "ensemble"
                else "One sentence from the card.",
                place=place,
                config="learning_rate=0.05, num_leaves=31, members=10" if compared else "lightgbm",
                evidence=evidence(effect) if compared else "",
                effect=effect if compared else None,
                repeats=3,
                value=0.512 + (d if compared else 0),
                difference=difference(d, d - 0.019, d + 0.021, p) if compared else None,
                test_difference=within(0.8 * d, 0.8 * d - 0.0317, 0.8 * d + 0.0317)
                if compared
                else None,
                tuned_gain=0.113 if i in (0, 3) else None,
                seconds=4.2 * (i + 1) ** 2,
                memory_mb=180.0 * (i + 1),
                fits=15 * (i + 1),
            )
        )
    behind = CandidateRow(
        "behind",
        "One that fell behind",
        "treatment",
        dropped="it was behind: on 2 folds its average precision differed by -0.04",
        seconds=7.3,
        memory_mb=91.0,
        fits=2,
    )
    slow = CandidateRow(
        "slow",
        "A slow one",
        "treatment",
        status="stopped: it would have taken 14 minutes",
        seconds=67.0,
        memory_mb=95.0,
        fits=4,
    )
    return (*found, behind, slow)


def _evidence(shift):
    return {row.name: row.evidence for row in _candidates(shift) if row.evidence}


def _binary():
    y, p = scores(12_000, 1)
    noise = np.exp(np.random.default_rng(0).normal(size=len(p)))
    alarm = p >= THRESHOLD
    n_positive, found, alerts = int(y.sum()), int(y[alarm].sum()), int(alarm.sum())
    test = Measurement("ap", within(0.541, 0.482, 0.597), len(y), n_positive)
    costs = {"fp": 1.0, "fn": 20.0}
    checks = (
        Check("RB001", "info", "There are 961 rare rows."),
        Check("RB002", "info", "The ratio is 40.7 to 1."),
        Check("RB003", "warning", "31% of the rare rows are safe, 40% borderline, 17% rare."),
        Check("RB010", "warning", "3% of the rows are exact copies."),
    )
    return Report(
        title="Card payments in March",
        file="card_payments.parquet",
        created="2026-11-21",
        version="0.1.0",
        n_rows=40_061,
        n_columns=23,
        level=0.01,
        goal=Minimise([[0, 20], [1, 0]], rank_by="ap", sentence="a miss costs 20 false alerts"),
        verdict=Verdict(
            target="kind",
            classes=("ok", "fraud"),
            objective="ap",
            prior=(1 - SHARE, SHARE),
            checks=checks,
            headline="ship",
            worth=worth("yes", *[(0.51, 0.45, 0.57)] * 2, *[(0.517, 0.458, 0.573)] * 2),
            shipped=shipped(("", "under-ensemble", "members=10")),
            chosen="under-ensemble",
            evidence=_evidence(0.0),
            test=test,
            baseline=replace(test, estimate=within(0.509, 0.449, 0.566)),
            difference=difference(0.038, 0.019, 0.059, 0.0015),
            decision=DecisionRule(
                "threshold",
                "alert when the probability is at least 0.137",
                within(THRESHOLD, 0.101, 0.182),
            ),
        ),
        classes=(
            ClassRow("ok", 39_100, 27_370, 11_730, 0.976),
            ClassRow("fraud", 961, 673, 288, SHARE),
        ),
        columns=(
            Column("amount", "numeric", "Float64", 0, 9_312),
            Column("merchant", "categorical", "String", 31, 412),
            Column("paid_at", "date", "Date", 0, 39_911, why="became hour, weekday and month"),
            Column("card_id", "identifier", "String", 0, 40_061, False, "names rows"),
            Column("currency", "constant", "String", 0, 1, False, "the same in every row"),
        ),
        candidates=_candidates(0.0),
        detectable=0.0213,
        left_out=("3 of 12 settings of the baseline",),
        curves=Curves(
            precision_recall(y, p),
            gain(y, p),
            tuple(calibration_bins(y, p)),
            precision_recall(y, p * noise),
            cost_curve(y, np.clip(p, 0, 1), **costs),
        ),
        outcome=Outcome(
            n=len(y),
            n_positive=n_positive,
            found=found,
            alerts=alerts,
            recall=within(found / n_positive, (found - 16) / n_positive, (found + 15) / n_positive),
            precision=within(found / alerts, found / alerts - 0.05, found / alerts + 0.05),
            threshold=THRESHOLD,
            cost=0.1612,
            cost_without_model=0.188,
        ),
        slider=make_slider(OOF[1], OOF[0], None, threshold=THRESHOLD, prior=SHARE, costs=costs),
        importance=tuple(
            Importance(name, Range(value, value - 0.02, value + 0.02, 5))
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
        ),
        reproduce=Reproduce(
            python='rarebird.Study(cost={"fp": 1, "fn": 20}).run(frame, target="kind")',
            command="rarebird study card_payments.parquet --target kind --cost fp=1,fn=20",
            data_hash="sha256:9f2b7c0d5e8a4d1f",
            seed=0,
            budget=600.0,
            design="stratified",
            n_train=28_043,
            row_cap=20_000,
            n_folds=5,
            n_repeats=3,
            cells=105,
            versions={"python": "3.11.7", "rarebird": "0.1.0", "scikit-learn": "1.9.1"},
            files={
                "model.skops": "the model; rarebird predict reads it",
                "verdict.json": "the verdict for machines",
            },
        ),
    )


def _nothing():
    report = _binary()
    verdict = report.verdict
    danger = "“refund_code” alone separates the classes: average precision 0.998."
    return replace(
        report,
        goal=AtLeast("precision", 0.99, rank_by="ap", sentence="precision of at least 0.99"),
        candidates=_candidates(-0.035),
        curves=replace(report.curves, cost=None, baseline=None),
        outcome=replace(report.outcome, cost=None, cost_without_model=None),
        slider=make_slider(OOF[1], OOF[0], None, threshold=THRESHOLD, prior=SHARE),
        verdict=replace(
            verdict,
            chosen=None,
            shipped=shipped(("lightgbm", None, "lightgbm"), whole=False),
            evidence=_evidence(-0.035),
            difference=None,
            test=verdict.baseline,
            decision=replace(verdict.decision, met=False, why="the best on the folds is 0.94"),
            checks=(*verdict.checks, Check("RB005", "danger", danger)),
        ),
    )


def _few():
    report = _binary()
    return replace(
        report,
        n_rows=412,
        goal=RankBy(rank_by="ap"),
        verdict=Verdict(
            target="defect",
            classes=("0", "1"),
            objective="ap",
            prior=(407 / 412, 5 / 412),
            checks=(Check("RB001", "warning", "There are 5 rare rows."),),
        ),
        classes=(ClassRow("0", 407, 407, 0, 407 / 412), ClassRow("1", 5, 5, 0, 5 / 412)),
        candidates=(),
        detectable=None,
        left_out=(),
        curves=None,
        outcome=None,
        slider=None,
        importance=(),
        few=FewRows(
            "The file has 5 rows with defect = 1, and a comparison needs at least 8.",
            ("All five have a temperature above 80.", "Four of the five come from line 3."),
            ("Which treatment is best.", "A threshold, or how many defects it would find."),
            45,
        ),
    )


def _multiclass():
    report = _binary()
    names = ("normal", "scratch", "dent", "bump", "stain", "crack", "flake")
    sizes = (22_410, 4_010, 1_204, 602, 180, 61, 17)
    total = sum(sizes)
    train = [round(n * 0.7) for n in sizes]
    swap = {"plain-ensemble": "under-ensemble", "under-ensemble": "plain-ensemble"}
    gains, effects, words = (
        {row.name: getattr(row, name) for row in report.candidates}
        for name in ("difference", "effect", "evidence")
    )
    return replace(
        report,
        title="Study of fault",
        file="steel_plates.csv",
        n_rows=total,
        goal=RankBy(rank_by="ap"),
        classes=tuple(
            ClassRow(label, n, k, n - k, n / total)
            for label, n, k in zip(names, sizes, train, strict=True)
        ),
        candidates=tuple(
            replace(
                row,
                difference=gains[swap.get(row.name, row.name)],
                effect=effects[swap.get(row.name, row.name)],
                evidence=words[swap.get(row.name, row.name)],
            )
            for row in report.candidates
        ),
        curves=None,
        outcome=None,
        slider=None,
        many=made_classes(names, [n - k for n, k in zip(sizes, train, strict=True)]),
        per_class=tuple(
            ClassResult(
                label,
                n - k,
                0.95 - 0.1 * i,
                within(0.96 - 0.11 * i, 0.94 - 0.13 * i, 0.99 - 0.08 * i),
                0.97 - 0.08 * i,
            )
            for i, (label, n, k) in enumerate(zip(names, sizes, train, strict=True))
        )[::-1],
        verdict=replace(
            report.verdict,
            target="fault",
            classes=names,
            chosen="plain-ensemble",
            shipped=shipped(("", "plain-ensemble", "members=10")),
            prior=(0.14,) * len(names),
            difference=difference(0.031, 0.012, 0.052, 0.004),
            decision=DecisionRule(
                "weights",
                "predict the class with the largest weight × probability",
                why="tuned for f1 on 1,279 rows",
            ),
        ),
    )


def _hostile():
    report = _binary()
    labels = NASTY[4], NASTY[0]
    plain, *others = report.candidates
    return replace(
        report,
        title=NASTY[5],
        file=NASTY[1],
        classes=tuple(
            replace(row, label=label) for row, label in zip(report.classes, labels, strict=True)
        ),
        columns=tuple(
            replace(report.columns[0], name=name, why=name, used=i % 2 == 0)
            for i, name in enumerate(NASTY)
        ),
        importance=tuple(Importance(name, Range(0.1, 0.05, 0.2, 5)) for name in NASTY),
        candidates=(
            plain,
            *(
                replace(row, title=name, config=name, status=name)
                for row, name in zip(others, NASTY, strict=False)
            ),
        ),
        verdict=replace(
            report.verdict,
            target=NASTY[2],
            classes=labels,
            prior=(0.5,) * len(labels),
            checks=tuple(
                Check("RB005", "danger", f"Column {name} gives the target away.") for name in NASTY
            ),
        ),
        reproduce=replace(
            report.reproduce, command=f"rarebird study {NASTY[0]} --target {NASTY[1]}"
        ),
    )


def _plain():
    report = _binary()
    return replace(
        report,
        goal=RankBy(rank_by="ap"),
        candidates=_candidates(-0.035),
        curves=replace(report.curves, cost=None, baseline=None),
        outcome=replace(report.outcome, cost=None, cost_without_model=None),
        slider=make_slider(OOF[1], OOF[0], None, threshold=THRESHOLD, prior=SHARE),
        verdict=replace(
            report.verdict,
            chosen=None,
            shipped=shipped(("lightgbm", None, "lightgbm (num_leaves=63)")),
            evidence=_evidence(-0.035),
            difference=None,
            test=report.verdict.baseline,
        ),
    )


def _blend():
    report = _plain()
    both = shipped(("lightgbm", None, "lightgbm"), ("forest", "smote", "forest with ratio=0.5"))
    return replace(report, verdict=replace(report.verdict, chosen="smote", shipped=both))


def _cannot_tell():
    report = one_class(_plain(), 17, found={"recall": within(9 / 17, 5 / 17, 13 / 17), "found": 9})
    wide = tuple(
        replace(
            row,
            effect=difference(at := row.effect.value, at - 0.11, at + 0.12, 1.0),
            difference=difference(0.1, -0.08, 0.28, 0.9),
            evidence="none",
        )
        if row.effect
        else row
        for row in report.candidates
    )
    rule = DecisionRule(
        "threshold",
        "alert when the probability is at least 0.08",
        within(0.08, float("nan"), float("nan")),
        tuned=False,
        why="17 positive and 683 negative rows are too few to tune on (it takes 20 of each); the "
        "threshold is the base rate: it alerts on about as many rows as are positive",
    )
    return replace(
        report,
        candidates=wide,
        detectable=0.124,
        verdict=replace(
            report.verdict,
            headline="cannot_tell",
            worth=worth("yes", *[(0.37, 0.12, 0.61)] * 2, *[(0.35, 0.04, 0.7)] * 2),
            evidence=dict.fromkeys(report.verdict.evidence, "none"),
            decision=rule,
        ),
    )


def _few_model():
    report = _cannot_tell()
    few = replace(_few().few, message="The training set has 17 “fraud” rows.")
    verdict = replace(report.verdict, headline="too_few")
    return replace(report, few=few, verdict=verdict, candidates=report.candidates[:1])


def _no_signal():
    report, nothing = _cannot_tell(), (-0.002, -0.011, 0.008)
    return replace(
        report,
        verdict=replace(
            report.verdict,
            headline="no_signal",
            worth=worth("no", *[nothing] * 2, *[(-0.004, -0.02, 0.013)] * 2),
        ),
    )


def _no_saving():
    """A model that ranks, and whose costs are no lower than without it."""
    report = _binary()

    def loss(found):
        return found and replace(found, value=-found.value, low=-found.high, high=-found.low)

    return replace(
        report,
        goal=Minimise([[0, 20], [1, 0]], sentence="a miss costs 20 false alerts"),
        candidates=tuple(
            replace(row, effect=loss(row.effect), difference=loss(row.difference))
            for row in report.candidates
        ),
        verdict=replace(
            report.verdict,
            objective="cost",
            worth=worth(
                "unclear",
                (0.51, 0.45, 0.57),
                (-0.0118, -0.0256, 0.002),
                (0.517, 0.458, 0.573),
                (-0.0268, -0.0531, -0.0005),
            ),
        ),
    )


def _ended():
    report = _plain()
    return replace(
        report,
        ended="It was interrupted.",
        left_out=("3 of 12 settings of the baseline", "treatments: smote, tomek-links"),
        verdict=replace(
            report.verdict,
            shipped=shipped(("lightgbm", None, "lightgbm (num_leaves=63)"), whole=False),
        ),
    )


MADE = {
    "treatment": _binary,
    "baseline": _nothing,
    "few": _few,
    "multiclass": _multiclass,
    "hostile": _hostile,
    "plain": _plain,
    "blend": _blend,
    "cannot-tell": _cannot_tell,
    "few-model": _few_model,
    "no-signal": _no_signal,
    "no-saving": _no_saving,
    "ended": _ended,
}
KINDS = tuple(MADE)
