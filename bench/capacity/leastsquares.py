"""Non-negative least squares, small enough not to need a library."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

Row = Sequence[float]


def fit(rows: Sequence[Row], measured: Sequence[float]) -> list[float]:
    """Return the non-negative coefficients, one per column, with the smallest relative error.

    Solves every subset of columns and chooses the best without a negative coefficient; among
    equally good ones, the fewest and first columns.
    """
    columns = range(len(rows[0]))
    best, least = [0.0] * len(rows[0]), float(len(measured))
    scaled = [[cell / at for cell in row] for row, at in zip(rows, measured, strict=True)]
    for count in range(1, len(rows[0]) + 1):
        for chosen in combinations(columns, count):
            solved = _solved([[row[column] for column in chosen] for row in scaled])
            if solved is None or min(solved) < 0:
                continue
            found = [0.0] * len(rows[0])
            for column, value in zip(chosen, solved, strict=True):
                found[column] = value
            missed = sum((predict(found, row) - 1) ** 2 for row in scaled)
            if missed < least - 1e-9:
                best, least = found, missed
    return best


def predict(coefficients: Sequence[float], row: Row) -> float:
    """Return the prediction for one row."""
    return sum(one * cell for one, cell in zip(coefficients, row, strict=True))


def _solved(rows: Sequence[Row]) -> list[float] | None:
    """Solve the normal equations for a right side of ones by Gauss-Jordan; None if singular."""
    size = len(rows[0])
    if len(rows) < size:
        return None
    scale = [max(abs(row[i]) for row in rows) or 1.0 for i in range(size)]
    rows = [[cell / by for cell, by in zip(row, scale, strict=True)] for row in rows]
    matrix = [
        [sum(row[i] * row[j] for row in rows) for j in range(size)] + [sum(row[i] for row in rows)]
        for i in range(size)
    ]
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(matrix[row][i]))
        if abs(matrix[pivot][i]) < 1e-12:
            return None
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        matrix[i] = [cell / matrix[i][i] for cell in matrix[i]]
        for j in range(size):
            if j != i:
                matrix[j] = [
                    a - matrix[j][i] * b for a, b in zip(matrix[j], matrix[i], strict=True)
                ]
    return [row[size] / by for row, by in zip(matrix, scale, strict=True)]
