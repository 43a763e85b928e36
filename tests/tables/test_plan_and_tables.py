import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from rarebird._errors import DataError, ParameterTypeError
from rarebird.tables import AllRows, Explicit, Interpolated, Kept, Perturbed, Plan, as_table
from rarebird.tables.aligned import resample_aligned


def rows(plan, X, **more):
    return as_table(X).build(plan, **more)


def mixed_plan(n=6):
    return Plan(
        (
            AllRows(n),
            Interpolated(
                np.array([0, 1]), np.array([2, 3]), np.array([0.5, -0.5]), np.array([1, 1])
            ),
            Kept(np.array([5, 5])),
            Perturbed(np.array([4]), np.array([[0.25, -1.0]]), np.array([0])),
            Explicit(np.array([[9.0, 9.0]]), np.array([[1, 2]]), np.array([1])),
        )
    )


X = np.arange(12.0).reshape(6, 2) ** 1.5


def test_the_executor_equals_a_slow_loop():
    want = [*X]
    want += [X[0] + 0.5 * (X[2] - X[0]), X[1] - 0.5 * (X[3] - X[1]), X[5], X[5]]
    want += [X[4] + [0.25, -1.0], np.array([9.0, 9.0])]
    np.testing.assert_array_equal(rows(mixed_plan(), X), np.array(want))


@given(st.lists(st.integers(0, 11), max_size=20))
def test_taking_rows_of_a_plan_is_taking_the_rows(index):
    plan, full = mixed_plan(), rows(mixed_plan(), X)
    index = np.array(index, dtype=int)
    taken = plan.take(index)
    np.testing.assert_array_equal(rows(taken, X), full[index])
    np.testing.assert_array_equal(taken.parents, plan.parents[index][:, : taken.parents.shape[1]])
    np.testing.assert_array_equal(taken.base, plan.base[index])
    np.testing.assert_array_equal(taken.is_synthetic, plan.is_synthetic[index])
    codes = np.array([0, 1, 0, 1, 0, 1])
    np.testing.assert_array_equal(taken.y_of(codes), plan.y_of(codes)[index])
    twice = taken.take(np.arange(len(taken))[::-1])
    np.testing.assert_array_equal(rows(twice, X), full[index[::-1]])
    weight = np.linspace(0, 1, 6)
    np.testing.assert_allclose(
        resample_aligned(weight, taken, 6, "w", "t"),
        resample_aligned(weight, plan, 6, "w", "t")[index],
    )


def test_a_plan_over_kept_rows_is_remapped():
    kept = np.array([5, 3, 1, 0, 2, 4])
    plan = mixed_plan()
    np.testing.assert_array_equal(rows(plan.remap(kept), X)[6:], rows(plan, X[kept])[6:])


def test_three_parents_and_steps_for_each_column():
    plan = Plan(
        (
            Interpolated(np.array([0]), np.array([[1, 2]]), np.array([[0.25, 0.5]]), np.array([0])),
            Interpolated(np.array([0]), np.array([[1]]), np.array([[[0.0, 1.0]]]), np.array([0])),
        )
    )
    want = [X[0] + 0.25 * (X[1] - X[0]) + 0.5 * (X[2] - X[0]), [X[0, 0], X[1, 1]]]
    np.testing.assert_allclose(rows(plan, X), want)


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_array, sparse.coo_matrix])
def test_sparse_rows_are_the_dense_rows(make):
    holes = np.where(X % 2 > 1, 0, X)
    out = rows(mixed_plan(), make(holes))
    assert type(out).__name__.endswith(make.__name__[3:]) and sparse.issparse(out)
    np.testing.assert_array_equal(out.toarray(), rows(mixed_plan(), holes))


def test_whole_numbers_are_cut_off_and_small_types_do_not_overflow():
    small = np.array([[250, 3], [3, 250]], dtype=np.uint8)
    plan = Plan((Interpolated(np.array([0]), np.array([1]), np.array([0.5]), np.array([0])),))
    out = rows(plan, small)
    assert out.dtype == np.uint8
    np.testing.assert_array_equal(out, [[126, 126]])


FRAME = pd.DataFrame(
    {
        "x": np.array([0.0, 1.0, np.nan, 4.0], dtype=np.float32),
        "n": pd.array([1, 2, None, 8], dtype="Int64"),
        "k": np.array([1, 5, 9, 9], dtype=np.int16),
        "b": [True, False, True, True],
        "c": pd.Categorical(["u", "v", None, "u"], categories=["v", "u", "never"]),
        "s": ["one", "two", "three", None],
        "t": pd.to_datetime(["2020-01-01"] * 4),
    },
    index=["i", "j", "k", "l"],
)
VOTED = Plan(
    (
        AllRows(4),
        Interpolated(
            np.array([0, 2]),
            np.array([3, 3]),
            np.array([0.5, 0.5]),
            np.array([0, 0]),
            donors=np.array([[3, 1, 0], [2, 3, 0]]),
        ),
    ),
    voted=(4, 5, 6),
)


