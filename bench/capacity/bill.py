"""The monthly bill, from a scenario's needs and the list prices in deploy/aws/prices.json."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.capacity.scenarios import Scenario

_AWS = Path(__file__).parents[2] / "deploy" / "aws"
PRICES: dict[str, Any] = json.loads((_AWS / "prices.json").read_text())
SIZES = ("small", "medium", "large")
HOURS = 730
_NODE = "c7g.2xlarge"
_DATABASE = "db.r7g.4xlarge"
_FEWEST_NODES = 2
_BROKER_BYTES_PER_S = {"kafka.t3.small": 1e6, "kafka.m7g.large": 15e6, "kafka.m7g.xlarge": 30e6}
"""A broker's ingress capacity, including its share of replication (assumed)."""
_CACHE_BYTES = {"cache.t4g.small": 1e9, "cache.m7g.large": 5e9, "cache.r7g.large": 10e9}
"""A node's capacity with headroom."""
_BURSTABLE_VCPUS = 0.4
"""The sustained CPU of the smallest database: a fifth of each vCPU."""
_RETENTION_DAYS = 30
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Margin:
    """How needs become machines: vCPUs per benchmark core, and what runs at night."""

    vcpus_per_core: float
    utilisation: float
    night: float
    """The share of nodes that stays up outside the busy hours."""


LOW = Margin(vcpus_per_core=1.0, utilisation=0.6, night=0.15)
HIGH = Margin(vcpus_per_core=2.0, utilisation=0.5, night=1.0)


def tiered(amount: float, tiers: Sequence[tuple[float | None, float]]) -> float:
    """Return the price of an amount under tiered pricing; tiers are named by their upper end."""
    total, lower = 0.0, 0.0
    for upper, price in tiers:
        end = amount if upper is None else min(amount, upper)
        total += max(0.0, end - lower) * price
        lower = end
        if amount <= end:
            break
    return total


def temporal_cloud(scenario: Scenario) -> float:
    """Return the cost of Temporal Cloud: actions and history, under the cheaper of two plans."""
    prices = PRICES["temporal_cloud"]
    actions = scenario.run_questions_month * scenario.actions_per_question
    gb = scenario.per_question("Temporal: history bytes") * scenario.run_questions_month / _GB
    stored = gb * scenario.assumed.run_s / 3600 * prices["active_gb_hour"]
    stored += gb * 24 * _RETENTION_DAYS * prices["retained_gb_hour"]
    share = 1 + prices["plan_share"]
    developer = (actions / 1e6 * prices["developer_million_actions"] + stored) * share
    billed = max(0.0, actions / 1e6 - prices["business_included_million"])
    used = tiered(billed, prices["million_actions_tiers"]) + stored
    business = max(used + prices["business_minimum_month"], used * share)
    return float(min(developer, business))


def temporal_own(scenario: Scenario, margin: Margin) -> float:
    """Return the cost of a self-hosted Temporal cluster: its nodes, and as much again for its
    database's CPU, assuming that Temporal's cost is half each.
    """
    vcpus = _vcpus(scenario.cores["temporal"] / 2, margin)
    return _nodes(scenario, vcpus, margin) + _database(vcpus)


def bill(scenario: Scenario, margin: Margin) -> dict[str, float]:
    """Return dollars per month by item, without Temporal."""
    aws = PRICES["aws"]
    cores = scenario.cores
    stored = 12 * scenario.storage_bytes_month / _GB  # assumes results kept for a year
    taken_in = scenario.stream_bytes_per_s * 3
    broker = _smallest(taken_in / 3, _BROKER_BYTES_PER_S)
    brokers = max(3, math.ceil(taken_in / _BROKER_BYTES_PER_S[broker]))
    cache = _smallest(scenario.redis_bytes, _CACHE_BYTES)
    cache_nodes = 2 * math.ceil(scenario.redis_bytes / _CACHE_BYTES[cache])
    month_gb = scenario.downstream_bytes_month / _GB
    connections = scenario.players / aws["load_balancer_unit_connections"]
    busy_gb_per_hour = scenario.downstream_bytes_per_s * 3600 / _GB
    return {
        "nodes": _nodes(scenario, _vcpus(cores["gateway"] + cores["worker"], margin), margin),
        "PostgreSQL": _database(_vcpus(cores["postgres"], margin))
        + stored * aws["rds_gp3_multi_az_gb_month"],
        "Kafka": brokers * (aws["msk_broker_hour"][broker] * HOURS + 100 * _storage(aws)),
        "Redis": cache_nodes * aws["elasticache_valkey_node_hour"][cache] * HOURS,
        "traffic": tiered(month_gb / 1e3, _per_tb(aws["cloudfront_gb_tiers"]))
        + month_gb * aws["cross_zone_gb"],
        "the rest": (aws["eks_cluster_hour"] + 3 * aws["nat_gateway_hour"]) * HOURS
        + aws["load_balancer_hour"] * HOURS
        + max(connections, busy_gb_per_hour) * aws["load_balancer_unit_hour"] * _busy(scenario)
        + aws["waf_month"]
        + aws["secrets_and_keys_month"],
    }


