"""./eshik catalogue: the services as data: whether they are complete, what in them is only our default, what is planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from cli.console import counted, fail, out, print_json, show_rows
from services.applications.catalogue import FOLDER, Catalogue, CatalogueError
from services.applications.catalogue.checking import illustrative_values, lacks, marks
from services.applications.catalogue.defaults import shared_defaults
from services.applications.data_files import read_data_files
from shared.amounts import amount_text
from shared.texts import Texts

if TYPE_CHECKING:
    from services.applications.fees.queries import Affected, TariffChange

catalogue = typer.Typer(
    help="The catalogue of services: what is offered, what is planned, and how sure its values are.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@catalogue.command()
def check(
    production: Annotated[
        bool, typer.Option("--production", help="List every value marked D: a service that has one is not offered there.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Read every file as a service does at its start. Exit code 1 where one cannot be used, or a service lacks something; with
    --production also where a value is only our own default, of a service or of what all of them share."""
    found = _read()
    missing = {definition.id: lacks(definition) for definition in found.services()}
    defaults = {definition.id: illustrative_values(definition) for definition in found.services()}
    shared = shared_defaults(FOLDER) if production else []
    if as_json:
        of_services = {each: {"lacks": missing[each], "illustrative": defaults[each]} for each in missing}
        print_json({**of_services, **({"shared": {"illustrative": shared}} if production else {})})
    else:
        _tell(found, missing, defaults | {"(all)": shared}, production=production)
    incomplete = [each for each, what in missing.items() if what]
    refused = [each for each, what in defaults.items() if what] if production else []
    if incomplete:
        fail(f"not complete: {', '.join(incomplete)}")
    if refused:
        fail(f"{len(refused)} of {len(missing)} services would not be offered in production: each D needs a source first")
    if shared:
        fail(f"{len(shared)} values that all services share are marked D: each needs a source first")


@catalogue.command("list")
def list_() -> None:
    """Every service: offered with its version, or planned with what is missing."""
    found = _read()
    offered = [[each.id, str(each.version), each.group, escape(each.title), ""] for each in found.services()]
    planned = [[each.id, "", each.group, escape(each.names["en"]), "; ".join(each.missing)] for each in found.planned]
    show_rows(offered + planned, ["service", "version", "group", "title", "hidden until there is"])


@catalogue.command()
def planned() -> None:
    """What is known of the services that stay hidden, with its source and mark, for whoever completes their files."""
    rows = [
        [each.id, known.what, escape(known.value), known.certainty, escape(known.source)]
        for each in _read().planned
        for known in each.known
    ]
    show_rows(rows, ["service", "what", "as it was read", "mark", "source"])


@catalogue.command()
def affected(
    service: Annotated[str, typer.Argument(help="Its id.")],
    before: Annotated[int, typer.Argument(help="The version that applies now.", min=1)],
    after: Annotated[int, typer.Argument(help="The version to compare with.", min=1)],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Which open cases would owe another amount by another version of a service: drafts follow it, what was handed in keeps the
    old. Reads the database and the keys of this machine's stack; elsewhere the ministry asks its page."""
    found = _read()
    there = sorted(number for each, number in found.versions if each == service)
    if not there:
        fail(f"there is no service {service}; ./eshik catalogue list names them")
    for wanted in (before, after):
        if wanted not in there:
            fail(f"there is no version {wanted} of {service}; there is {', '.join(map(str, there))}")
    versions = found.version(service, before), found.version(service, after)
    from cli.tariff_change import whom_it_affects  # here: it loads the service's own reads

    change = whom_it_affects(*versions)
    if as_json:
        print_json({"checked": change.checked, "more": change.more, "affected": [_for_programs(one) for one in change.affected]})
        return
    rows = [
        [one.reference, one.post_id, one.status, _money(one.owes), _money(one.would_owe), _old_amount(one)]
        for one in change.affected
    ]
    show_rows(rows, ["case", "post", "status", "owes", "would owe", "the old amount"])
    out.print(f"\n{_in_all(change)}")


def _in_all(change: TariffChange) -> str:
    follow = sum(one.follows for one in change.affected)
    keep = len(change.affected) - follow
    more = "; there are more than were looked at" if change.more else ""
    return (
        f"{counted(change.checked, 'open case')} looked at{more}: {counted(follow, 'draft')} would owe another amount, "
        f"{keep:,} handed in {'keeps its own' if keep == 1 else 'keep theirs'}."
    )


def _for_programs(one: Affected) -> dict[str, Any]:
    """Amounts in the smallest coin, as the services give them."""
    of_it = {"reference": one.reference, "post": one.post_id, "status": one.status}
    return of_it | {"owes": _minor(one.owes), "would_owe": _minor(one.would_owe), "old_amount": _old_amount(one)}


def _minor(sums: Mapping[str, int]) -> list[dict[str, int | str]]:
    return [{"amount_minor": minor, "currency": currency} for currency, minor in sorted(sums.items())]


def _old_amount(one: Affected) -> str:
    return "follows" if one.follows else "keeps"


def _money(sums: Mapping[str, int]) -> str:
    """As the services write amounts."""
    texts = Texts.load()
    return " + ".join(amount_text(minor, currency, "en", texts) for currency, minor in sorted(sums.items())) or "nothing"


def _read() -> Catalogue:
    try:
        return read_data_files()
    except CatalogueError as error:
        fail(str(error))


def _tell(found: Catalogue, missing: dict[str, list[str]], defaults: dict[str, list[str]], *, production: bool) -> None:
    rows = []
    for definition in found.services():
        by_mark = Counter(mark for _, mark in marks(definition))
        counts = " ".join(f"{mark} {by_mark[mark]}" for mark in sorted(by_mark))
        lacking = ", ".join(missing[definition.id]) or "-"
        rows.append(
            [definition.id, str(definition.version), str(len(definition.fields)), str(len(definition.papers)), counts, lacking]
        )
    show_rows(rows, ["service", "version", "questions", "papers", "values by mark", "lacks"])
    if production:
        out.print()
        show_rows([[service, where] for service, places in defaults.items() for where in places], ["service", "marked D"])
    out.print(f"\n{len(rows)} services and {len(found.planned)} planned, {len(found.posts)} posts: every file can be used.")
