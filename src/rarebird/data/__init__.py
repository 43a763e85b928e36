"""Tables in: files, data frames of any kind, and three small examples."""

from .examples import example
from .frames import data_hash, to_polars
from .read import read_table

__all__ = ["data_hash", "example", "read_table", "to_polars"]
