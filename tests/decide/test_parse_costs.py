import numpy as np
import pytest

from rarebird._errors import ParameterError
from rarebird.decide import parse_costs

CLASSES = ["ok", "late", "fraud"]
MATRIX = [[0, 5, 50], [1, 0, 40], [2, 3, -1]]


def test_two_classes_by_name():
    assert parse_costs("fp=1,fn=50", ["no", "yes"]).tolist() == [[0, 50], [1, 0]]
    assert parse_costs(" fn = 50 , fp=1, tp=-2,tn=0.5", [0, 1]).tolist() == [[0.5, 50], [1, -2]]
    assert parse_costs("1>0=1,0>1=50", [0, 1]).tolist() == [[0, 50], [1, 0]]
    assert parse_costs("-1>1=50,1>-1=1", [-1, 1]).tolist() == [[0, 50], [1, 0]]


def test_many_classes_by_pairs():
    text = "ok>late=5, ok>fraud=50, late>ok=1,late>fraud=40,fraud>ok=2,fraud>late=3,fraud>fraud=-1"
    assert parse_costs(text, CLASSES).tolist() == MATRIX


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read"),
        ("fp=1", "'fn' is missing"),
        ("fp=1,fn=x", "'fn=x'"),
        ("fp=1,fp=2,fn=3", "twice"),
        ("fp=1,fn", "'fn'"),
        ("fp=1,fnn=3", "Did you mean 'fn'"),
        ("yes>no=1", "no>yes is missing"),
        ("yes>no=1,no>yess=50", "Did you mean 'yes'"),
        ("fp=1,fn=-3", "savings are negative"),
    ],
)
def test_what_cannot_be_read_is_said(text, words):
    with pytest.raises(ParameterError, match=words):
        parse_costs(text, ["no", "yes"])


def test_fp_and_fn_are_for_two_classes():
    with pytest.raises(ParameterError, match="3 x 3"):
        parse_costs("fp=1,fn=3", CLASSES)


@pytest.mark.parametrize(
    "text",
    [
        "ok,late,fraud\n0,5,50\n1,0,40\n2,3,-1\n",
        "predicted,ok,late,fraud\nok,0,5,50\nlate,1,0,40\nfraud,2,3,-1\n",
        "\ufeff,fraud,ok,late\nfraud,-1,2,3\n\nok,50,0,5\nlate,40,1,0\n",
    ],
)
def test_a_file_with_a_header_of_classes(tmp_path, text):
    path = tmp_path / "costs.csv"
    path.write_text(text, encoding="utf-8")
    assert parse_costs(str(path), CLASSES).tolist() == MATRIX


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ok,late\n0,1\n1,0\n", "header of the 3"),
        ("ok,late,fraud\n0,5,50\n1,0,40\n", "header of the 3"),
        ("ok,late,fraude\n0,5,50\n1,0,40\n2,3,0\n", "Did you mean 'fraud'"),
        ("ok,ok,fraud\n0,5,50\n1,0,40\n2,3,0\n", "twice"),
        ("ok,late,fraud\n0,5,x\n1,0,40\n2,3,0\n", "not all numbers"),
        ("", "header"),
    ],
)
def test_a_bad_file_is_said(tmp_path, text, words):
    path = tmp_path / "costs.csv"
    path.write_text(text)
    with pytest.raises(ParameterError, match=words):
        parse_costs(str(path), CLASSES)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read"):
        parse_costs(str(tmp_path / "none.csv"), CLASSES)
    assert np.shape(MATRIX) == (3, 3)
