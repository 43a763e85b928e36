"""``StudyResult``: what a study found, for a person, a notebook and a program."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .model import StudyModel
from .report.content import Report

__all__ = ["StudyResult"]


@dataclass
class StudyResult:
    """What a study found.

    Parameters
    ----------
    report : Report
        Everything the report shows, as frozen values; among them the ``verdict``.
    model : StudyModel or None
        None where there were too few rows.
    cells : list of dict
        A row a cell.
    folder : Path or None
        Where the files are.
    """

    report: Report
    model: StudyModel | None
    cells: list[dict[str, Any]]
    folder: Path | None = None

    @property
    def verdict(self) -> dict[str, Any]:
        """The verdict in plain values, as in ``verdict.json``."""
        return self.report.verdict.as_dict()

    @property
    def chosen(self) -> str | None:
        """Card name of the treatment that helps, or None."""
        return self.report.verdict.chosen

    def sentences(self) -> dict[str, str]:
        """Return the verdict in plain words, by part of the page; what is not known is empty."""
        from .report import answers, words

        told = {
            each.__name__: each(self.report)
            for each in (
                words.unfinished, words.headline, words.lede, answers.worth, words.what_to_do,
                answers.which_model, answers.treatments, words.cost_and_catch, words.how_sure,
            )
        }  # fmt: skip
        return {k: text if isinstance(text, str) else " ".join(text) for k, text in told.items()}

    def html(self) -> str:
        """Return the whole report as one HTML page."""
        from .report.render import render

        return render(self.report)

    def _repr_html_(self) -> str:
        from .report.render import render_inline

        return render_inline(self.report)
