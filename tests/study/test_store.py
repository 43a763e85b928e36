"""The study's folder: whole files or none, and damage is noticed."""

import errno
from pathlib import Path

import numpy as np
import pytest

from rarebird._errors import StoreError
from rarebird.study.store import Store, write_whole

PLAN = {"cells": [{"id": "baseline-0-0"}], "fingerprint": {"data": "abc"}, "seed": 0, "share": 0.1}
ARRAYS = {
    "test": np.arange(5, dtype=np.int32),
    "proba": np.random.default_rng(0).random((5, 2)).astype(np.float32),
    "empty": np.zeros(0),
}


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "out" / "store")
    found.create()
    yield found
    found.close()


def test_a_cell_comes_back_as_it_was(store):
    assert store.done() == set()
    store.write_cell("baseline-0-0", {"value": 0.5, "why": "so – été"}, ARRAYS)
    meta, arrays = store.read_cell("baseline-0-0")
    assert meta == {"value": 0.5, "why": "so – été"} and store.done() == {"baseline-0-0"}
    assert arrays.keys() == ARRAYS.keys()
    for key, values in ARRAYS.items():
        np.testing.assert_array_equal(arrays[key], values)
        assert arrays[key].dtype == values.dtype


def test_a_plan_comes_back_as_it_was(store):
    assert store.plan() is None
    store.write_plan(PLAN)
    assert store.plan() == PLAN


def test_any_flipped_byte_or_cut_of_a_cell_is_noticed(store):
    store.write_cell("a", {"value": 1}, ARRAYS)
    path = store.path("a")
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in [0, 3, len(whole) - 5, len(whole) - 1, *rng.integers(0, len(whole), 40)]:
        flipped = bytearray(whole)
        flipped[place] ^= 1 + int(rng.integers(255))
        path.write_bytes(flipped)
        with pytest.raises(StoreError, match=r"a\.npz is damaged .* only this cell"):
            store.read_cell("a")
    for length in (0, 1, 4, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(StoreError, match="damaged"):
            store.read_cell("a")
    path.write_bytes(whole)
    assert store.read_cell("a")[0] == {"value": 1}


def test_a_missing_cell_is_an_error_of_ours(store):
    with pytest.raises(StoreError, match="baseline-9-9"):
        store.read_cell("baseline-9-9")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"{}", b"\xff\xfe", b'{"cells": []}'])
def test_a_plan_that_is_none_is_refused(store, content):
    (store.folder / "plan.json").write_bytes(content)
    with pytest.raises(StoreError, match=r"plan\.json cannot be"):
        store.plan()


def test_an_altered_plan_is_noticed(store):
    store.write_plan(PLAN)
    path = store.folder / "plan.json"
    path.write_text(path.read_text().replace("0.1", "0.2"))
    with pytest.raises(StoreError, match="checksum"):
        store.plan()


def failing(monkeypatch, method, number):
    def fail(self, *args, **more):
        raise OSError(number, "it cannot be done")

    monkeypatch.setattr(Path, method, fail)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_file_that_cannot_be_written_whole_is_not_written(tmp_path, monkeypatch, number):
    path = tmp_path / "cell.npz"
    write_whole(path, b"old")
    with monkeypatch.context() as patch:
        failing(patch, "replace", number)
        with pytest.raises(StoreError, match=r"Cannot write .*cell\.npz"):
            write_whole(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["cell.npz"]  # no half-written part is left


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="--out"):
        Store(tmp_path / "file" / "store").create()


def test_half_written_parts_are_no_cells(store):
    (store.cells / ".b.npz.123.part").write_bytes(b"half")
    store.write_cell("a", {}, {})
    assert store.done() == {"a"}


def test_making_the_folders_again_keeps_what_is_there(store):
    store.write_cell("a", {}, {})
    store.close()
    again = Store(store.folder)
    again.create()
    assert again.done() == {"a"}
    again.close()


def test_two_runs_do_not_work_in_one_folder(store):
    other = Store(store.folder)
    with pytest.raises(StoreError, match="Another run"):
        other.create()
    store.close()
    other.create()
    other.close()
