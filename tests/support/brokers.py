"""Asking and changing a test's broker from inside, for what no client may: alarms and time-outs of the whole node."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.local.broker import SCRIPT, RabbitNode
from deploy.local.processes import marked

CTL = f"/{SCRIPT.with_name('rabbitmqctl')}"
NEARLY_NOTHING = "1.0e-7"  # of the memory there is


async def in_node(node: RabbitNode, erlang: str) -> str:
    """What the node answers to an expression. It must be put back as it was: the node is the whole session's."""
    command = [*map(str, node.node.command[:-1]), CTL, "eval", erlang]
    environment = marked(node.home, "rabbitmqctl", node.node.environment)
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@asynccontextmanager
async def memory_alarm(node: RabbitNode) -> AsyncIterator[None]:
    """The broker believes that it has no memory left: it reads nothing more from connections that publish."""
    erlang = "W = vm_memory_monitor:get_vm_memory_high_watermark(), vm_memory_monitor:set_vm_memory_high_watermark({}), W."
    before = await in_node(node, erlang.format(NEARLY_NOTHING))
    try:
        yield
    finally:
        await in_node(node, erlang.format(before))


@asynccontextmanager
async def setting(node: RabbitNode, name: str, value: int) -> AsyncIterator[None]:
    """A setting of the application rabbit, for what is opened meanwhile."""
    erlang = "W = application:get_env(rabbit, {0}), application:set_env(rabbit, {0}, {1}), W."
    before = await in_node(node, erlang.format(name, value))
    try:
        yield
    finally:
        known = before.startswith("{ok,")
        back = f"application:set_env(rabbit, {name}, {before[4:-1]})." if known else f"application:unset_env(rabbit, {name})."
        await in_node(node, back)
