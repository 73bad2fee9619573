"""What a case owes: components, exchange, rounding, surcharges, reductions, parts, payments; the same again from its facts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest

from services.applications.domain import fee_errors as errors
from services.applications.domain.fee_account import Adjustment, Fee, Payment, Returned
from services.applications.domain.fees import FeeFacts, FeeState, Money, Rate, assess, facts_of
from services.applications.domain.tariff import FeeComponent, Reduction, Surcharge, Tariff
from services.applications.fees.ledger import payments_fault, sums_fault

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SOURCED: dict[str, Any] = {
    "source": "a test", "source_date": DAY, "certainty": "D", "valid_from": date(2026, 1, 1)
}  # fmt: skip
RUB = Rate("USD", "RUB", "80.3333", 2, 2, "a bank", "2026-11-23", illustrative=True)
WON = Rate("USD", "KRW", "1437.55", 2, 0, "a bank", "2026-11-23", illustrative=True)


def component(code: str = "acceptance", amount: int = 3000, **more: Any) -> FeeComponent:
    return FeeComponent(**SOURCED | {"code": code, "label": code, "amount_minor": amount, "currency": "USD"} | more)


def reduction(code: str, percent: int, **more: Any) -> Reduction:
    return Reduction.model_validate(SOURCED | {"code": code, "label": code, "percent": percent} | more)


UNDER_16 = reduction("under-16", 50, conditions=({"field": "birth_date", "age_below": 16},))
POOR = reduction("destitute", 100, granted_by_officer=True)
URGENT = Surcharge.model_validate(
    SOURCED
    | {"code": "urgent", "percent": 100, "switched_on": True, "classes": ("citizen",)}
    | {"conditions": ({"field": "how", "one_of": ("urgent",)},)}
)
HOLIDAY = Surcharge(**SOURCED, code="weekend_or_holiday", percent=200, switched_on=True, classes=("citizen",), conditions=())
PRODUCTION = component("production", 100_000, currency="KGS", payee="state_budget", paid_where="bank_in_kyrgyzstan", gate="issue")
TARIFF = Tariff(components=(component(), PRODUCTION), surcharges=(URGENT, HOLIDAY), reductions=(UNDER_16, POOR))


def facts(tariff: Tariff = TARIFF, host: str | None = None, day: date = DAY, **answers: str) -> FeeFacts:
    rates = {"RUB": (RUB,), "KRW": (WON,)}.get(host or "", ())
    return facts_of(tariff, service_id="s", service_version=2, answers=answers, day=day, host=host, rates=rates)


def fee(tariff: Tariff = TARIFF, **answers: str) -> Fee:
    return Fee.of_case("case", citizen_id="c", post_id="yek", facts=facts(tariff, None, DAY, **answers), tariff=tariff, at=AT)


def charged(tariff: Tariff, host: str | None = None, day: date = DAY, **answers: str) -> list[tuple[int, str]]:
    return [(line.charged_minor, line.charged_currency) for line in assess(tariff, facts(tariff, host, day, **answers))]


def payment(part: str = "review-post-usd", amount: int = 3000, currency: str = "USD", number: str = "1") -> Payment:
    return Payment(number, "case", "c", "yek", part, "receipt", amount, currency, "2026-11-23", "2026-11-23", AT)


def test_each_component_is_owed_in_the_currency_in_which_it_is_paid() -> None:
    assert charged(TARIFF, host="RUB") == [(241_000, "RUB"), (100_000, "KGS")]  # 30 x 80.3333 = 2409.999 roubles


def test_where_no_rate_is_known_the_currency_of_the_tariff_stays() -> None:
    assert charged(TARIFF, host="TRY") == [(3000, "USD"), (100_000, "KGS")]


def test_a_currency_without_small_coins_is_exchanged_into_whole_units() -> None:
    assert charged(Tariff(components=(component(amount=1001),)), host="KRW") == [(14390, "KRW")]  # 14389.88


@pytest.mark.parametrize(("rounding", "minor"), [("half_even", 8033), ("none", 8033), ("up_to_whole", 8100)])
def test_rounding_after_an_exchange_is_as_the_component_says(rounding: str, minor: int) -> None:
    assert charged(Tariff(components=(component(amount=100, rounding=rounding),)), host="RUB") == [(minor, "RUB")]


@pytest.mark.parametrize(("amount", "half"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_a_half_of_the_smallest_coin_goes_to_the_even_one(amount: int, half: int) -> None:
    tariff = Tariff(components=(component(amount=amount),), reductions=(UNDER_16,))
    assert charged(tariff, birth_date="2020-01-01") == [(half, "USD")]


def test_a_component_is_owed_only_where_its_conditions_hold_and_on_its_days() -> None:
    apostille = component("apostille", needed=({"field": "country", "one_of": ("KR",)},))
    ended = component("old", valid_to=date(2026, 11, 22))
    tariff = Tariff(components=(apostille, ended))
    assert charged(tariff, country="RU") == []
    assert charged(tariff, country="KR") == [(3000, "USD")]
    assert charged(tariff, country="RU", day=date(2026, 11, 22)) == [(3000, "USD")]


@pytest.mark.parametrize(("written", "times"), [("3", 3), ("", 1), ("0", 1), ("many", 1), ("٣", 1), ("1000", 1)])
def test_what_is_owed_for_each_is_multiplied_by_the_number_that_was_answered(written: str, times: int) -> None:
    tariff = Tariff(components=(component(times_field="copies"),))
    assert charged(tariff, copies=written) == [(3000 * times, "USD")]


def test_the_day_before_a_birthday_halves_the_fee_of_the_mission_and_not_that_of_the_state() -> None:
    assert charged(TARIFF, birth_date="2010-11-24") == [(1500, "USD"), (100_000, "KGS")]
    assert charged(TARIFF, birth_date="2010-11-23") == [(3000, "USD"), (100_000, "KGS")]


def test_of_several_reductions_the_highest_counts() -> None:
    third = reduction("third", 33, conditions=({"field": "birth_date", "answered": True},))
    tariff = Tariff(components=(component(),), reductions=(third, UNDER_16))
    assert charged(tariff, birth_date="2020-01-01") == [(1500, "USD")]


def test_urgency_doubles_what_the_mission_takes_only_where_it_is_switched_on_for_the_class() -> None:
    assert charged(TARIFF, how="urgent") == [(6000, "USD"), (100_000, "KGS")]
    for off in ({"switched_on": False}, {"classes": ("foreigner",)}):
        tariff = TARIFF.model_copy(update={"surcharges": (URGENT.model_copy(update=off),)})
        assert charged(tariff, how="urgent")[0] == (3000, "USD")


def test_the_facts_name_rules_and_hold_no_answer() -> None:
    found = facts(host="RUB", birth_date="2015-05-05", how="urgent")
    assert (found.needed, found.surcharges, found.reductions) == (("acceptance", "production"), ("urgent",), ("under-16",))
    assert "2015" not in repr(found)


def test_the_same_facts_give_the_same_fee_whatever_the_day_and_the_answers_became() -> None:
    chance = Random(20261123)
    for _ in range(300):
        tariff = Tariff(
            components=tuple(component(f"c{n}", chance.randrange(1, 10**7)) for n in range(chance.randrange(1, 4))),
            surcharges=(URGENT,),
            reductions=(UNDER_16,),
        )
        born, host = f"{chance.randrange(1950, 2026)}-01-01", chance.choice(["RUB", "KRW", "USD"])
        found = facts(tariff, host=host, birth_date=born, how=chance.choice(["urgent", "calm"]))
        first = assess(tariff, found)
        assert assess(Tariff.model_validate_json(tariff.model_dump_json()), found) == first
        assert all(line.charged_minor >= 0 for line in first)


def test_what_is_paid_together_is_one_part_and_what_costs_nothing_is_waived() -> None:
    tariff = Tariff(components=(component("c1", 1000), component("c2", 500), component("c3", 0, gate="issue"), PRODUCTION))
    parts = {part.id: (part.amount_minor, part.state) for part in fee(tariff).parts}
    assert parts == {
        "review-post-usd": (1500, "open"),
        "issue-post-usd": (0, "waived"),
        "issue-bank-kgs": (100_000, "open"),
    }


def test_each_gate_opens_when_its_own_parts_are_paid_and_what_is_owed_for_the_review_blocks_the_issue_too() -> None:
    owed = fee()
    assert owed.state == FeeState("due", "due")
    owed.take(payment("issue-bank-kgs", 100_000, "KGS"))
    assert owed.state == FeeState("due", "paid")
    assert owed.state.blocks("issue")
    owed.take(payment(number="2"))
    assert owed.state == FeeState("paid", "paid")
    assert not owed.state.blocks("issue")


def test_a_case_without_a_tariff_is_blocked_nowhere() -> None:
    assert (FeeState().state, FeeState().blocks("review"), FeeState().blocks("issue")) == ("none", False, False)


@pytest.mark.parametrize(
    ("made", "because"),
    [
        (payment(number="2"), "already-paid"),
        (payment("issue-bank-kgs", 99_999, "KGS"), "amount-differs"),
        (payment("issue-bank-kgs", 100_000, "USD"), "amount-differs"),
        (payment("of-another-case"), "nothing-owed"),
    ],
)
def test_a_payment_that_settles_nothing_is_kept_as_too_much_and_changes_nothing(made: Payment, because: str) -> None:
    owed = fee()
    owed.take(payment())
    before = replace(owed)
    kept = owed.take(made)
    assert (kept.state, kept.surplus_because, owed) == ("surplus", because, before)


def test_a_payment_that_was_taken_back_is_owed_again_and_one_that_settled_nothing_is_not() -> None:
    owed = fee()
    kept = owed.take(payment())
    assert not owed.give_back(payment(number="another"))
    assert owed.give_back(kept)
    assert owed.state.review == "due"


def test_what_the_post_gave_back_of_a_payment_is_known_of_that_payment_alone() -> None:
    owed = paid_fee(copies="2")
    owed.reassess(facts(EACH, copies="1"), tariff=EACH, at=AT)
    assert owed.given_back_of(payment()) == 0
    owed.return_overpaid(back(owed.overpaid[0].amount_minor))
    assert owed.given_back_of(payment()) == owed.returned[0].amount.amount_minor
    much = replace(payment(number="another"), state="surplus")
    assert (owed.given_back_of(much), owed.given_back_of(replace(much, returned_at=AT))) == (0, much.amount_minor)


def test_a_payment_that_settled_its_part_still_counts_when_it_is_told_again() -> None:
    owed = fee()
    made = owed.take(payment())
    assert owed.take(made) == made
    assert made.state == "counted"


def test_an_officer_grants_what_the_tariff_leaves_to_officers_and_only_before_it_is_paid() -> None:
    def granted(code: str, kind: Any = "reduction") -> Adjustment:
        return Adjustment(kind, code, "gulnara", "deciding", AT)

    owed = fee()
    with pytest.raises(errors.NotInTariff):
        owed.adjust(granted("under-16"), tariff=TARIFF)  # worked out from the answers, and not granted
    owed.adjust(granted("weekend_or_holiday", "surcharge"), tariff=TARIFF)
    assert owed.part("review-post-usd").amount_minor == 9000
    owed.adjust(granted("destitute"), tariff=TARIFF)
    assert owed.state == FeeState("waived", "due")
    with pytest.raises(errors.AlreadyGranted):
        owed.adjust(granted("destitute"), tariff=TARIFF)
    owed.take(payment("issue-bank-kgs", 100_000, "KGS"))
    with pytest.raises(errors.AlreadyPaid):
        owed.adjust(granted("destitute"), tariff=TARIFF)
    assert assess(TARIFF, owed.facts) == owed.lines


def test_a_tariff_that_names_a_component_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="same code twice"):
        Tariff(components=(component(), component()))


EACH = Tariff(components=(component(each="for each copy", times_field="copies"),), reductions=(UNDER_16, POOR))


def paid_fee(**answers: str) -> Fee:
    owed = fee(EACH, **answers)
    owed.take(payment(amount=owed.parts[0].amount_minor))
    return owed


def test_answers_by_which_more_is_owed_leave_what_was_paid_and_add_a_part_for_the_rest() -> None:
    owed = paid_fee(copies="1")
    before = owed.facts, owed.lines
    assert owed.reassess(facts(EACH, copies="3"), tariff=EACH, at=AT)
    assert [(part.id, part.amount_minor, part.state) for part in owed.parts] == [
        ("review-post-usd", 3000, "paid"), ("review-post-usd-2", 6000, "open"),
    ]  # fmt: skip
    assert (owed.state, owed.overpaid) == (FeeState("due", "none"), ())
    assert [(each.facts, each.lines) for each in owed.earlier] == [before]
    assert assess(EACH, owed.earlier[0].facts) == before[1], "the old amount can still be worked out"
    assert owed.take(payment("review-post-usd-2", 6000, number="2")).state == "counted"
    assert owed.state == FeeState("paid", "none")


def test_answers_by_which_less_is_owed_show_what_was_paid_beyond_it() -> None:
    owed = paid_fee(copies="3")
    assert owed.reassess(facts(EACH, copies="1"), tariff=EACH, at=AT)
    assert [(part.amount_minor, part.state) for part in owed.parts] == [(9000, "paid")]
    assert (owed.overpaid, owed.state) == ((Money(6000, "USD"),), FeeState("paid", "none"))
    assert (sums_fault(owed), payments_fault(owed, {"1": payment(amount=9000)})) == (None, None)


def back(amount: int) -> Returned:
    return Returned(Money(amount, "USD"), "less-is-owed", "o", "intake", AT)


def test_what_was_given_back_is_not_paid_any_more_and_is_owed_again_by_answers_that_cost_more() -> None:
    owed = paid_fee(copies="3")
    owed.reassess(facts(EACH, copies="1"), tariff=EACH, at=AT)
    owed.return_overpaid(back(6000))
    assert (owed.overpaid, owed.state, owed.returned) == ((), FeeState("paid", "none"), (back(6000),))
    assert (sums_fault(owed), payments_fault(owed, {"1": payment(amount=9000)})) == (None, None)
    owed.reassess(facts(EACH, copies="2"), tariff=EACH, at=AT)
    assert [(part.amount_minor, part.state) for part in owed.parts] == [(9000, "paid"), (3000, "open")]
    assert sums_fault(owed) is None


@pytest.mark.parametrize("amount", [1, 5999, 9000])
def test_only_all_that_was_paid_beyond_is_noted_as_given_back_and_once(amount: int) -> None:
    owed = paid_fee(copies="3")
    owed.reassess(facts(EACH, copies="1"), tariff=EACH, at=AT)
    before = replace(owed)
    with pytest.raises(errors.NothingOverpaid):
        owed.return_overpaid(back(amount))
    assert owed == before
    owed.return_overpaid(back(6000))
    with pytest.raises(errors.NothingOverpaid):
        owed.return_overpaid(back(6000))


def test_what_is_paid_beyond_what_is_owed_is_a_fault_where_no_answer_was_changed() -> None:
    owed = replace(paid_fee(copies="3"), lines=fee(EACH, copies="1").lines, facts=facts(EACH, copies="1"))
    assert sums_fault(owed) is not None


def test_answers_by_which_the_same_is_owed_change_nothing_of_the_fee() -> None:
    owed = paid_fee(copies="1")
    before = replace(owed)
    assert not owed.reassess(facts(EACH, copies="1", birth_place="Ош"), tariff=EACH, at=AT)
    assert owed == before


def test_what_an_officer_granted_holds_for_other_answers_too() -> None:
    owed = fee(EACH, copies="1")
    owed.adjust(Adjustment("reduction", "destitute", "o", "deciding", AT), tariff=EACH)
    assert owed.reassess(facts(EACH, copies="3"), tariff=EACH, at=AT)
    assert (owed.state, owed.facts.reductions) == (FeeState("waived", "none"), ("destitute",))


def test_a_part_that_was_paid_and_taken_back_is_owed_as_one_with_the_rest_once_answers_change_again() -> None:
    owed = paid_fee(copies="1")
    owed.reassess(facts(EACH, copies="2"), tariff=EACH, at=AT)
    second = owed.take(payment("review-post-usd-2", 3000, number="2"))
    assert owed.give_back(payment())
    owed.reassess(facts(EACH, copies="4"), tariff=EACH, at=AT)
    assert [(part.id, part.amount_minor, part.state) for part in owed.parts] == [
        ("review-post-usd-2", 3000, "paid"), ("review-post-usd", 9000, "open"),
    ]  # fmt: skip
    assert owed.take(second).state == "counted"


@pytest.mark.parametrize("seed", range(20))
def test_parts_and_lines_agree_however_answers_change_and_whatever_is_paid_and_taken_back_meanwhile(seed: int) -> None:
    chance = Random(seed)
    owed, paid = fee(EACH, copies="1"), dict[str, Payment]()
    for number in range(40):
        match chance.choice(["answers", "answers", "pay", "back", "return"]):
            case "answers":
                owed.reassess(facts(EACH, copies=str(chance.randrange(1, 6))), tariff=EACH, at=AT)
            case "pay":
                for part in [part for part in owed.parts if part.state == "open"]:
                    made = owed.take(payment(part.id, part.amount_minor, number=f"{number} {part.id}"))
                    paid[made.id] = made
            case "return":
                for over in owed.overpaid:
                    owed.return_overpaid(back(over.amount_minor))
                assert owed.overpaid == ()
            case _ if paid:
                assert owed.give_back(paid.pop(chance.choice(sorted(paid))))
        assert (sums_fault(owed), payments_fault(owed, paid)) == (None, None)
        assert len({part.id for part in owed.parts}) == len(owed.parts)
