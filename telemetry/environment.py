"""Settings from environment variables ``QUIZRUN_…``, or from the files that they name."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

PREFIX = "QUIZRUN_"
FILE_SUFFIX = "_FILE"
MAX_FILE_BYTES = 100_000
MISCONFIGURED = 2
"""The exit code of a process with invalid settings."""


class ConfigurationError(Exception):
    """The settings are invalid; `faults` has a sentence for each problem."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class EnvironmentSettings(BaseSettings):
    """The base class of all settings. An empty variable counts as unset."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    def faults(self) -> list[str]:
        """Return a sentence for each problem with values that are valid individually."""
        return [
            f"{variable_of(name)}: {path} does not exist or is not readable."
            for name in type(self).model_fields
            if name.endswith("_file") and (path := getattr(self, name))
            if not os.access(path, os.R_OK)
        ]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := self.faults():
            raise ValueError("\n".join(faults))
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - replaced by `_Environment`
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Prefer arguments to the environment."""
        return init_settings, _Environment(settings_cls)


class _Environment(EnvSettingsSource):
    """Reads ``QUIZRUN_X``, or the file named by ``QUIZRUN_X_FILE``."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        variables = dict(super()._load_env_vars())
        faults = []
        for name in self.settings_cls.model_fields:
            variable = variable_of(name)
            path = variables.get(f"{variable}{FILE_SUFFIX}".lower())
            if path is None:
                continue
            if variable.lower() in variables:
                faults.append(
                    f"{variable} and {variable}{FILE_SUFFIX} are both set; only one may be."
                )
                continue
            try:
                content = _read(Path(path))
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                faults.append(f"{variable}{FILE_SUFFIX}: {path} cannot be read: {reason}.")
                continue
            if content:  # as with variables, empty means unset
                variables[variable.lower()] = content
        if faults:
            raise ConfigurationError(faults)
        return variables


Loaded = TypeVar("Loaded", bound=EnvironmentSettings)


def load_settings(kind: type[Loaded]) -> Loaded:
    """Load the settings of this process. Raises `ConfigurationError`."""
    try:
        return kind()
    except ValidationError as error:
        raise ConfigurationError(
            [sentence for problem in error.errors() for sentence in _sentences(problem)]
        ) from error
    except SettingsError as error:  # a value that is not valid JSON
        field = str(error).split('"')[1] if '"' in str(error) else ""
        raise ConfigurationError([f"{variable_of(field)} is not valid JSON."]) from error


@contextlib.contextmanager
def misconfiguration_ends_process() -> Iterator[None]:
    """Print a `ConfigurationError` and exit with `MISCONFIGURED`."""
    try:
        yield
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(MISCONFIGURED)


def variable_of(field: str) -> str:
    """Return the name of a field's environment variable."""
    return f"{PREFIX}{field.upper()}"


def unknown_variables(kinds: tuple[type[BaseSettings], ...], known: frozenset[str]) -> list[str]:
    """Return environment variables with our prefix that nothing reads, probably typos."""
    names = {variable_of(field) for kind in kinds for field in kind.model_fields} | known
    files = {f"{name}{FILE_SUFFIX}" for name in names}
    return sorted(
        name
        for name, value in os.environ.items()
        if name.startswith(PREFIX) and value and name not in names | files
    )


def reread(name: str) -> str | None:
    """Read the file of the setting `name` again; None if it does not come from a file.

    For secrets that are rotated while processes run. Raises `OSError` or `ValueError`.
    """
    path = os.environ.get(f"{variable_of(name)}{FILE_SUFFIX}")
    return _read(Path(path)) if path else None


def _read(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"it is larger than {MAX_FILE_BYTES} bytes")
    # Editors and `kubectl create secret` append a newline.
    return content.decode().strip()


def _sentences(problem: ErrorDetails) -> list[str]:
    # Never include the value: it may be a secret.
    message = problem["msg"]
    if not problem["loc"]:
        return message.removeprefix("Value error, ").split("\n")
    variable = variable_of(str(problem["loc"][0]))
    # inside a JSON value: `QUIZRUN_X[0].name`
    variable += "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem["loc"][1:]
    )
    if problem["type"] == "missing":
        return [f"{variable} is not set."]
    context: dict[str, Any] = problem.get("ctx", {})
    if problem["type"] in {"too_short", "string_too_short"}:
        return [f"{variable} must have at least {context['min_length']} characters."]
    sentences = message.removeprefix("Value error, ").removesuffix(".").split("\n")
    return [f"{variable}: {sentence.removesuffix('.')}." for sentence in sentences]
