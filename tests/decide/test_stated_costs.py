import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from rarebird._errors import DataError, ParameterError
from rarebird.decide import CostRule, parse_costs

CLASSES = ["ok", "late", "fraud"]
MATRIX = [[0, 5, 50], [1, 0, 40], [2, 3, -1]]


def test_two_classes_by_name():
    assert parse_costs("fp=1,fn=50", ["no", "yes"]).matrix().tolist() == [[0, 50], [1, 0]]
    assert parse_costs(" fn = 50 , fp=1, tp=-2,tn=0.5", [0, 1]).matrix().tolist() == [
        [0.5, 50],
        [1, -2],
    ]
    assert parse_costs("1>0=1,0>1=50", [0, 1]).matrix().tolist() == [[0, 50], [1, 0]]
    assert parse_costs("-1>1=50,1>-1=1", [-1, 1]).matrix().tolist() == [[0, 50], [1, 0]]


def test_many_classes_by_pairs():
    text = "ok>late=5, ok>fraud=50, late>ok=1,late>fraud=40,fraud>ok=2,fraud>late=3,fraud>fraud=-1"
    assert parse_costs(text, CLASSES).matrix().tolist() == MATRIX


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read"),
        ("fp=1", "'fn' is missing"),
        ("fp=1,fn=", "'fn='"),
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


@pytest.mark.parametrize(
    ("text", "matrix"),
    [
        ("fn:fraud=20", [[0, 1, 20], [1, 0, 20], [1, 1, 0]]),
        ("fp:late=3", [[0, 1, 1], [3, 0, 3], [1, 1, 0]]),
        ("fn=2", [[0, 2, 2], [2, 0, 2], [2, 2, 0]]),
        ("fn:fraud=20,fp=2,fn=2", [[0, 2, 20], [2, 0, 20], [2, 2, 0]]),
        ("fn:fraud=20, late>fraud=7", [[0, 1, 20], [1, 0, 7], [1, 1, 0]]),
        ("fn:fraud=20,fp:late=3,late>fraud=7", [[0, 1, 20], [3, 0, 7], [1, 1, 0]]),
        ("fn:fraud=20,fp:late=20", [[0, 1, 20], [20, 0, 20], [1, 1, 0]]),
        ("fp=3,ok>late=4,fraud>fraud=-1", [[0, 4, 3], [3, 0, 3], [3, 3, -1]]),
        ("fn : 'fraud' = 20", [[0, 1, 20], [1, 0, 20], [1, 1, 0]]),
    ],
)
def test_costs_by_class(text, matrix):
    assert parse_costs(text, CLASSES).matrix().tolist() == matrix


def test_costs_by_class_of_two():
    assert parse_costs("fn:yes=20", ["no", "yes"]).matrix().tolist() == [[0, 20], [1, 0]]
    assert parse_costs("fp=2,fn:yes=20", ["no", "yes"]).matrix().tolist() == [[0, 20], [2, 0]]
    text = "fp=2,fn=3,yes>no=4"
    assert parse_costs(text, ["no", "yes"]).matrix().tolist() == [[0, 3], [4, 0]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fp=1,fn=3", "fp=1.0 and fn=3.0 contradict each other. .*fn:fraud=20"),
        (
            "fn:fraud=20,fp:late=3",
            "fn:fraud=20.0 and fp:late=3.0 .*'late' is predicted and 'fraud' is true.*late>fraud=",
        ),
        ("fn:fraude=20", "'fraude' is not among .* Did you mean 'fraud'"),
        ("fn:fraud=20,fn:'fraud'=3", "contradict"),
        ("fn:fraud=0", "predicting class 'fraud' never pays.* missing class 'fraud'"),
        ("fn:fraud=-3", "predicting class 'ok' where 'fraud' is true costs -3"),
        ("tp=1,fn=2", "'tp' is for two classes"),
        ("ok>late=1", "ok>fraud is missing"),
        ("tn=0.5,fp=2", "'tn' is for two classes"),
    ],
)
def test_contradictions_are_said(text, words):
    with pytest.raises(ParameterError, match=words):
        parse_costs(text, CLASSES)


