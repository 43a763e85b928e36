"""Threads over blocks of rows, each with the linear algebra on one thread."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from joblib import cpu_count, effective_n_jobs
from threadpoolctl import ThreadpoolController


@cache
def _controller(user_api: str | None = None) -> ThreadpoolController:
    every = ThreadpoolController()  # slow to make, so once
    return every.select(user_api=user_api) if user_api else every


def single_threaded() -> AbstractContextManager[Any]:
    """Keep the linear algebra and OpenMP on one thread for a while."""
    return _controller().limit(limits=1)


def n_threads(n_jobs: int | None) -> int:
    """Return how many threads ``n_jobs`` means; None is what the linear algebra may use now."""
    if n_jobs is not None:
        return int(effective_n_jobs(n_jobs))
    allowed = [library["num_threads"] for library in _controller("blas").info()]
    return max(1, min([cpu_count(), *allowed]))


def parallel_map(
    task: Callable[[Any], Any], pieces: Iterable[Any], n_jobs: int | None = None
) -> list[Any]:
    """Return ``[task(piece) for piece in pieces]``, computed by threads.

    NumPy lets go of the interpreter in products and reductions, so threads over blocks that fit a
    cache beat threads inside each product.
    """
    pieces = list(pieces)
    workers = min(n_threads(n_jobs), len(pieces))
    with _controller("blas").limit(limits=1):
        if workers <= 1:
            return [task(piece) for piece in pieces]
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(task, pieces))
