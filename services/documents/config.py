"""What the documents service needs to know to start."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from shared.config import Settings as KernelSettings


class Settings(KernelSettings):
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_prefix="ESHIK_DOCUMENTS_", populate_by_name=True
    )

    applications_url: str = Field(
        validation_alias="ESHIK_APPLICATIONS_URL", description="Base address of applications, whose dossiers are printed"
    )
    signing_key_file: Path = Field(description="PEM, P-256: signs the PDF. In production a key of an accredited provider")
    signing_certificate_file: Path = Field(description="PEM certificate of the signing key")
    trust_root_file: Path = Field(description="PEM certificate that the signing certificate leads to; published for verifiers")
    seal_key_file: Path = Field(description="PEM, P-256: signs the seal in the QR")
    verification_origin: str = Field(
        description="Address of the public verification page, printed and in the QR, as https://HOST/v; http on a local stack"
    )

    @field_validator("verification_origin")
    @classmethod
    def _an_address(cls, given: str, info: ValidationInfo) -> str:
        address = urlsplit(given)
        own_machine = info.data.get("local_stack") or address.hostname in ("127.0.0.1", "localhost", "::1")
        schemes = ("https", "http") if own_machine else ("https",)
        if address.scheme not in schemes or not address.netloc or address.query or address.fragment or not given.isascii():
            raise ValueError("must be https://HOST or https://HOST/PATH; http on a local stack only")
        return given.rstrip("/")