def test_labels_in_quotes():
    labels = ["<=50K", ">50K", 'a,"b"=c', "it's"]
    text = """fn:">50K"=5,fp:'a,"b"=c'=2,'a,"b"=c'>">50K"=3,it's><=50K=7"""
    costs = parse_costs(text, labels)
    assert costs.matrix().tolist() == [[0, 5, 1, 1], [1, 0, 1, 1], [2, 3, 0, 2], [7, 5, 1, 0]]
    with pytest.raises(ParameterError, match=r"""like 'a,"b"=c'>'>50K'=5\.0"""):
        parse_costs("""fn:">50K"=5,fp:'a,"b"=c'=2""", labels)
    costs = parse_costs('fn:it\'s="my, column"', labels)
    assert costs.columns == ("my, column",)


def test_a_cost_of_a_class_may_be_a_column():
    costs = parse_costs("fn:fraud=amount,fn=2", CLASSES)
    found = costs.for_rows({"amount": [50, 90]})["costs"]
    assert found.tolist() == [[[0, 2, a], [2, 0, a], [2, 2, 0]] for a in (50, 90)]


def test_what_is_not_stated_is_said():
    assert parse_costs("fn:fraud=20", CLASSES).text == "fn:fraud=20 (any other mistake 1)"
    assert parse_costs("fn:fraud=20,fn=2", CLASSES).text == "fn:fraud=20,fn=2"


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
    assert parse_costs(str(path), CLASSES).matrix().tolist() == MATRIX


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


# columns


@pytest.mark.parametrize("kind", ["polars", "pandas", "pyarrow", "dict"])
def test_a_name_in_place_of_a_number_is_a_column(kind):
    values = {"amount": [10.0, 500.0, 20.0], "work": [1, 2, 3], "other": ["a", "b", "c"]}
    make = {"polars": pl.DataFrame, "pandas": pd.DataFrame, "pyarrow": pa.table, "dict": dict}
    costs = parse_costs("fp=work,fn=amount,tp=0.5", ["ok", "fraud"])
    assert costs.columns == ("amount", "work")
    context = costs.for_rows(make[kind](values))
    rows = zip(values["work"], values["amount"], strict=True)
    assert context["costs"].tolist() == [[[0, fn], [fp, 0.5]] for fp, fn in rows]
    assert costs.matrix(make[kind](values)).tolist() == [[0, 530 / 3], [2, 0.5]]
    rule = CostRule(costs.matrix(values)).fit([0.5], [1])
    p = np.array([0.05, 0.05, 0.5])
    acted = rule.act(p, context=context)
    alert = np.array([1, 2, 3]) * (1 - p) + 0.5 * p <= np.array([10, 500, 20]) * p
    assert acted.codes.tolist() == alert.astype(int).tolist() == [0, 1, 1]


def test_constants_need_no_rows():
    costs = parse_costs("fp=1,fn=50", ["no", "yes"])
    assert costs.columns == () and costs.for_rows({}) == {}
    assert costs.cells == parse_costs("yes>no=1,no>yes=50", ["no", "yes"]).cells


def test_columns_for_many_classes():
    text = "ok>late=5,ok>fraud=amount,late>ok=1,late>fraud=amount,fraud>ok=2,fraud>late=3"
    costs = parse_costs(text, CLASSES)
    full = costs.for_rows({"amount": [50, 90]})["costs"]
    assert full.tolist() == [[[0, 5, a], [1, 0, a], [2, 3, 0]] for a in (50, 90)]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"amuont": [1.0]}, "no column 'amount'.* Did you mean 'amuont'"),
        ({"amount": ["much"]}, "'amount' is not numbers"),
        ({"amount": [1.0, np.nan, np.inf]}, r"'amount' is missing .* in 2 of 3 rows \(.* row 1\)"),
        (pl.DataFrame({"amount": [1, None]}), "'amount' is missing"),
    ],
)
def test_a_column_that_holds_no_costs_is_named(frame, words):
    with pytest.raises(DataError, match=words):
        parse_costs("fp=1,fn=amount", ["no", "yes"]).for_rows(frame)


def test_a_column_has_no_number_without_rows():
    with pytest.raises(ParameterError, match="'amount' in 'fp=1,fn=amount' names a column"):
        parse_costs("fp=1,fn=amount", ["no", "yes"]).matrix()
    with pytest.raises(ParameterError, match="'fp' is missing"):
        parse_costs("fn=amount", ["no", "yes"])
