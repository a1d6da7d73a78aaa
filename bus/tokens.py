"""Token providers for SASL OAUTHBEARER; a token is fetched for each connection."""

from __future__ import annotations

import asyncio
import base64
import importlib
import importlib.util
import shlex
from pathlib import Path
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from telemetry.environment import ConfigurationError
from telemetry.settings import KafkaSettings

COMMAND_TIMEOUT_S = 10.0
MSK_EXPIRES_S = 900


def token_provider(settings: KafkaSettings) -> AbstractTokenProvider:
    """Build the token provider that is configured. Raises `ConfigurationError`."""
    if settings.kafka_token_file:
        return TokenFile(Path(settings.kafka_token_file))
    if settings.kafka_token_command:
        return TokenCommand(shlex.split(settings.kafka_token_command))
    if importlib.util.find_spec("botocore") is None:
        raise ConfigurationError(
            ["QUIZRUN_KAFKA_MSK_REGION requires Quizrun to be installed with the extra `aws`."]
        )
    return MskToken(settings.kafka_msk_region)


class TokenFile(AbstractTokenProvider):  # type: ignore[misc]
    """Reads a file that is refreshed externally, such as a projected service account token."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def token(self) -> str:
        """Return the current content of the file."""
        try:
            return (await asyncio.to_thread(self._path.read_text)).strip()
        except OSError as error:
            raise KafkaConnectionError(f"the token file cannot be read: {error}") from error


class TokenCommand(AbstractTokenProvider):  # type: ignore[misc]
    """Runs a program that prints a token."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    async def token(self) -> str:
        """Return the program's output; it has `COMMAND_TIMEOUT_S` to finish."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise KafkaConnectionError(f"the token command cannot be run: {error}") from error
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                output, _ = await process.communicate()
        except TimeoutError as error:
            raise KafkaConnectionError("the token command timed out") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0 or not output.strip():
            raise KafkaConnectionError(f"the token command failed: exit code {process.returncode}")
        return output.decode().strip()


class MskToken(AbstractTokenProvider):  # type: ignore[misc]
    """Signs tokens for Amazon MSK with IAM: the token is a signed connect request.

    See https://github.com/aws/aws-msk-iam-auth. Credentials come from the standard AWS sources: the
    environment, a pod identity, an instance role.
    """

    def __init__(self, region: str) -> None:
        self._region = region
        self._session: Any = importlib.import_module("botocore.session").get_session()

    async def token(self) -> str:
        """Sign a token that is valid for 15 minutes."""
        try:
            return await asyncio.to_thread(self._sign)
        except Exception as error:  # whatever botocore raises
            raise KafkaConnectionError(f"no token for Amazon MSK: {error}") from error

    def _sign(self) -> str:
        credentials = self._session.get_credentials()  # refreshed by botocore
        if credentials is None:
            raise KafkaConnectionError("there are no AWS credentials")
        auth = importlib.import_module("botocore.auth")
        request = importlib.import_module("botocore.awsrequest").AWSRequest(
            method="GET",
            url=f"https://kafka.{self._region}.amazonaws.com/",
            params={"Action": "kafka-cluster:Connect"},
        )
        signer = auth.SigV4QueryAuth(
            credentials.get_frozen_credentials(), "kafka-cluster", self._region, MSK_EXPIRES_S
        )
        signer.add_auth(request)
        url = f"{request.url}&User-Agent=quizrun"
        return base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
