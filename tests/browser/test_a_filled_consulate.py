"""The stack of these tests before anybody visits it, so named as to come first: up says where the pages are; commands work."""

import json
from collections import Counter

from deploy.local.environment import PORTAL
from tests.support.seeding import planned, statuses
from tests.support.stacks import RunningStack


def test_up_names_the_pages_first_and_demo_and_status_work_in_a_filled_consulate(stack: RunningStack) -> None:
    up = stack.eshik("up", "--detach").stdout
    demo = stack.eshik("demo", "--json")
    found = json.loads(stack.eshik("status", "--json").stdout)

    assert up.index(f"Open {stack.ports.pages_url}") < up.index(str(stack.ports.identity))
    assert demo.returncode == 0, demo.stderr
    assert json.loads(demo.stdout.splitlines()[-1])["status"] == "ready"
    assert found["healthy"], found["problems"]
    assert {part["name"]: part["state"] for part in found["parts"]}[PORTAL] == "ready"
    assert statuses(stack) - planned() == Counter({("consular-registration-certificate", "yek", "ready"): 1})