def sheet(size: str) -> dict[str, tuple[float, float]]:
    """Return dollars per month for a size of deploy/aws with the fewest and with the most nodes,
    without traffic.
    """
    aws, chosen = PRICES["aws"], sizes()[size]
    node = aws["ec2_hour"][chosen["node_type"]] * HOURS
    databases = sum(
        aws["rds_postgresql_multi_az_hour"][chosen[name]] for name in ("database", "temporal_db")
    )
    storage = 2 * chosen["storage_gb"] * aws["rds_gp3_multi_az_gb_month"]
    kafka = aws["msk_broker_hour"][chosen["kafka"]] * HOURS + chosen["kafka_gb"] * _storage(aws)
    redis = 2 * chosen["redis_shards"] * aws["elasticache_valkey_node_hour"][chosen["redis"]]
    gateways = 1 if size == "small" else 3
    rest = aws["eks_cluster_hour"] + gateways * aws["nat_gateway_hour"] + aws["load_balancer_hour"]
    fixed = aws["waf_month"] + aws["secrets_and_keys_month"]
    return {
        "nodes": (chosen["min"] * node, chosen["max"] * node),
        "PostgreSQL, two instances": (databases * HOURS + storage,) * 2,
        "Kafka, three brokers": (3 * kafka,) * 2,
        "Redis": (redis * HOURS,) * 2,
        "the rest": (rest * HOURS + fixed,) * 2,
    }


def sizes() -> dict[str, dict[str, Any]]:
    """Return the sizes in deploy/aws/sizes.tf."""
    text = (_AWS / "sizes.tf").read_text()
    found: dict[str, dict[str, Any]] = {}
    for name in SIZES:
        block = text.split(f"{name} = {{", 1)[1].split("\n    }", 1)[0]
        strings = dict(re.findall(r'(\w+)\s*=\s*"([^"]+)"', block))
        numbers = {key: int(value) for key, value in re.findall(r"(\w+)\s*=\s*(\d+)", block)}
        found[name] = strings | numbers
    return found


def _database(vcpus: float) -> float:
    aws = PRICES["aws"]
    by_size = sorted(aws["rds_vcpus"], key=lambda kind: aws["rds_postgresql_multi_az_hour"][kind])
    for kind in by_size:
        usable = _BURSTABLE_VCPUS if kind == by_size[0] else aws["rds_vcpus"][kind]
        if vcpus <= usable:
            return float(aws["rds_postgresql_multi_az_hour"][kind] * HOURS)
    count = math.ceil(vcpus / aws["rds_vcpus"][_DATABASE])
    return float(count * aws["rds_postgresql_multi_az_hour"][_DATABASE] * HOURS)


def _vcpus(cores: float, margin: Margin) -> float:
    return cores * margin.vcpus_per_core / margin.utilisation


def _busy(scenario: Scenario) -> float:
    assumed = scenario.assumed
    return assumed.events * assumed.event_hours if scenario.is_giant else assumed.busy_hours


def _nodes(scenario: Scenario, vcpus: float, margin: Margin) -> float:
    """Return a month's nodes: those for the peak while busy, fewer otherwise."""
    aws, busy = PRICES["aws"], _busy(scenario)
    peak = max(_FEWEST_NODES, math.ceil(vcpus / aws["ec2_vcpus"][_NODE]))
    if scenario.is_giant:  # a fleet is started for each event
        hours = peak * busy * (1 if margin is LOW else 2)
    else:
        hours = peak * busy + max(_FEWEST_NODES, peak * margin.night) * (HOURS - busy)
    return float(hours * aws["ec2_hour"][_NODE])


def _smallest(amount: float, by_capacity: dict[str, float]) -> str:
    """Return the smallest kind with enough capacity, else the largest."""
    kinds = sorted(by_capacity, key=lambda kind: by_capacity[kind])
    return next((kind for kind in kinds if amount <= by_capacity[kind]), kinds[-1])


def _storage(aws: dict[str, Any]) -> float:
    return float(aws["msk_storage_gb_month"])


def _per_tb(tiers: Sequence[tuple[float | None, float]]) -> list[tuple[float | None, float]]:
    return [(upper, price * 1e3) for upper, price in tiers]
