"""Operators' commands: inspect and repair runs, back up and restore, apply retention."""
