"""What every test may ask for: the rare cases, and the folder of real tables."""

import os
from pathlib import Path

# Fits are small here: threads of the linear algebra would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from contract.rare import RARE, Rare


@pytest.fixture(params=list(RARE))
def rare(request) -> Rare:
    """Each rare case in turn."""
    return RARE[request.param]()


@pytest.fixture(scope="session")
def rarebird_data() -> Path:
    """The folder of real tables: ``RAREBIRD_DATA``, else ``../shared/data`` beside the checkout."""
    beside = Path(__file__).parents[1] / ".." / "shared" / "data"
    folder = Path(os.environ.get("RAREBIRD_DATA", beside))
    if not (folder / "index.csv").is_file():
        pytest.skip(f"no real tables in {folder}: set RAREBIRD_DATA to a folder with an index.csv")
    return folder
