"""The study's folder: whole files or none, and damage is noticed."""

import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rarebird._errors import StoreError
from rarebird.study.store import Store, write_whole

SCHEDULE = {"n_folds": 5, "goal": {"kind": "metric"}, "share": 0.1}
ARRAYS = {
    "test": np.arange(5, dtype=np.int32),
    "proba": np.random.default_rng(0).random((5, 2)).astype(np.float32),
    "empty": np.zeros(0),
}


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "out" / "store")
    found.open()
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


def test_a_fact_comes_back_as_it_was(store):
    assert store.fact("schedule") is None
    store.write_fact("schedule", SCHEDULE)
    assert store.fact("schedule") == SCHEDULE


def test_any_flipped_byte_or_cut_is_noticed_or_harmless(store):
    """Free space and counters of the file may change; what was stored may not, unnoticed."""
    store.write_fact("schedule", SCHEDULE)
    store.write_cell("a", {"value": 1}, {"proba": np.random.default_rng(1).random(8000)})
    store.close()
    whole = store.path.read_bytes()
    rng = np.random.default_rng(0)
    noticed = 0

    def read(content):
        store.path.write_bytes(content)
        try:
            store.open()
            if not store.fact("schedule"):
                raise StoreError("empty")
            assert store.fact("schedule") == SCHEDULE
            meta, arrays = store.read_cell("a")
            assert meta == {"value": 1}
            np.testing.assert_array_equal(arrays["proba"], np.random.default_rng(1).random(8000))
        except StoreError as error:
            assert len(str(error).splitlines()) == 1
            return 1
        finally:
            store.close()
        return 0

    for _ in range(200):
        flipped = bytearray(whole)
        flipped[rng.integers(len(whole))] ^= 1 + int(rng.integers(255))
        noticed += read(bytes(flipped))
    assert noticed > 150
    for length in (0, 1, 100, 4096, len(whole) // 2, len(whole) - 1):
        assert read(whole[:length])


def test_a_missing_cell_is_named(store):
    store.write_fact("schedule", SCHEDULE)
    with pytest.raises(StoreError, match="the cell b is missing"):
        store.read_cell("b")


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
    with pytest.raises(StoreError, match="Choose another folder"):
        Store(tmp_path / "file" / "store").open()


def test_opening_again_keeps_what_is_there(store):
    store.write_fact("schedule", SCHEDULE)
    store.write_cell("a", {}, {})
    store.close()
    before = store.path.read_bytes()
    store.open()
    assert store.done() == {"a"}
    store.close()
    assert store.path.read_bytes() == before


def test_two_runs_do_not_work_in_one_folder(store):
    other = Store(store.folder)
    with pytest.raises(StoreError, match="Another run"):
        other.open()
    store.close()
    other.open()
    other.close()


def test_a_run_in_another_process_is_noticed_too_and_its_end(store, tmp_path):
    store.close()
    code = (
        "import sys, pathlib\nfrom rarebird.study.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]))\nstore.open()\nprint(flush=True)\ninput()"
    )
    words = [sys.executable, "-c", code, str(store.folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(StoreError, match="Another run"):
            store.open()
        other.kill()  # whatever way it ends
        other.wait()
        store.open()
