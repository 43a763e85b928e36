"""The codes are stable and their texts complete."""

import json

import numpy as np
import pytest

from rarebird._errors import ParameterError
from rarebird.diagnose import CODES, Check
from rarebird.diagnose.check import check


def test_codes_are_numbered_without_gaps_and_slugs_differ():
    assert list(CODES) == [f"RB{i:03d}" for i in range(1, len(CODES) + 1)]
    assert len(CODES) >= 22
    assert len({code.slug for code in CODES.values()}) == len(CODES)
    pinned = {
        "RB001": "rare-rows",
        "RB005": "leakage",
        "RB013": "drift",
        "RB019": "test-rows-in-training",
    }
    assert {code: CODES[code].slug for code in pinned} == pinned


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_why_and_what_to_do(code):
    row = CODES[code]
    for text in (row.what, row.why, row.what_to_do):
        assert text.endswith(".") and 20 < len(text) < 160
    assert not row.title.endswith(".")


def test_details_become_plain_values():
    found = check("RB001", "info", "x", n=np.int64(3), a=np.arange(2), d={"k": np.float64(0.5)})
    assert json.loads(json.dumps(found.as_dict()))["details"] == {
        "n": 3,
        "a": [0, 1],
        "d": {"k": 0.5},
    }
    assert found.slug == "rare-rows" and found.title


@pytest.mark.parametrize("code, severity", [("RB999", "info"), ("RB001", "bad")])
def test_unknown_codes_and_severities_are_refused(code, severity):
    with pytest.raises(ParameterError):
        Check(code, severity, "x")
