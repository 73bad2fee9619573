"""In which language a request is answered."""

from fastapi import Request

from shared.texts import best_language


def language_of(request: Request) -> str:
    """Accept-Language, then the language of the signed-in person, then Kyrgyz."""
    header = request.headers.get("accept-language", "")
    tags = sorted((part.strip() for part in header.split(",") if part.strip()), key=_quality, reverse=True)
    return best_language([*tags, getattr(request.state, "language", "")])


def _quality(tag: str) -> float:
    try:
        return float(tag.partition(";q=")[2] or 1)
    except ValueError:
        return 0.0
