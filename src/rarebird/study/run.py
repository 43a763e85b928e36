"""``Study``: the main job, end to end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rarebird.registry import cards

from .learners import learner_name, read_learners
from .options import (
    above_zero,
    costs,
    jobs,
    names,
    option,
    options_of,
    parameters_section,
    parse_fields,
    seconds,
    switch,
)
from .options import seed as _seed

if TYPE_CHECKING:
    from .result import StudyResult

__all__ = ["Study"]

Progress = Callable[[str, int, int], None]
_SHARE = (str, int, float)


_METRICS = [
    card.name for card in cards(role="metric") if {"binary", "multiclass"} & set(card.tasks)
]
_LEARNERS = [card.name for card in cards(role="learner") if card.study]
_TREATMENTS = [
    card.name for card in cards() if card.study and card.study.after and card.role != "learner"
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """Compares treatments for a rare class with the baseline, honestly, and fits the model to use.

    At most one of ``cost``, ``min_precision``, ``min_recall`` and ``alert_budget`` is given; an
    ``objective`` that ranks or estimates may go with it. Cells of the comparison run in processes
    of their own; a stored cell is never computed again.

    Parameters
    ----------
    {parameters}
    progress : callable, optional
        Called as (stage, done, total).

    Raises
    ------
    ParameterError
        If a value makes no sense by itself; for what depends on the table see `run`.

    Examples
    --------
    >>> from rarebird.data import example
    >>> frame, target = example("digits")
    >>> result = Study(quick=True, time_budget="20s").run(frame, target=target)  # doctest: +SKIP
    >>> result.chosen  # doctest: +SKIP
    """

    objective: str | None = option(
        f"What counts: {', '.join(_METRICS)}; any number, percentage or share may follow an @. "
        "Default: average precision (ap).",
        completes=_METRICS,
    )
    cost: Any = option(
        "What mistakes cost: 'fp=1,fn=50'; for many classes 'fn:CLASS=20,fp:CLASS=3' (any other "
        "mistake 1), 'predicted>true=cost', or a CSV file with the matrix.",
        stored=(str, list, dict),
        parse=costs,
    )
    min_precision: Any = option("Precision that must be kept, like 0.9.", stored=_SHARE)
    min_recall: Any = option("Recall that must be kept, like 0.8.", stored=_SHARE)
    alert_budget: Any = option(
        "Alerts that can be worked through: 500 per file, or 5/1000 per row.", stored=_SHARE
    )
    positive: Any = option(
        "The label of interest of two; default: the rarer one.", stored=(*_SHARE, bool)
    )
    time: str | None = option("Column with the time: test on the last rows, train on earlier.")
    group: str | None = option("Column whose equal rows must stay together (customer, patient).")
    drop: list[str] | None = option(
        "Columns to leave out, with commas between (known only later, say).",
        stored=(list,),
        parse=names,
    )
    keep: list[str] | None = option(
        "Columns to use, with commas between, that would be left out because they name the rows or "
        "bring nothing on held-out rows.",
        stored=(list,),
        parse=names,
    )
    time_budget: float | None = option(
        "Time for the whole study: 600, 90s, 15m, 1h. Default 10m; 45s for a quick study.",
        stored=(int, float),
        parse=seconds,
    )
    quick: bool = option(
        "A first look, under a minute.", default=False, reads=bool, stored=(bool,), parse=switch
    )
    n_jobs: int | None = option(
        "Processes; -1 is all cores. The result does not depend on it.",
        default=-1,
        flags=("--jobs", "-j"),
        reads=int,
        stored=(),
        parse=jobs,
    )
    seed: int = option(
        "Same seed, same result. Default: 0.",
        default=0,
        reads=int,
        stored=(int,),
        parse=_seed,
    )
    out: Any = option("Folder for the files, from which an interrupted study goes on.", stored=())
    treatments: list[str] | None = option(
        f"Only these, with commas between, of {', '.join(_TREATMENTS)}.",
        stored=(list,),
        parse=names,
        completes=_TREATMENTS,
    )
    learners: Any = option(
        f"Learners of the baseline, with commas between, of {', '.join(_LEARNERS)}, xgboost, "
        "catboost; in Python also classifiers of your own. Default: those of rarebird.",
        parse=read_learners,
        stored=(list,),
        completes=_LEARNERS,
    )
    keep_test: bool = option(
        "Ship the model that was measured, which has not seen the test set.",
        default=False, reads=bool, stored=(bool,), parse=switch,
    )  # fmt: skip
    single: bool = option(
        "Ship one refitted model, not the mean of the models of the folds.",
        default=False, reads=bool, stored=(bool,), parse=switch,
    )  # fmt: skip
    max_size_mb: float = option(
        "Largest model in MB. Default: 20.",
        default=20.0, reads=float, stored=(int, float), parse=above_zero,
    )  # fmt: skip
    max_row_ms: float = option(
        "Most milliseconds to predict a row, in batches of 1,000 on one core. Default: 5.",
        default=5.0, reads=float, stored=(int, float), parse=above_zero,
    )  # fmt: skip
    yes: bool = option(
        "Begin even where the least there is to do takes longer than the time budget.",
        default=False, reads=bool, stored=(), parse=switch,
    )  # fmt: skip
    progress: Progress | None = field(default=None)

    def __post_init__(self) -> None:
        parse_fields(self)

    def options(self) -> dict[str, Any]:
        """Return what the result depends on and was stated, as plain values."""
        stated = {}
        for name, each in options_of(Study).items():
            value = getattr(self, name)
            if each.stored and value is not None and value != getattr(type(self), name, None):
                stated[name] = value
        if self.learners is not None:
            stated["learners"] = [learner_name(each) for each in self.learners]
        return stated

    @property
    def budget(self) -> float:
        """Seconds that the study may take."""
        return self.time_budget or (45.0 if self.quick else 600.0)

    def run(
        self,
        frame: Any,
        target: str,
        *,
        test: Any = None,
        name: str = "",
        command: str = "",
        source: Mapping[str, str] | None = None,
    ) -> "StudyResult":
        """Run the study on a table.

        Parameters
        ----------
        frame : data frame or path
            pandas, polars, PyArrow, a dict of columns, or a file.
        target : str
            The column to predict.
        test : data frame or path, optional
            The test set; by default a fifth of the rows is put away.
        name, command : str, optional
            What the report calls the table, and how it says to run the study again.
        source : mapping, optional
            Where the tables came from, for ``study.toml``: ``file`` or ``example``, and ``test``.

        Raises
        ------
        DataError
            If the table cannot be studied.
        ParameterError
            If a goal does not parse or makes no sense, or two are mutually exclusive.
        StoreError
            If the folder belongs to another study, is damaged or cannot be written.
        """
        from .steps import run_study

        return run_study(
            self, frame, target, test=test, name=name, command=command, source=source or {}
        )


Study.__doc__ = (Study.__doc__ or "").replace("{parameters}", parameters_section(Study))
