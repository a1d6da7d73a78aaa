"""PromQL that many panels share."""

from __future__ import annotations

from deploy.grafana.model import Prom

RATE = "$__rate_interval"
FEW = "5m"
"""The window for what happens once in a question: shorter ones would often be empty."""
CHOSEN = 'instance=~"$instance"'


def rate(metric: str, by: str, *matchers: str, window: str = RATE) -> str:
    """How often per second, summed over what is not in `by`."""
    return f"sum by ({by}) (rate({metric}{_braces(matchers)}[{window}]))"


def seldom(metric: str, by: str, *matchers: str) -> str:
    """`rate` of a counter whose series first appear in trouble: 0 until then."""
    return f"({rate(metric, by, *matchers)}) or vector(0)"


def quantile(q: float, metric: str, by: str, *matchers: str, window: str = RATE) -> str:
    """A quantile of a histogram."""
    labels = f"{by}, le" if by else "le"
    buckets = rate(f"{metric}_bucket", labels, *matchers, window=window)
    return f"histogram_quantile({q:g}, {buckets})"


def quantiles(metric: str, *matchers: str, window: str = RATE) -> list[Prom]:
    """Median and 99th percentile over all chosen instances."""
    return [
        Prom(quantile(0.5, metric, "", *matchers, window=window), "half"),
        Prom(quantile(0.99, metric, "", *matchers, window=window), "99 %"),
    ]


def _braces(matchers: tuple[str, ...]) -> str:
    return "{" + ",".join((CHOSEN, *matchers)) + "}"
