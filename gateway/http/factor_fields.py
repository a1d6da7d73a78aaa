"""Request fields about second factors."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from db.passkeys import Passkey
from gateway.factors.passkeys import Credential
from gateway.person_fields import DisplayName, one_line

MAX_PART_CHARS = 12_000


class CredentialResponse(BaseModel):
    """An authenticator's response, base64url-encoded. Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")
    clientDataJSON: str = Field(max_length=MAX_PART_CHARS)  # noqa: N815  (WebAuthn's name)
    attestationObject: str | None = Field(None, max_length=MAX_PART_CHARS)  # noqa: N815
    transports: list[str] | None = Field(None, max_length=10)
    authenticatorData: str | None = Field(None, max_length=MAX_PART_CHARS)  # noqa: N815
    signature: str | None = Field(None, max_length=MAX_PART_CHARS)
    userHandle: str | None = Field(None, max_length=200)  # noqa: N815


class PasskeyCredential(BaseModel):
    """The result of `PublicKeyCredential.toJSON()`. Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")
    id: str = Field(max_length=2_000)
    rawId: str = Field(max_length=2_000)  # noqa: N815
    type: str = Field(max_length=20)
    response: CredentialResponse

    def as_json(self) -> Credential:
        """Return the given fields as a JSON object."""
        return self.model_dump(exclude_none=True)


class PasskeyView(BaseModel):
    """A passkey in its owner's list."""

    id: str
    name: str
    backed_up: bool = Field(description="Whether it is synced to more than one device.")
    created_at: int
    last_used_at: int | None


PasskeyName = DisplayName
Options = dict[str, Any]


def _one_line(code: SecretStr) -> SecretStr:
    return SecretStr(one_line(code.get_secret_value()))


Code = Annotated[SecretStr, Field(min_length=1, max_length=40), AfterValidator(_one_line)]


def passkey_view(passkey: Passkey) -> PasskeyView:
    """Convert a stored passkey."""
    return PasskeyView(
        id=passkey.id,
        name=passkey.name,
        backed_up=passkey.backed_up,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
    )
