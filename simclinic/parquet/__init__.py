"""Parquet files: a small one may unpack to gigabytes, so what it will be is worked out before it is decoded."""

from simclinic.parquet.bounded import MOST_COLUMNS, BrokenParquetError, bounded_parquet

__all__ = ["MOST_COLUMNS", "BrokenParquetError", "bounded_parquet"]
