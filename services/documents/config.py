"""What the documents service needs to know to start."""

from pathlib import Path

from pydantic import Field
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
    verification_origin: str = Field(description="https://HOST of the public verification page, printed in the QR")
