"""The Helm chart, rendered by Helm and validated against Kubernetes' schemas."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from deploy.checks.chart import EXAMPLES, lint, render, validate
from deploy.checks.tools import ROOT, CheckFailedError
from gateway.live.metrics import LiveMetrics
from tests.packaging.names import known
from workflows.contract import RUN_QUEUE, SCORING_QUEUE

# Helm is built on first use.
pytestmark = [pytest.mark.timeout(1_800), pytest.mark.usefixtures("go")]
MINIMAL, FULL = EXAMPLES
AWS = ROOT / "deploy" / "aws" / "values-aws.yaml"
CUSTOM = {"ScaledObject", "TriggerAuthentication", "ServiceMonitor", "PrometheusRule"}
WORKLOADS = ("Deployment", "Job", "Pod")


class Objects(list[dict[str, Any]]):
    """Rendered objects, indexed by kind and suffix of the name."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self if one["kind"] == kind]

    def one(self, kind: str, component: str) -> dict[str, Any]:
        names = [f"live-quizrun-{component}", "live-quizrun"]
        (found,) = (one for one in self.of(kind) if one["metadata"]["name"] in names)
        return found

    def pods(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The name and the pod template of each workload."""
        for one in chain.from_iterable(map(self.of, WORKLOADS)):
            pod = one if one["kind"] == "Pod" else one["spec"]["template"]
            yield one["metadata"]["name"], pod


@pytest.fixture(scope="module")
def minimal(go: None) -> Objects:
    return objects(render(MINIMAL))


@pytest.fixture(scope="module")
def full(go: None) -> Objects:
    return objects(render(FULL))


@pytest.mark.parametrize("values", EXAMPLES, ids=lambda path: path.stem)
def test_helm_lint_finds_nothing(values: Any) -> None:
    assert "0 chart(s) failed" in lint(values)


def test_all_objects_are_valid_on_the_oldest_and_the_newest_kubernetes() -> None:
    without_keda = render(FULL, **{"worker.autoscaling.by": "none"})
    validate("\n---\n".join([render(MINIMAL), render(FULL), render(AWS), without_keda]))


def test_the_validation_rejects_invalid_objects(full: Objects) -> None:
    broken = [dict(one) for one in (full.one("Deployment", "gateway"), *full.of("ScaledObject"))]
    for one in broken:
        one["spec"] = {**one["spec"], "replica": 3}
    with pytest.raises(CheckFailedError, match="'replica' was unexpected") as raised:
        validate(yaml.safe_dump_all(broken))
    assert all(one["kind"] in str(raised.value) for one in broken)


def test_custom_resources_are_off_by_default(minimal: Objects, full: Objects) -> None:
    assert not CUSTOM & {one["kind"] for one in minimal}
    assert {one["kind"] for one in full} >= CUSTOM
    assert not minimal.of("Secret") + full.of("Secret")


def test_pods_have_no_privileges(full: Objects) -> None:
    assert len(list(full.pods())) == 4
    for name, pod in full.pods():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        for container in spec["containers"]:
            security = container["securityContext"]
            assert security["runAsNonRoot"] is security["readOnlyRootFilesystem"] is True, name
            assert security["allowPrivilegeEscalation"] is False, name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert security["runAsUser"] == 10001, name  # the image's
            assert container["resources"]["requests"], name
            assert container["resources"]["limits"], name


def test_secrets_are_files_and_never_in_an_environment(full: Objects) -> None:
    for name, pod in full.pods():
        (container,) = pod["spec"]["containers"]
        (mount,) = (one for one in container["volumeMounts"] if one["name"] == "secrets")
        (volume,) = (one for one in pod["spec"]["volumes"] if one["name"] == "secrets")
        paths = {f"{mount['mountPath']}/{one['path']}" for one in volume["secret"]["items"]}
        env = {one["name"]: one for one in container["env"]}
        assert {env[key]["value"] for key in env if key.endswith("_URL_FILE")} <= paths, name
        assert "secretKeyRef" not in str(env), name
        assert not {"QUIZRUN_SECRET", "QUIZRUN_DATABASE_URL", "QUIZRUN_REDIS_URL"} & set(env), name


def test_urls_without_passwords_can_be_plain_settings() -> None:
    url = "postgresql://quizrun@db.example.org/quizrun"
    password = {"secrets.files.QUIZRUN_DATABASE_PASSWORD": "database-password"}
    given = {"settings.QUIZRUN_DATABASE_URL": url, **password}
    for name, pod in objects(render(MINIMAL, **given)).pods():
        env = {one["name"]: one.get("value") for one in pod["spec"]["containers"][0]["env"]}
        assert env["QUIZRUN_DATABASE_URL"] == url, name
        assert "QUIZRUN_DATABASE_URL_FILE" not in env, name
        assert env["QUIZRUN_DATABASE_PASSWORD_FILE"].endswith("/database-password"), name


def test_all_settings_exist(full: Objects) -> None:
    for name, pod in chain(full.pods(), objects(render(AWS)).pods()):
        env = [one["name"] for one in pod["spec"]["containers"][0]["env"]]
        assert not [one for one in env if not known(one)], name
        assert len(env) == len(set(env)), name


@pytest.mark.parametrize(
    ("component", "names"),
    [
        ("gateway", ("QUIZRUN_DRAIN_DELAY_S", "QUIZRUN_DRAIN_S", "QUIZRUN_SHUTDOWN_GRACE_S")),
        ("worker", ("QUIZRUN_GRACEFUL_SHUTDOWN_S",)),
    ],
)
def test_pods_get_enough_time_to_stop(component: str, names: tuple[str, ...]) -> None:
    slow = {"gateway.drain.spreadSeconds": 90, "worker.gracefulShutdownSeconds": 90}
    spec = objects(render(MINIMAL, **slow)).one("Deployment", component)["spec"]["template"]["spec"]
    env = {one["name"]: one.get("value") for one in spec["containers"][0]["env"]}
    assert spec["terminationGracePeriodSeconds"] > sum(int(env[name] or 0) for name in names) >= 90


def test_the_migration_runs_first_and_depends_on_nothing_in_the_release(
    full: Objects,
) -> None:
    job = full.one("Job", "migration")
    hooks = job["metadata"]["annotations"]
    assert hooks["helm.sh/hook"] == "pre-install,pre-upgrade"
    account = job["spec"]["template"]["spec"]["serviceAccountName"]
    (own,) = (one for one in full.of("ServiceAccount") if one["metadata"]["name"] == account)
    assert own["metadata"]["annotations"]["helm.sh/hook"] == hooks["helm.sh/hook"]
    assert int(own["metadata"]["annotations"]["helm.sh/hook-weight"]) < int(
        hooks["helm.sh/hook-weight"]
    )
    assert "configMap" not in str(job)


def test_gateways_scale_by_cpu_and_an_existing_gauge(full: Objects) -> None:
    scaler = full.one("HorizontalPodAutoscaler", "gateway")["spec"]
    resource, pods = scaler["metrics"]
    assert resource["resource"]["name"] == "cpu"
    registry = CollectorRegistry()
    LiveMetrics(registry)
    assert pods["pods"]["metric"]["name"] in {metric.name for metric in registry.collect()}
    assert "replicas" not in full.one("Deployment", "gateway")["spec"]


def test_keda_scales_by_every_task_queue(full: Objects) -> None:
    scaled = full.one("ScaledObject", "worker")["spec"]
    temporal = [one for one in scaled["triggers"] if one["type"] == "temporal"]
    assert {one["metadata"]["taskQueue"] for one in temporal} == {RUN_QUEUE, SCORING_QUEUE}
    (secret,) = full.one("TriggerAuthentication", "worker")["spec"]["secretTargetRef"]
    assert secret["parameter"] == "apiKey"
    assert scaled["scaleTargetRef"]["name"] == full.one("Deployment", "worker")["metadata"]["name"]
    (scaler,) = full.of("HorizontalPodAutoscaler")  # a second one would conflict with KEDA
    assert scaler["spec"]["scaleTargetRef"]["name"].endswith("gateway")


def test_network_policies_and_budgets_select_the_pods(full: Objects) -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in full.pods()}
    for kind, field in (("NetworkPolicy", "podSelector"), ("PodDisruptionBudget", "selector")):
        for one in full.of(kind):
            wanted = one["spec"][field]["matchLabels"].items()
            assert wanted <= labels[one["metadata"]["name"]].items(), one
    assert len(full.of("NetworkPolicy")) == len(labels)
    for service in full.of("Service"):
        wanted = service["spec"].get("selector", {}).items()
        assert any(wanted <= pod.items() for pod in labels.values()), service["metadata"]["name"]


def test_metrics_and_readiness_are_not_public(full: Objects) -> None:
    (rule,) = full.one("Ingress", "gateway")["spec"]["rules"]
    paths = {one["path"]: one["backend"]["service"]["name"] for one in rule["http"]["paths"]}
    nowhere = full.one("Service", "nowhere")
    assert paths["/metrics"] == paths["/readyz"] == nowhere["metadata"]["name"]
    assert paths["/"] == full.one("Deployment", "gateway")["metadata"]["name"]


def test_operations_have_a_port_and_a_service_of_their_own(full: Objects, minimal: Objects) -> None:
    pod = full.one("Deployment", "gateway")["spec"]["template"]["spec"]["containers"][0]
    assert pod["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "operations"}
    assert pod["livenessProbe"]["httpGet"]["port"] == "http"
    values = {one["name"]: one.get("value") for one in pod["env"]}
    assert (values["QUIZRUN_OPERATIONS_PORT"], values["QUIZRUN_OPERATIONS_HOST"]) == (
        "8001",
        "0.0.0.0",
    )
    service = full.one("Service", "gateway-operations")
    monitored = full.one("ServiceMonitor", "gateway")["spec"]
    assert monitored["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert [one["port"] for one in monitored["endpoints"]] == ["operations"]
    public = full.one("Service", "gateway")["spec"]["ports"]
    assert [one["name"] for one in public] == ["http"]
    default = minimal.one("Deployment", "gateway")["spec"]["template"]["spec"]["containers"][0]
    assert default["readinessProbe"]["httpGet"]["port"] == "http"


def test_prometheus_has_the_jobs_that_its_rules_use(full: Objects) -> None:
    for component in ("gateway", "worker"):
        (endpoint,) = full.one("ServiceMonitor", component)["spec"]["endpoints"]
        jobs = [one for one in endpoint["relabelings"] if one.get("targetLabel") == "job"]
        assert [one["replacement"] for one in jobs] == [f"quizrun-{component}s"]


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("settings.QUIZRUN_SECRET", "0123456789", "QUIZRUN_SECRET"),
        ("settings.QUIZRUN_REDIS_PASSWORD", "0123456789", "QUIZRUN_REDIS_PASSWORD"),
        ("settings.QUIZRUN_DATABASE_URL", "postgresql://a:b@db/quizrun", "QUIZRUN_DATABASE_URL"),
        ("settings.quizrun_log_level", "INFO", "quizrun_log_level"),
        ("gateway.settings.QUIZRUN_DRAIN_S", "7", "QUIZRUN_DRAIN_S"),
        ("publicUrl", "quiz.example.org", "publicUrl"),
        ("servers.kafka.bootstrap", "kafka", "bootstrap"),
        ("image.digest", "sha256:short", "digest"),
        ("gateway.disruptionBudget.minAvailable", "1", "disruptionBudget"),
        ("gateway.replica", "3", "replica"),
        ("worker.autoscaling.by", "memory", "by"),
        ("ingress.enabled", "true", "host"),
    ],
)
def test_invalid_values_are_rejected(setting: str, value: str, message: str) -> None:
    with pytest.raises(CheckFailedError, match=message):
        render(MINIMAL, **{setting: value})


def test_missing_required_values_are_reported() -> None:
    with pytest.raises(CheckFailedError) as raised:
        render()
    assert "publicUrl" in str(raised.value)
    assert "bootstrap" in str(raised.value)


def objects(text: str) -> Objects:
    return Objects(one for one in yaml.safe_load_all(text) if one)
