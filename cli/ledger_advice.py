"""What to look at where a rule of the ledger does not hold: which kind of id it names, and which command shows more."""

EVENT = (
    "The ids are of events: ./eshik dead list shows what was given up, ./eshik status what is unsent or waits in a queue; "
    "look for the id in the logs."
)
DOCUMENT = "./eshik jobs shows what was given up and why, ./eshik dead list an order that could not be handled."
ADVICE = {
    "applications": "The ids are of applications: nothing puts one back. Keep logs and database; see ./eshik status.",
    "drafts": "The ids are of applications that are drafts: ./eshik jobs shows whether the job to close one was given up.",
    "journal": "The ids are of applications: compare each with its entries in the collection journal; keep logs and database.",
    "journal's events": f"{EVENT} The collection journal tells which application it is about.",
    "documents": f"The ids are of documents (entries of the register, and keys of the jobs that issue them): {DOCUMENT}",
    "documents ordered": f"The ids are of applications: {DOCUMENT}",
    "messages": "The ids are of messages, one for each channel: ./eshik jobs and ./eshik dead list show what was given up.",
    "message jobs": "The ids are of messages, which are the keys of their jobs: ./eshik jobs shows what was given up and why.",
    "audit": "The ids are of rows, with their collection. Without a number: see whether the service runs, which numbers them. "
    "Changed or lost: keep logs and database, ./eshik audit export, and verify it against the checkpoints that others keep.",
    "deleted by rule": "The ids are of lines of the purge's report, day and kind: ./eshik retention --report shows them. "
    "Somebody changed the report, or deleted rows by hand; keep logs and database.",
    "seals": "The ids are of rows, with their collection: somebody who can write the database has moved or rewritten them, or "
    "their key is gone. ./eshik keys status shows keys; compare the row with a backup. Nothing that is allowed rests on it.",
    "fees": "The ids are of cases: compare their rows in fees, payments and applications. All change in one transaction, so that "
    "somebody changed one by hand, or put one collection back from a backup. What was paid online stands with the provider too.",
    "rights": "The ids are of people: the audit says otherwise of their roles, password or sessions: an older row was put back. "
    "Give or take the role anew, reset the password, end the sessions, and ask who wrote to the database.",
    "jobs": "The ids are of jobs: ./eshik jobs shows what was given up, ./eshik status whether the service that works them runs.",
}


def advice(rule: str) -> str:
    """One sentence or two; rules about events are named by who publishes them."""
    return EVENT if rule.startswith("events of ") else ADVICE.get(rule, "./eshik status shows which part is away.")
