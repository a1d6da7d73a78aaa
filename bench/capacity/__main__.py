"""``python -m bench.capacity``: update the tables in docs/capacity.md and deploy/aws/README.md, and
the plot.
"""

from __future__ import annotations

from bench.capacity import page, plot


def main() -> None:
    """Write."""
    for path in page.PAGES:
        path.write_text(page.written(path))
    plot.draw()


if __name__ == "__main__":
    main()
