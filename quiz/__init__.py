"""The rules of a live quiz, pure: no I/O, no clock, no randomness. The caller passes time in."""
