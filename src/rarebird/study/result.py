"""``StudyResult``: what a study found, for a person, a notebook and a program."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .model import StudyModel

__all__ = ["StudyResult"]


@dataclass
class StudyResult:
    """What a study found.

    Parameters
    ----------
    verdict : dict
        As in ``verdict.json``.
    report : dict
        Everything the report shows, as plain values.
    model : StudyModel or None
        None where there were too few rows.
    cells : list of dict
        A row a cell.
    folder : Path or None
        Where the files are.
    """

    verdict: dict[str, Any]
    report: dict[str, Any]
    model: StudyModel | None
    cells: list[dict[str, Any]]
    folder: Path | None = None

    @property
    def chosen(self) -> str | None:
        """Card name of the treatment that helps, or None."""
        return self.verdict["chosen"]

    def sentences(self) -> dict[str, str]:
        """Return the verdict in plain words: headline, what to do, what it catches, how sure."""
        from .report import words

        return {
            "headline": words.headline(self.report),
            "lede": words.lede(self.report),
            "what_to_do": " ".join(words.what_to_do(self.report)),
            "cost_and_catch": " ".join(words.cost_and_catch(self.report)),
            "how_sure": " ".join(words.how_sure(self.report)),
        }

    def html(self) -> str:
        """Return the whole report as one HTML page."""
        from .report import render

        return render(self.report)

    def _repr_html_(self) -> str:
        from .report import render_inline

        return render_inline(self.report)
