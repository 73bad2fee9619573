"""TLS between the parts, as deploy/tls/compose.yml has it: a real broker and a real database that speak nothing else."""

import asyncio
from pathlib import Path
from typing import Any

import aio_pika
import pytest
import yaml
from pymongo import AsyncMongoClient
from pymongo.errors import ServerSelectionTimeoutError

from deploy.containers.keys import hand_out
from deploy.containers.tls import hand_out_certificates
from deploy.local.broker import RabbitNode, answers
from deploy.local.database import SecantusServer
from deploy.local.ports import Ports, free_base
from shared.messaging.broker import Broker
from tests.support.images import CHECKOUT, compose
from tests.support.serving import eventually

TLS = CHECKOUT / "deploy" / "tls" / "compose.yml"
BROKER = CHECKOUT / "deploy" / "rabbitmq"


def overlay() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(TLS.read_text(encoding="utf-8"))
    return content


def settings_in(file: Path) -> set[str]:
    return {line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")}


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    hand_out_certificates(tmp_path / "tls")
    hand_out_certificates(tmp_path / "others")
    return tmp_path / "tls"


async def test_the_broker_is_reached_by_tls_only_and_only_by_who_knows_its_authority(certificates: Path, tmp_path: Path) -> None:
    ports = Ports(free_base())
    node = RabbitNode(tmp_path / "rabbitmq", ports)
    node.prepare()
    committed = (BROKER / "tls.conf").read_text(encoding="utf-8").replace("/run/tls/", f"{certificates}/rabbitmq/")
    here = committed.replace("= 5671", f"= 127.0.0.1:{ports.amqp}").replace("log.console = true", "log.console = false")
    (node.home / "rabbitmq.conf").write_text(f"{here}management.tcp.port = {ports.rabbit_management}\n")
    node.start_epmd()
    node.node.start()
    address = f"amqps://guest:guest@localhost:{ports.amqp}/?cafile="

    async def connected() -> bool:
        try:
            await (await aio_pika.connect(f"{address}{certificates}/authority/authority.pem", timeout=5)).close()
        except (OSError, aio_pika.exceptions.AMQPError):
            return False
        return True

    try:
        await eventually(connected, within_s=90, every_s=0.5)
        broker = Broker(f"{address}{certificates}/authority/authority.pem", "identity")
        assert not (await asyncio.wait_for(broker.channel("publish"), 30)).is_closed
        await broker.close()
        for other in (f"{address}{tmp_path}/others/authority/authority.pem", f"amqps://guest:guest@localhost:{ports.amqp}/"):
            with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
                await aio_pika.connect(other, timeout=5)
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):  # the right authority, and another name
            await aio_pika.connect(
                f"{address}{certificates}/authority/authority.pem".replace("localhost", "127.0.0.1"), timeout=5
            )
        assert not answers(ports.amqp), "who speaks no TLS is not answered"
    finally:
        node.discard()


async def test_the_database_is_reached_by_tls_only_and_only_by_who_knows_its_authority(
    certificates: Path, tmp_path: Path
) -> None:
    """By the same parts of the address that the services are given; the server here is SecantusDB, there MongoDB."""
    server = SecantusServer(tmp_path / "mongo", Ports(free_base()).mongo)
    files = ("--tls-cert-file", certificates / "mongo" / "mongo.pem", "--tls-key-file", certificates / "mongo" / "mongo-key.pem")
    server.program.command = [*server.program.command, *files]
    server.start()
    given = overlay()["services"]["applications"]["environment"]["ESHIK_MONGO_URL"]
    address = given.replace("mongo:27017", f"localhost:{server.port}").replace("rs0", "secantus") + "&directConnection=true"

    async def answered(url: str) -> bool:
        async with AsyncMongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=3_000) as client:
            try:
                await client.admin.command("ping")
            except ServerSelectionTimeoutError:
                return False
            return True

    try:
        await eventually(lambda: answered(address.replace("/run/tls", str(certificates / "authority"))), within_s=60)
        assert not await answered(address.replace("/run/tls", str(tmp_path / "others" / "authority")))
        assert not await answered(f"mongodb://localhost:{server.port}/?directConnection=true")
    finally:
        server.kill9()


def test_each_part_is_told_to_speak_tls_and_given_what_it_needs_and_nothing_of_others(tmp_path: Path) -> None:
    hand_out(tmp_path, tls=True)
    services, base = overlay()["services"], compose()["services"]
    for name in ("identity", "applications", "documents", "notifications"):
        assert "tls=true&tlsCAFile=/run/tls/authority.pem" in services[name]["environment"]["ESHIK_MONGO_URL"]
        assert services[name]["volumes"] == ["tls-authority:/run/tls:ro"]
        broker = (tmp_path / name / "eshik_rabbit_url").read_text()
        assert broker.startswith("amqps://")
        assert broker.endswith("@rabbitmq:5671/?cafile=/run/tls/authority.pem")
    assert {path.name for path in (tmp_path / "tls" / "authority").iterdir()} == {"authority.pem"}, "no key of anybody"
    assert {"--tlsMode", "requireTLS"} <= set(services["mongo"]["command"])
    assert set(base["mongo"]["command"]) <= set(services["mongo"]["command"])
    assert settings_in(BROKER / "rabbitmq.conf") <= settings_in(BROKER / "tls.conf")
    assert {"listeners.tcp = none", "ssl_options.verify = verify_none"} <= settings_in(BROKER / "tls.conf")
    assert services["portal"]["environment"]["ESHIK_PORTAL_SECURE_COOKIES"] == "1"
    assert set(services) <= set(base), "it adds to parts that there are"
