"""The terminal of one player: lines scroll by above one line that changes, and what is typed comes
in. Without a terminal (pipes, tests) plain lines both ways.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.cells import cell_len
from rich.console import Console

WIDTH = 80
_CLEAR = "\r\x1b[2K"
_ERASE = frozenset("\x7f\b")
_BAR_CELLS = 20


class Terminal:
    """Both directions. `on_line` gets what is typed, line by line; `status` says what stands in the
    last line, before what is being typed.
    """

    def __init__(self, on_line: Callable[[str], None], status: Callable[[], str]) -> None:
        self.lively = sys.stdin.isatty() and sys.stdout.isatty()
        self._on_line = on_line
        self._console = Console(highlight=False, width=None if self.lively else WIDTH)
        self._status = status
        self._typed = ""
        self._drawn = ""

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read while the block runs; call it with the event loop running."""
        if not self.lively:
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._read_lines, args=[loop], daemon=True).start()
            yield
            return
        descriptor, loop = sys.stdin.fileno(), asyncio.get_running_loop()
        before = termios.tcgetattr(descriptor)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
        try:
            # Keys come one by one and are shown by us, below the lines that scroll; Ctrl-C works.
            tty.setcbreak(descriptor, termios.TCSADRAIN)
            loop.add_reader(descriptor, lambda: self._keys(decoder.decode(os.read(descriptor, 99))))
            yield
        finally:
            loop.remove_reader(descriptor)
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
            self._write(_CLEAR)

    def say(self, *lines: str) -> None:
        """Add lines. They are wrapped to the width of the terminal."""
        if self.lively:
            self._write(_CLEAR)
            self._drawn = ""
        for line in lines:
            self._console.print(line, markup=False)
        self._console.file.flush()
        self.draw()

    def draw(self) -> None:
        """Bring the last line up to date; without a terminal there is none."""
        if not self.lively:
            return
        line = f"{self._status()}> {self._typed}"
        while cell_len(line) >= self._console.width:  # a second row could not be erased
            line = line[1:]
        if line != self._drawn:
            self._drawn = line
            self._write(_CLEAR + line)

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()

    def _keys(self, text: str) -> None:
        for key in text:
            if key in "\r\n":
                line, self._typed = self._typed, ""
                self._on_line(line)
            elif key in _ERASE:
                self._typed = self._typed[:-1]
            elif key == "\x15":  # Ctrl-U
                self._typed = ""
            elif key.isprintable():
                self._typed += key
        self.draw()

    def _read_lines(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop has closed: the run is over
            for line in sys.stdin:
                loop.call_soon_threadsafe(self._on_line, line.rstrip("\n"))


def time_bar(left_ms: float, all_ms: float) -> str:
    """The time that is left, as cells and seconds."""
    share = min(1.0, max(0.0, left_ms / all_ms)) if all_ms else 0.0
    full = round(share * _BAR_CELLS)
    return f"{'█' * full}{'░' * (_BAR_CELLS - full)} {max(0.0, left_ms) / 1000:3.0f} s "
