"""What is asked of a search of officers, and what it finds."""

from typing import Annotated

from pydantic import BaseModel, Field

from services.applications.api.schemas import In, OfficerRow


class ReferenceSearch(In):
    reference: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="As on the citizen's receipt; case, spaces, hyphens and Cyrillic letters that look alike do not matter"
    )


class FoundApplication(BaseModel):
    id: str


class PersonSearch(In):
    """All that is given must fit."""

    pin: Annotated[str, Field(max_length=64)] | None = Field(None, description="14 digits")
    phone: Annotated[str, Field(max_length=64)] | None = Field(None, description="With + and the country code")
    name: Annotated[str, Field(max_length=200)] | None = Field(
        None,
        description="Whole words, in any order, in Kyrgyz, Russian or as in a passport; of the applicant or of somebody else "
        "whom the application names",
    )


class FoundApplications(BaseModel):
    applications: list[OfficerRow] = Field(description="Newest first")
    more: bool = Field(description="There are more than are given here: ask for something that fewer have")
