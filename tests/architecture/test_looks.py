"""Whoever shows a person's data to somebody else writes it down: every such route records looks, or says why it need not."""

from fastapi import APIRouter, FastAPI

from shared.web.auth import AUTHENTICATES, CurrentOfficer, citizen
from shared.web.looks import RECORDS
from tests.architecture.test_routes import Door, _every_door, doors, uses

_OFFICERS = "About officers and their roles, for who gives them; no citizen's data"
NOTHING_TO_SEE: dict[str, str] = {  # reads that others than a citizen may make
    "GET /api/me": "One's own",
    "GET /api/me/data": "One's own; an entry is written all the same",
    "GET /api/me/data/summary": "One's own, as counts",
    "GET /api/me/credentials": "One's own",
    "GET /api/passkeys": "One's own",
    "GET /api/people/papers": "Kinds of papers",
    "GET /api/sessions": "One's own",
    "GET /api/rights": "Numbers and dates of requests; whoever reads one opens it",
    "GET /api/rights/refusals": "The grounds there are",
    "GET /api/officer/changes": "Ids and numbers of what changed; whoever wants to see more asks for it",
    "GET /api/officer/counts": "Counts",
    "GET /api/officer/standing": "Counts and days",
    "GET /api/officer/terms": "References, days and officers, and nothing of a person",
    "GET /api/officer/desks": "Officers and counts",
    "GET /api/officer/given-back": "References, days and counts, and nothing of a person",
    "GET /api/officer/inboxes": "Counts",
    "GET /api/officer/inboxes/{body}": "References and days, and nothing of a person",
    "GET /api/officer/pouches": "Where pouches are, how many papers each carries, and nobody's data",
    "GET /api/officer/pouches/{pouch_id}": "References of cases and kinds of papers, and nothing of a person",
    "GET /api/officer/posts/{post_id}/closure": "About a post, and a count",
    "GET /api/officer/objections": "References, and which officer looked",
    "GET /api/officer/relations": "What officers declared of themselves",
    "GET /api/officer/payments/reconciliations": "Numbers of payments, and counts",
    "GET /api/operator/state": "Counts and ages",
    "GET /api/retention": "Rules and counts",
    "GET /api/retention/reports": "Counts and times",
    "POST /api/internal/applications/{application_id}/work": "Whether an officer works on a case",
    "GET /api/internal/terms": "Counts",
    "GET /api/internal/officers/in-charge": _OFFICERS,
    "POST /api/internal/ledger/events": "Ids of events",
    "POST /api/internal/officers/invitations": _OFFICERS,
    "POST /api/internal/sign-in/codes": "A contact that somebody has just typed, on its way to themselves",
}


def unrecorded(found: tuple[Door, ...]) -> list[str]:
    """Questions open to others than the citizen alone that leave no entry."""
    reads = [door for door in found if door.line.startswith("GET ") or "/internal/" in door.line or "search" in door.line]
    open_to_others = [door for door in reads if uses(door.route, AUTHENTICATES) and not uses(door.route, citizen)]
    return sorted({door.line for door in open_to_others if not uses(door.route, RECORDS)})


def test_every_route_that_shows_a_persons_data_to_others_records_the_look_or_is_listed_with_its_reason() -> None:
    assert [line for line in unrecorded(_every_door()) if line not in NOTHING_TO_SEE] == []


def test_a_route_that_shows_a_case_and_tells_nobody_would_be_seen() -> None:
    router = APIRouter()

    @router.get("/case")
    async def case(_by: CurrentOfficer) -> None: ...

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    assert unrecorded(tuple(doors(app))) == ["GET /case"]