def test_a_pandas_frame_keeps_types_names_and_on_request_its_index():
    out = rows(VOTED, FRAME)
    assert (out.dtypes == FRAME.dtypes).all() and list(out.columns) == list(FRAME.columns)
    assert out["x"].tolist()[4] == 2.0 and np.isnan(out["x"].iloc[5])  # the base's own gap
    assert out["n"].tolist()[4:] == [4, pd.NA]
    assert out["k"].tolist()[4:] == [5, 9]
    assert out["c"].tolist()[4] == "u" and out["c"].isna().iloc[5]
    assert out["s"].tolist()[4:] == ["two", FRAME["s"].iloc[3]] or out["s"].isna().iloc[5]
    kept = rows(VOTED, FRAME, keep_index=True)
    assert kept.index.tolist() == ["i", "j", "k", "l", "synthetic-0", "synthetic-1"]
    assert out.index.equals(pd.RangeIndex(6))


@pytest.mark.parametrize("convert", [pl.from_pandas, lambda f: pl.from_pandas(f).to_arrow()])
def test_polars_and_arrow_give_the_pandas_rows(convert):
    out = rows(VOTED, convert(FRAME))
    back = out.to_pandas()
    want = pl.from_pandas(rows(VOTED, FRAME)).to_pandas()
    if isinstance(out, pl.DataFrame):
        assert out.schema == pl.from_pandas(FRAME).schema
    else:
        assert out.schema.types == pl.from_pandas(FRAME).to_arrow().schema.types
    for name in FRAME.columns:
        ours, theirs = back[name].astype(object), want[name].astype(object)
        assert (
            ours.where(ours.notna(), "gap").tolist() == theirs.where(theirs.notna(), "gap").tolist()
        )


def test_a_frame_of_sparse_columns_stays_one():
    frame = pd.DataFrame.sparse.from_spmatrix(sparse.csr_matrix(np.eye(4)), columns=list("abcd"))
    plan = Plan((AllRows(4), Kept(np.array([3, 3]))))
    out = rows(plan, frame)
    assert all(str(dtype).startswith("Sparse") for dtype in out.dtypes)
    np.testing.assert_array_equal(out.to_numpy(), np.eye(4)[[0, 1, 2, 3, 3, 3]])


def test_what_is_no_table_is_refused():
    for bad, error in (
        (np.zeros(3), DataError),
        (np.zeros((0, 2)), DataError),
        (7, ParameterTypeError),
    ):
        with pytest.raises(error, match="fit_resample"):
            as_table(bad)
    with pytest.raises(DataError, match="'s' holds no numbers"):
        as_table(FRAME[["x", "s"]]).matrix()


def test_an_aligned_float_is_interpolated_inside_its_parents_range():
    plan = Plan(
        (
            Interpolated(
                np.array([0, 1]), np.array([1, 0]), np.array([0.25, -3.0]), np.array([0, 0])
            ),
        )
    )
    weight = np.array([1.0, 2.0])
    np.testing.assert_array_equal(resample_aligned(weight, plan, 2, "w", "t"), [1.25, 2.0])
    for kind in (pd.Series(weight, name="w"), pl.Series("w", weight), pa.chunked_array([weight])):
        out = resample_aligned(kind, plan, 2, "w", "t")
        assert type(out) is type(kind)
        np.testing.assert_array_equal(np.asarray(out), [1.25, 2.0])
    assert resample_aligned(["a", "b"], plan, 2, "g", "t") == ["a", "b"]
    costs = np.array([[0.0, 1.0], [4.0, 5.0]])
    np.testing.assert_array_equal(resample_aligned(costs, plan, 2, "c", "t"), [[1, 2], [4, 5]])
    with pytest.raises(DataError, match="w has 3 rows, X has 2"):
        resample_aligned(np.ones(3), plan, 2, "w", "t")


def test_numbers_of_any_type_in_an_object_array_are_numbers():
    values = [[1, np.float64(2), True, "a"], [np.int64(3), None, np.bool_(False), "b"]]
    table = as_table(np.array(values, dtype=object))
    assert table.kinds == ["number", "number", "truth value", "category"]
    np.testing.assert_array_equal(table.matrix([0, 1]), [[1, 2], [3, np.nan]])
    rows_of_a_list = as_table([[1.5, "a"], [2.5, "b"]])
    assert rows_of_a_list.kinds == ["number", "category"]
    assert rows(Plan((Kept(np.array([1])),)), [[1.5, "a"], [2.5, "b"]]) == [[2.5, "b"]]


def test_a_float32_frame_is_built_without_a_warning():
    frame = FRAME[["x"]].fillna(0).reset_index(drop=True)
    plan = Plan((AllRows(4), Interpolated(*np.array([[0], [3]]), np.array([0.25]), np.array([0]))))
    for kind in (frame, pl.from_pandas(frame)):
        assert np.asarray(rows(plan, kind)["x"]).tolist()[4] == 1.0
