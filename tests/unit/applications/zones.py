"""Machine-readable zones for tests: the examples of ICAO Doc 9303, parts 4 to 6, and invented Kyrgyz papers."""

from services.applications.domain.mrz import check_digit

SPECIMENS = {
    "TD1": "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    "TD2": "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
    "TD3": "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
}
LONG_NUMBER = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"


def passport(*, number: str = "PE1234567", pin: str = "20101198012345", born: str = "800101", until: str = "351231") -> str:
    optional = pin.ljust(14, "<")
    parts = f"{number}{check_digit(number)}", f"{born}{check_digit(born)}", f"{until}{check_digit(until)}"
    tail = f"{optional}{check_digit(optional)}"
    lower = f"{parts[0]}KGZ{parts[1]}M{parts[2]}{tail}"
    return f"{'P<KGZASANOV<<BAKYT'.ljust(44, '<')}\n{lower}{check_digit(''.join(parts) + tail)}"


def card() -> str:
    upper = f"I<KGZID1234567{check_digit('ID1234567')}20101198012345<"
    middle = f"800101{check_digit('800101')}M351231{check_digit('351231')}KGZ<<<<<<<<<<<"
    composite = check_digit(upper[5:] + middle[:7] + middle[8:15] + middle[18:])
    return f"{upper}\n{middle}{composite}\n{'ASANOV<<BAKYT'.ljust(30, '<')}"
