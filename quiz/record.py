"""The base class of messages and stored values."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """An immutable value that one process writes and another reads.

    Unknown fields are ignored, and new fields must have defaults, so that two releases can run side
    by side and exchange bus messages, snapshots, and Temporal inputs and outputs.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
