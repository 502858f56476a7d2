"""The receipt: what the import read, merged and skipped, and why. Filled by parsing and merging, stored as JSON."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import polars as pl

MAX_LISTED = 200


@dataclass
class FileReceipt:
    """What became of the rows of one file; rows = used + skipped."""

    kind: str
    label: str
    rows: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    skipped_counts: Counter[str] = field(default_factory=Counter)
    changed_counts: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        skipped = self.skipped_counts.total()
        return {
            "kind": self.kind,
            "file": self.label,
            "rows": self.rows,
            "used": self.rows - skipped,
            "skipped": sorted(self.skipped, key=lambda entry: entry["row"]),
            "changed": sorted(self.changed, key=lambda entry: entry["row"]),
            "counts": {
                "skipped": skipped,
                "changed": self.changed_counts.total(),
                "skipped_by_reason": dict(self.skipped_counts),
                "changed_by_reason": dict(self.changed_counts),
            },
        }


@dataclass
class Receipt:
    """The receipt of one upload. Frames given to its methods hold `file` (index into `files`) and `row`."""

    files: list[FileReceipt] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    movies: int = 0
    viewings: int = 0
    ambiguous: int = 0

    def open_file(self, *, kind: str, label: str) -> int:
        """Add a file and return its index."""
        self.files.append(FileReceipt(kind=kind, label=label))
        return len(self.files) - 1

    def skip(self, rows: pl.DataFrame, *, reason: str) -> None:
        """Note rows that were not used."""
        for index, numbers in _by_file(rows):
            file = self.files[index]
            room = max(0, MAX_LISTED - file.skipped_counts[reason])
            file.skipped_counts[reason] += len(numbers)
            file.skipped += [{"row": row, "reason": reason} for row in numbers[:room]]

    def change(self, rows: pl.DataFrame, *, column: str, reason: str) -> None:
        """Note cells that were dropped or read as something else than they say."""
        for index, numbers in _by_file(rows):
            file = self.files[index]
            room = max(0, MAX_LISTED - file.changed_counts[reason])
            file.changed_counts[reason] += len(numbers)
            file.changed += [{"row": row, "column": column, "reason": reason} for row in numbers[:room]]

    def warn(self, text: str, *, file: int) -> None:
        self.warnings.append(f"{self.files[file].label}: {text}")

    def as_json(self) -> dict[str, Any]:
        return {
            "files": [file.as_json() for file in self.files],
            "ignored": dict(self.ignored),
            "movies": self.movies,
            "viewings": self.viewings,
            "ambiguous": self.ambiguous,
            "warnings": self.warnings,
        }


def _by_file(rows: pl.DataFrame) -> list[tuple[int, list[int]]]:
    """Return (index of the file, its row numbers ascending) for each file among `rows`."""
    if rows.is_empty():
        return []
    grouped = rows.sort("row").group_by("file", maintain_order=True).agg("row")
    return list(zip(grouped["file"].to_list(), grouped["row"].to_list(), strict=True))
