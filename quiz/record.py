"""The base of everything that one process writes and another one reads."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """An immutable message or stored value.

    Unknown fields are ignored and new fields have defaults, so that two releases can run side by
    side: bus messages, snapshots, and what workflows and activities are given.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
