"""What is asked for by HEAD is there as by GET, and only what is named by its content is kept for ever."""

from tests.unit.portal.portal import assets, portal, visiting


async def test_a_page_is_answered_by_head_as_by_get() -> None:
    async with visiting(portal()) as client:
        found, missing = await client.head("/"), await client.head("/nowhere")
    assert (found.status_code, missing.status_code) == (200, 404)
    assert found.headers["content-type"].startswith("text/html")


async def test_the_manifest_which_keeps_its_name_is_asked_for_again_and_what_is_named_by_its_content_is_not() -> None:
    named = assets() / "app.0123456789ab.css"
    named.write_text("")
    async with visiting(portal()) as client:
        manifest, style = await client.get("/assets/manifest.json"), await client.get(f"/assets/{named.name}")
    assert manifest.headers["cache-control"] == "no-cache"
    assert "immutable" in style.headers["cache-control"]
