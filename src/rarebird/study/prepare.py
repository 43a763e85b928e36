"""From a person's table to checked rows: profile, matrix, splits and first findings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError, about, suggest
from rarebird.diagnose.check import Check
from rarebird.diagnose.column import Column, describe
from rarebird.diagnose.drift import drift_check, order_check
from rarebird.diagnose.duplicates import duplicate_checks, duplicate_groups
from rarebird.diagnose.evidence import evidence_checks
from rarebird.diagnose.files import compare_files
from rarebird.diagnose.groups import groups_check
from rarebird.diagnose.interpolated import interpolated_rows_check
from rarebird.diagnose.leakage import leakage_checks
from rarebird.diagnose.overlap import overlap_check
from rarebird.diagnose.profile import Profile, profile_table, typed_column, typed_frame
from rarebird.diagnose.shared import shared_rows_check

from .encode import Codebook
from .rows import Rows
from .splits import Design

TEST_SHARE = 0.2
FEW_ROWS = 8  # two classes: no choice below this; many: the class is not assessed


@dataclass(frozen=True)
class Prepared:
    """A table made ready; nothing but the final measurement sees its ``test`` rows."""

    profile: Profile  # what the columns are
    codebook: Codebook  # how they become a matrix
    classes: list  # labels in code order; of two the second is the positive one
    rows: Rows  # every row with a known target; those of a test file come last
    train: np.ndarray  # row numbers
    test: np.ndarray  # row numbers
    unassessed: list[int]  # codes of classes too small to be measured, all rows of which train
    checks: list[Check]  # findings so far
    frames: tuple[Any, ...]  # the rows as they were read, those of a test file apart
    few: str = ""  # why no method can be chosen and measured; ``test`` is empty then


def prepare(
    frame: Any,
    target: str,
    *,
    positive: Any = None,
    time: str | None = None,
    group: str | None = None,
    test: Any = None,
    drop: Sequence[str] = (),
    seed: int = 0,
) -> Prepared:
    """Profile a table, encode it, put the test part away and look for trouble."""
    from rarebird.data.frames import to_polars

    whole = to_polars(frame)
    frame = _without(whole, drop, target)
    if time is not None and group is not None:
        with about("time", "group"):
            raise ParameterError("give one of them, not both; rows split by time or by group.")
    profile = profile_table(frame, target, time=time, group=group)
    checks = list(profile.checks)
    known, frames = _known(frame, target), [_known(whole, target)]
    classes = _classes(profile, positive)
    y = _codes(known[target], classes, "")
    n = len(y)
    typed = typed_frame(known, profile)
    keys = [known.select([name for name in (time, group) if name])]
    if test is not None:
        other = to_polars(test)
        checks += compare_files(frame, other, target)
        if target not in other.columns:
            raise DataError(
                f"The test file has no column {target!r}.{suggest(target, other.columns)}"
            )
        other = _known(other, target)
        if not other.height:
            raise DataError(f"The test file has no row with a known {target!r}.")
        frames.append(other)
        y = np.concatenate([y, _codes(other[target], classes, " of the test file")])
        typed_test = typed_frame(other, profile)
        shared = shared_rows_check(typed, typed_test, y_test=y[n:])
        checks += [shared] if shared else []
        typed = _stack(typed, typed_test)
    codebook = Codebook.of(profile)
    X = codebook.matrix(typed)
    design = _design(keys[0], time, group, typed, len(y))
    counts = np.bincount(y[:n], minlength=len(classes))
    unassessed = [] if len(classes) == 2 else np.flatnonzero(counts < FEW_ROWS).tolist()
    if test is not None:
        train, held = np.arange(n), np.arange(n, len(y))
    elif len(unassessed) == len(classes):
        train, held = np.arange(n), np.arange(0)
    else:
        tiny = np.isin(y, unassessed)
        part = np.flatnonzero(~tiny)
        train, held = design.take(part).hold_out(y[part], TEST_SHARE, seed)
        train, held = np.sort(np.concatenate([part[train], np.flatnonzero(tiny)])), part[held]
    split = np.stack([np.bincount(y[part], minlength=len(classes)) for part in (train, held)])
    if len(classes) > 2:  # a class that a split by time or group leaves on one side only
        unassessed = np.flatnonzero((counts < FEW_ROWS) | (split < [[2], [1]]).any(axis=0)).tolist()
    few = _too_few(classes, counts, split, unassessed) or _too_alike(
        classes, y[train], design.take(train), unassessed
    )
    if few:
        train, held = np.arange(n), np.arange(0)
    rows = Rows(X, y, None, design, len(classes), codebook.categorical)
    evidence = evidence_checks(y[train], classes=classes)
    if len(classes) > 2:  # a tiny class among many is named, and puts no other in doubt
        evidence = tuple(
            replace(found, severity="warning") if found.severity == "danger" else found
            for found in evidence
        )
    checks += evidence
    checks += leakage_checks(known, y[:n], profile, classes=classes)
    checks += duplicate_checks(typed[:n], y[:n], classes=classes)
    numbers = np.delete(X, codebook.categorical, axis=1)
    made = interpolated_rows_check(numbers[train], numbers[held], y[train], y[held])
    checks += [made] if made else []
    checks.append(overlap_check(X[train], y[train], classes=classes, random_state=seed))
    if time is not None:
        drift = drift_check(design.key[:n], y[:n], classes=classes)
        checks += [drift] if drift else []
    else:
        order = order_check(known, profile)
        checks += [order] if order else []
    if group is not None:
        checks.append(groups_check(known[group].to_numpy(), y[:n], classes=classes))
    return Prepared(
        profile, codebook, classes, rows, train, held, unassessed, checks, tuple(frames), few
    )


def _too_few(classes: list, counts: np.ndarray, split: np.ndarray, unassessed: list[int]) -> str:
    """Say which class has too few rows to learn from or to measure on, if one has."""
    if len(classes) > 2:
        left = len(classes) - len(unassessed)
        if left >= 2:
            return ""
        return (
            f"Of {len(classes)} classes {left or 'none'} can be assessed, which takes {FEW_ROWS} "
            "rows, some of them in the training part and some in the test set. So no treatment "
            "can be told from another, and none is chosen."
        )
    code = int(np.argmin(counts))
    if counts[code] < FEW_ROWS:
        return (
            f"The class {str(classes[code])!r} has {counts[code]} rows. No treatment can be told "
            "from another, and no model can be measured, so none is chosen."
        )
    for code in (1, 0):
        if split[0, code] < 2 or split[1, code] < 1:
            return (
                f"The class {str(classes[code])!r} has {split[0, code]} rows in the training part "
                f"and {split[1, code]} in the test set. So no model can be both trained and "
                "measured, and no treatment is chosen."
            )
    return ""


def _too_alike(classes: list, y: np.ndarray, design: Design, unassessed: list[int]) -> str:
    """Say which class cannot be on both sides of a fold, if one cannot."""
    if design.kind == "time":
        moments = len(np.unique(design.key))
        few = "The training part has {} moments; folds forward in time need 3."
        return few.format(moments) if moments < 3 else ""
    what = "in one group" if design.kind == "group" else "equal"
    for code in sorted(set(range(len(classes))) - set(unassessed), reverse=True):
        if len(np.unique(design.key[y == code])) < 2:
            return (
                f"All training rows of the class {str(classes[code])!r} are {what}, so none of "
                "them can be predicted from others, and no treatment is chosen."
            )
    return ""


def _without(frame: Any, drop: Sequence[str], target: str) -> Any:
    with about("drop"):
        for name in drop:
            if name not in frame.columns:
                raise ParameterError(f"there is no column {name!r}.{suggest(name, frame.columns)}")
            if name == target:
                raise ParameterError(f"{name!r} is the target.")
    return frame.drop(list(drop))


def _known(frame: Any, target: str) -> Any:
    series = frame[target]
    if series.dtype.is_float():
        series = series.fill_nan(None)
    return frame.filter(series.is_not_null()) if series.null_count() else frame


def _classes(profile: Profile, positive: Any) -> list:
    labels = profile.counts.classes.tolist()
    if len(labels) > 2:
        if positive is not None:
            with about("positive"):
                raise ParameterError(
                    f"only for two classes, and {profile.target!r} has {len(labels)}; every class "
                    "is shown."
                )
        return labels
    rare = profile.counts.rarest
    if positive is not None:
        match = [label for label in labels if str(label) == str(positive)]
        if not match:
            with about("positive"):
                raise ParameterError(
                    f"{positive!r} is no class of {profile.target!r}; they are {labels}."
                    f"{suggest(str(positive), labels)}"
                )
        rare = match[0]
    return [label for label in labels if label != rare] + [rare]


def _codes(series: Any, classes: list, where: str) -> np.ndarray:
    import polars as pl

    if isinstance(series.dtype, pl.Categorical | pl.Enum):
        series = series.cast(pl.String)
    place = {label: code for code, label in enumerate(classes)}
    as_text = {str(label): code for code, label in enumerate(classes)}
    found = series.unique().to_list()
    codes = {}
    for label in found:
        code = place.get(label, as_text.get(str(label)))
        if code is None:
            raise DataError(
                f"The target{where} has the label {label!r}, which is not among {classes[:10]}."
            )
        codes[label] = code
    return series.replace_strict(codes, return_dtype=pl.Int64).to_numpy()


def _stack(one: Any, other: Any) -> Any:
    import polars as pl

    return pl.concat([one, other], how="vertical_relaxed")


def _design(keys: Any, time: str | None, group: str | None, typed: Any, n: int) -> Design:
    """Return how rows split; rows of a test file get keys of their own and are never split."""
    rest = n - keys.height if keys.width else 0
    if time is not None:
        series = keys[time]
        if series.null_count():
            raise DataError(
                f"The time column {time!r} is missing in {series.null_count()} rows; a row without "
                "a time can be neither before nor after the others. Leave those rows out."
            )
        column: Column = describe(series)
        if column.kind == "constant":
            raise DataError(f"The time column {time!r} never changes.")
        if column.kind in ("date", "numeric"):
            import polars as pl

            moment = typed_column(series, column)
            values = moment.cast(pl.Int64 if column.kind == "date" else pl.Float64).to_numpy()
        else:
            values = series.rank("dense").to_numpy()
        values = np.nan_to_num(values.astype(float), nan=np.nanmin(values.astype(float)))
        return Design("time", np.concatenate([values, np.full(rest, values.max() + 1)]))
    if group is not None:
        codes = keys[group].rank("dense").fill_null(0).to_numpy().astype(np.int64)
        return Design("group", np.concatenate([codes, codes.max() + 1 + np.arange(rest)]))
    return Design("stratified", duplicate_groups(typed))
