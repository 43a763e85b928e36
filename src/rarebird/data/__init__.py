"""Tables in: files, data frames of any kind, three small examples, and rare classes on order."""

from .examples import example
from .frames import data_hash, to_polars
from .make_imbalance import make_imbalance
from .read import read_table

__all__ = ["data_hash", "example", "make_imbalance", "read_table", "to_polars"]
