"""A reader of the Thrift compact protocol, the encoding of Parquet's footer and page headers.

pyarrow gives access to a footer, too, but a damaged one can crash it, and it gives none to page headers.
"""

from __future__ import annotations

import struct
from typing import Any

_DEEPEST = 16
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)


class Reader:
    """Reads structs from bytes, as dictionaries by field number; malformed bytes raise a ValueError.

    Attributes
    ----------
    raw
        The bytes.
    at
        Offset of the next value.
    """

    def __init__(self, raw: bytes, at: int = 0) -> None:
        self.raw = raw
        self.at = at

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Read a struct."""
        if depth > _DEEPEST:
            raise ValueError("is nested too deeply")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._integer()
            fields[number] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:  # noqa: ANN401  (as the bytes have it)
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _BYTE:
            return self._byte()
        if kind in (_I16, _I32, _I64):
            return self._integer()
        if kind == _DOUBLE:
            return struct.unpack("<d", self._bytes(8))[0]
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise ValueError("is of no known type")  # Parquet has no maps

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        count, kind = head >> 4, head & 15
        if count == 15:
            count = self._varint()
        if count > len(self.raw) - self.at:
            raise ValueError("is cut short")
        if kind in (_TRUE, _FALSE):
            return [self._byte() == _TRUE for _ in range(count)]
        return [self._value(kind, depth) for _ in range(count)]

    def _byte(self) -> int:
        if self.at >= len(self.raw):
            raise ValueError("is cut short")
        self.at += 1
        return self.raw[self.at - 1]

    def _bytes(self, count: int) -> bytes:
        if count > len(self.raw) - self.at:
            raise ValueError("is cut short")
        self.at += count
        return self.raw[self.at - count : self.at]

    def _varint(self) -> int:
        value = shift = 0
        while shift < 70:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise ValueError("is no number of 64 bits")

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
