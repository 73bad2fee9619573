"""Which ways of signing in are two factors: two of different kinds, and the demo's only where nobody is real."""

import pytest

from shared.web.tokens import has_second_factor


@pytest.mark.parametrize(
    ("methods", "strong"),
    [
        (["pwd", "otp"], True),
        (["pwd", "hwk"], True),
        (["hwk", "mfa"], True),  # a passkey whose device made sure of its owner
        (["hwk", "fpt"], True),
        (["hwk"], False),  # a key that somebody holds
        (["pop"], False),
        (["pwd"], False),
        (["pwd", "pin"], False),  # both are known
        (["otp", "sms"], False),  # both are on one telephone
        (["pwd", "pwd"], False),
        (["openid"], False),
        ([], False),
    ],
)
def test_two_factors_are_of_different_kinds(methods: list[str], strong: bool) -> None:
    assert has_second_factor(methods, local_stack=False) is strong


def test_the_demo_s_sign_in_counts_on_a_local_stack_only() -> None:
    assert has_second_factor(["demo"], local_stack=True)
    assert not has_second_factor(["demo"], local_stack=False)
