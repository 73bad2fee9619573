"""What the pages remember of sign-ins that went on: the same answer for a lost one, and never more than a part of the memory."""

from services.portal.renewals import Granted, Renewals

NEVER = 10_000


def granted(number: int, size: int = 1000) -> Granted:
    return Granted({"identity": "t" * size}, f"next-{number}", float(NEVER))


async def test_a_lost_answer_comes_again() -> None:
    renewals, asked = Renewals(lambda _tokens: False), []

    async def ask() -> Granted:
        asked.append(1)
        return granted(len(asked))

    assert (await renewals.of("one", ask)).refresh == (await renewals.of("one", ask)).refresh == "next-1"


async def test_however_many_sign_ins_go_on_what_is_remembered_has_a_bound_in_bytes() -> None:
    renewals = Renewals(lambda _tokens: False, most_bytes=50_000)
    for number in range(500):

        async def ask(number: int = number) -> Granted:
            return granted(number, size=200 if number % 2 else 9000)

        await renewals.of(f"refresh-{number}", ask)
        assert renewals.remembered_bytes <= 50_000
    asked = []

    async def again() -> Granted:
        asked.append(1)
        return granted(0)

    await renewals.of("refresh-499", again)
    assert asked == []  # the newest are kept
    await renewals.of("refresh-0", again)
    assert asked == [1]


async def test_what_has_run_out_is_forgotten_when_others_come() -> None:
    over: set[str] = set()
    renewals = Renewals(lambda tokens: tokens["identity"] in over)

    async def one() -> Granted:
        return Granted({"identity": "first"}, "r", 0.0)

    async def other() -> Granted:
        return Granted({"identity": "second"}, "r", 0.0)

    await renewals.of("one", one)
    alone = renewals.remembered_bytes
    over.add("first")
    await renewals.of("other", other)
    assert renewals.remembered_bytes < 2 * alone
