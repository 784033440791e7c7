"""A user of the page, driven through Playwright."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, expect


@dataclass(frozen=True)
class PageUser:
    page: Page
    pictures: Path | None

    # Actions

    async def write(self, line: str) -> None:
        await self.page.locator("#message").press_sequentially(line)

    async def order(self, line: str) -> None:
        """Type a whole command and send it."""
        await self.write(line)
        await self.page.keyboard.press("Enter")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def enter(self, channel: str) -> None:
        await self.page.get_by_role("navigation", name="Channels").get_by_role("button", name=channel).click()
        await expect(self.page.locator("#header h1")).to_have_text(channel)

    async def become(self, name: str) -> None:
        await self.page.get_by_role("button", name="You are").click()
        await self.page.get_by_role("menuitem", name=name).click()
        await expect(self.page.get_by_role("button", name=f"You are {name}")).to_be_visible()

    async def keep(self, name: str) -> None:
        """Save a screenshot if a folder was given; it has only 256 colours, to keep the file small."""
        if self.pictures is None:
            return
        await self.page.mouse.move(0, 0)
        seen = await self.page.screenshot(animations="disabled")
        self.pictures.mkdir(parents=True, exist_ok=True)
        few = Image.open(io.BytesIO(seen)).convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
        few.save(self.pictures / f"{name}.png", optimize=True)

    # Views

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message")

    def message(self, words: str) -> Locator:
        return self.messages.filter(has_text=words)

    @property
    def newest(self) -> Locator:
        return self.messages.last

    def field(self, option: str) -> Locator:
        return self.page.locator(f'.field[data-option="{option}"]')

    @property
    def suggestions(self) -> Locator:
        return self.page.locator(".suggestion")

    @property
    def highlighted(self) -> Locator:
        return self.page.locator('.suggestion[aria-selected="true"]')


async def drawn(picture: Locator) -> None:
    """Wait until a picture has been loaded and decoded."""
    await expect(picture).to_be_visible()
    await picture.evaluate("image => image.decode()")
    assert await picture.evaluate("image => image.naturalWidth") > 0
