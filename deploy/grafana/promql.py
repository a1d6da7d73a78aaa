"""Common PromQL expressions."""

from __future__ import annotations

from deploy.grafana.model import Prom

RATE = "$__rate_interval"
FEW = "5m"
"""The window for events that happen once per question: shorter ones would often be empty."""
CHOSEN = 'instance=~"$instance"'


def rate(metric: str, by: str, *matchers: str, window: str = RATE) -> str:
    """Return the rate per second, summed over labels not in `by`."""
    return f"sum by ({by}) (rate({metric}{_braces(matchers)}[{window}]))"


def rate_or_zero(metric: str, by: str, *matchers: str) -> str:
    """Return `rate` of a counter whose series appear only after an error: 0 until then."""
    return f"({rate(metric, by, *matchers)}) or vector(0)"


def quantile(q: float, metric: str, by: str, *matchers: str, window: str = RATE) -> str:
    """Return a quantile of a histogram."""
    labels = f"{by}, le" if by else "le"
    buckets = rate(f"{metric}_bucket", labels, *matchers, window=window)
    return f"histogram_quantile({q:g}, {buckets})"


def quantiles(metric: str, *matchers: str, window: str = RATE) -> list[Prom]:
    """Return the median and 99th percentile over all chosen instances."""
    return [
        Prom(quantile(0.5, metric, "", *matchers, window=window), "half"),
        Prom(quantile(0.99, metric, "", *matchers, window=window), "99 %"),
    ]


def _braces(matchers: tuple[str, ...]) -> str:
    return "{" + ",".join((CHOSEN, *matchers)) + "}"
