"""From a person's table to checked rows: profile, matrix, splits and first findings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from rarebird._errors import DataError, ParameterError, about, suggest
from rarebird.diagnose.check import Check
from rarebird.diagnose.column import describe
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

from .audit import audit, suspects
from .encode import Codebook
from .rows import Rows
from .splits import Design

TEST_SHARE = 0.2
FEW_ROWS = 8  # two classes: no choice below this; many: the class is not assessed
TIED = 10  # rows that agree but for suspects, from which on this is no copying


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


@threadpool_limits.wrap(limits=1, user_api="blas")  # many small products; the same sums anywhere
def prepare(
    frame: Any,
    target: str,
    *,
    positive: Any = None,
    time: str | None = None,
    group: str | None = None,
    test: Any = None,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    seed: int = 0,
) -> Prepared:
    """Profile a table, encode it, put the test part away and look for trouble."""
    import polars as pl

    from rarebird.data.frames import to_polars

    whole = to_polars(frame)
    _check_names(whole.columns, target, drop=drop, keep=keep)
    if time is not None and group is not None:
        with about("time", "group"):
            raise ParameterError("give one of them, not both; rows split by time or by group.")
    frame = whole.drop(list(drop))
    profile = profile_table(frame, target, time=time, group=group, keep=keep)
    with about("keep"):
        for column in map(profile.column, keep):
            if not column.used:
                raise ParameterError(f"{column.name!r} cannot be used: {column.why}.")
    known, frames = _known(frame, target), [_known(whole, target)]
    classes = _classes(profile, positive)
    y = _codes(known[target], classes, "")
    n, found = len(y), list[Check | None](profile.checks)
    typed = typed_frame(known, profile)
    if test is not None:
        other = to_polars(test)
        found += compare_files(frame, other, target)
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
        typed = pl.concat([typed, typed_test], how="vertical_relaxed")
    codebook = Codebook.of(profile)
    X = codebook.matrix(typed)
    names = [name for name in suspects(profile, X[:n], codebook) if name not in keep]
    design = _design(known, time, group, typed, names)
    counts = np.bincount(y[:n], minlength=len(classes))
    unassessed = [] if len(classes) == 2 else np.flatnonzero(counts < FEW_ROWS).tolist()
    if test is not None or len(unassessed) == len(classes):
        train, held = np.arange(n), np.arange(n, len(y))
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
    if names and not few:
        profile, check = audit(profile, rows.take(train), names, codebook, seed)
        if check is not None:
            found.append(check)
            typed, codebook = typed.select(profile.features), Codebook.of(profile)
            X = codebook.matrix(typed)
            rows = replace(rows, X=X, categorical=codebook.categorical)
    if test is not None:
        found.append(shared_rows_check(typed[:n], typed[n:], y_test=y[n:]))
    for check in evidence_checks(y[train], classes=classes):
        # a tiny class among many is named, and puts no other in doubt
        mild = len(classes) > 2 and check.severity == "danger"
        found.append(replace(check, severity="warning") if mild else check)
    found += leakage_checks(known, y[:n], profile, classes=classes)
    found += duplicate_checks(typed[:n], y[:n], classes=classes)
    numbers = np.delete(X, codebook.categorical, axis=1)
    found.append(interpolated_rows_check(numbers[train], numbers[held], y[train], y[held]))
    found.append(overlap_check(X[train], y[train], classes=classes, random_state=seed))
    if time is not None:
        found.append(drift_check(design.key[:n], y[:n], classes=classes))
    else:
        found.append(order_check(known, profile))
    if group is not None:
        found.append(groups_check(known[group].to_numpy(), y[:n], classes=classes))
    checks = [check for check in found if check is not None]
    return Prepared(
        profile, codebook, classes, rows, train, held, unassessed, checks, tuple(frames), few
    )


def _too_few(classes: list, counts: np.ndarray, split: np.ndarray, unassessed: list[int]) -> str:
    """Say which class has too few rows to train or to measure on, if one has."""
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
    known = {key(label): i for key in (str, lambda x: x) for i, label in enumerate(classes)}
    codes = {}
    for label in series.unique().to_list():
        codes[label] = known.get(label, known.get(str(label)))
        if codes[label] is None:
            raise DataError(
                f"The target{where} has the label {label!r}, which is not among {classes[:10]}."
            )
    return series.replace_strict(codes, return_dtype=pl.Int64).to_numpy()


def _check_names(columns: list[str], target: str, **given: Sequence[str]) -> None:
    """Refuse names that are no feature columns, and a column to be dropped and kept."""
    for option, names in given.items():
        with about(option):
            for name in names:
                if name not in columns:
                    raise ParameterError(f"there is no column {name!r}.{suggest(name, columns)}")
                if name == target:
                    raise ParameterError(f"{name!r} is the target.")
    both = sorted(set(given["drop"]) & set(given["keep"]))
    if both:
        with about("drop", "keep"):
            raise ParameterError(f"{both[0]!r} cannot be left out and kept.")


def _design(
    known: Any, time: str | None, group: str | None, typed: Any, suspects: list[str]
) -> Design:
    """Return how rows split; rows of a test file get keys of their own and are never split.

    Copies of a row stay together, also where only suspects tell them apart: these may be left out
    later, by what the training part says. Where this would tie rows by tens, copies are natural.
    """
    rest = typed.height - known.height
    if time is not None:
        moments = _moments(known[time])
        return Design("time", np.concatenate([moments, np.full(rest, moments.max() + 1)]))
    if group is not None:
        codes = known[group].rank("dense").fill_null(0).to_numpy().astype(np.int64)
        return Design("group", np.concatenate([codes, codes.max() + 1 + np.arange(rest)]))
    copies = duplicate_groups(typed)
    if suspects:
        more = duplicate_groups(typed.drop(suspects))
        copies = more if TIED * more.max(initial=0) > copies.max(initial=0) else copies
    return Design("stratified", copies)


def _moments(series: Any) -> np.ndarray:
    """Return the times of the rows as numbers in their order."""
    import polars as pl

    if series.null_count():
        raise DataError(
            f"The time column {series.name!r} is missing in {series.null_count()} rows; a row "
            "without a time can be neither before nor after the others. Leave those rows out."
        )
    column = describe(series)
    if column.kind == "constant":
        raise DataError(f"The time column {series.name!r} never changes.")
    if column.kind in ("date", "numeric"):
        moment = typed_column(series, column)
        values = moment.cast(pl.Int64 if column.kind == "date" else pl.Float64).to_numpy()
    else:
        values = series.rank("dense").to_numpy()
    values = values.astype(float)
    return np.nan_to_num(values, nan=np.nanmin(values))
