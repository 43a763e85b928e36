"""Made-up reports for the tests, and their pages."""

import pytest
from made_up import MADE

from rarebird.study.report.render import render


@pytest.fixture(scope="session")
def reports():
    """Every made-up report by its kind."""
    return {kind: make() for kind, make in MADE.items()}


@pytest.fixture
def study(reports):
    """Return a made-up report by its kind; it is frozen, so tests share it."""
    return reports.__getitem__


@pytest.fixture(scope="session")
def pages(reports):
    """Return every report's page, rendered once."""
    return {kind: render(report) for kind, report in reports.items()}
