"""Applications and their journal in MongoDB. Saving writes the state, the journal entry and the event as one."""

from pymongo.errors import DuplicateKeyError

from services.applications.domain.application import Application
from services.applications.domain.errors import ApplicationNotFound, BlankAlreadyUsed, TooManyRelations
from services.applications.domain.journal import Act
from services.applications.domain.relations import MOST_ACCOUNTS, MOST_IN_ONE_CASE, Relation, RelationKind, Relations
from services.applications.domain.status import OPEN, Status
from services.applications.journal_rows import COLLECTION, journal_row
from services.applications.queue import claims
from services.applications.schema import MAPPER, RELATIONS
from services.applications.term_watch import term_watch
from shared.actors import Citizen, Officer
from shared.mongo.aggregates import Aggregates
from shared.mongo.database import Db, Session
from shared.mongo.erasure import look_again
from shared.mongo.transactions import UnitOfWork

GOING_ON = (Status.DRAFT, *OPEN)


class Applications:
    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._stored = Aggregates(uow, "applications", MAPPER)

    async def get(self, application_id: str) -> Application:
        """For a service of ours or the clock. Raises ApplicationNotFound."""
        application = await self._stored.find({"_id": application_id})
        if application is None:
            raise ApplicationNotFound
        return application

    async def get_for(self, actor: Citizen | Officer, application_id: str) -> Application:
        """Raises ApplicationNotFound, also where the actor may not see it."""
        application = await self.get(application_id)
        application.must_be_seen_by(actor)  # asked of the database, an $or would keep it from its index
        return application

    async def case_for(self, officer: Officer, application_id: str) -> tuple[Application, Relations]:
        """With what is declared among the officer and those who have to do with it. Raises ApplicationNotFound."""
        application = await self.get_for(officer, application_id)
        return application, await relations_among(self._uow.db, application, officer, self._uow.session)

    async def add(self, application: Application, act: Act) -> None:
        await self._stored.add(application)
        self._write_down(application, act)

    async def save(self, application: Application, act: Act | None) -> None:
        """act: what the domain said; None where nothing changed. Raises ConcurrentUpdate."""
        if act is not None:
            await self._stored.save(application)
            self._write_down(application, act)
            if application.status is Status.IN_REVIEW and application.status_since == act.at:
                claims.begin(application, self._uow)
            if application.status not in GOING_ON:
                await look_again(application.citizen_id, self._uow)

    async def take_blank(self, application: Application) -> None:
        """Raises BlankAlreadyUsed where any application ever had this number."""
        row = {"_id": application.blank_number, "application_id": application.id, "post_id": application.post_id}
        try:
            await self._uow.db.blanks.insert_one(row | {"recorded_at": self._uow.at}, session=self._uow.session)
        except DuplicateKeyError:
            raise BlankAlreadyUsed from None

    def _write_down(self, application: Application, act: Act) -> None:
        heard = self._uow.heard
        events = [(heard.event_id, heard.event.type)] if heard else []
        if act.event:
            events.append((self._uow.publish(act.event), act.event.type))
        if act.watch_term_at:
            self._uow.schedule(term_watch(application.id, act.watch_term_at))
        row = journal_row(application, act, events, self._uow.who, self._uow.operation.correlation_id)
        self._uow.insert_entry(COLLECTION, row)


class DeclaredRelations(Aggregates[Relation]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "relations", RELATIONS)


async def relations_among(db: Db, application: Application, officer: Officer, session: Session | None = None) -> Relations:
    """What is declared of the officer and of all who have to do with the application, other accounts of theirs included.

    Raises TooManyRelations: nobody acts on the case before somebody has looked at what was declared.
    """
    proposer = application.proposal.by if application.proposal else None
    places = application.post_id, application.deciding_at
    people = {one for one in (officer.id, application.citizen_id, application.claimed_by, proposer) if one}
    declared: dict[str, Relation] = {}
    asked: set[str] = set()
    while left := people - asked:
        asked |= left
        of_them = db.relations.find({"people": {"$in": sorted(left)}, "ended": None}, session=session)
        rows = await of_them.limit(MOST_IN_ONE_CASE + 1).to_list()
        for relation in map(RELATIONS.from_document, rows):
            declared[relation.id] = relation
            if relation.counts_as is RelationKind.SAME_PERSON and relation.counts_at(*places):
                people.update(relation.people)
        if len(people) > MOST_ACCOUNTS or len(declared) > MOST_IN_ONE_CASE:
            raise TooManyRelations
    return Relations.of(declared.values(), *places)
