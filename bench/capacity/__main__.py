"""``python -m bench.capacity``: work out the tables and the plot of docs/capacity.md anew.

``--check`` changes nothing, and exits with 1 when the page is not what the model says.
"""

from __future__ import annotations

import sys

from bench.capacity import page, plot


def main() -> None:
    """Write, or compare."""
    if "--check" in sys.argv[1:]:
        if page.written() != page.PAGE.read_text():
            sys.exit("docs/capacity.md is not what the model says: run python -m bench.capacity")
        return
    page.PAGE.write_text(page.written())
    plot.draw()


if __name__ == "__main__":
    main()
