"""Bounded reading of Parquet files: a small file may decode to gigabytes, so its size is checked first."""

from simclinic.parquet.bounded import MOST_COLUMNS, BrokenParquetError, bounded_parquet

__all__ = ["MOST_COLUMNS", "BrokenParquetError", "bounded_parquet"]
