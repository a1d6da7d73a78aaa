"""The settings of our processes, to check files that set them."""

from __future__ import annotations

from gateway.settings import GatewaySettings
from workers.settings import WorkerSettings

FILE = "_FILE"


def known(setting: str) -> bool:
    """Whether a gateway or worker has this setting, or reads it from the file that it names."""
    fields = {*GatewaySettings.model_fields, *WorkerSettings.model_fields}
    name = setting.removeprefix("QUIZRUN_").lower()
    return name in fields or name.removesuffix(FILE.lower()) in fields
