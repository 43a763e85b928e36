"""Made-up studies for the report's tests, and their pages."""

import copy
import json

import pytest
from made_up import MADE

from rarebird.study.report import render


@pytest.fixture(scope="session")
def _studies():
    # through JSON: only plain values, as the report will get them
    return {kind: json.dumps(make()) for kind, make in MADE.items()}


@pytest.fixture
def study(_studies):
    """Return a fresh copy of a made-up study by its kind."""
    return lambda kind: copy.deepcopy(json.loads(_studies[kind]))


@pytest.fixture(scope="session")
def pages(_studies):
    """Return every study's page, rendered once."""
    return {kind: render(json.loads(text)) for kind, text in _studies.items()}
