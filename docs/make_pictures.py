"""Take the README's pictures of a running site: `make pictures` while `make run` runs.

They show the made-up member of /sample, so that nobody's films are in them.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent / "pictures"
CHROMIUM = "/usr/bin/chromium"
# name of the file, path of the page, width and height of the window, colour scheme
PICTURES = (
    ("home.png", "/", 1280, 800, "dark"),
    ("stats.png", "/sample", 1280, 1600, "dark"),
    ("stats-light.png", "/sample", 1280, 800, "light"),
    ("stats-phone.png", "/sample", 390, 844, "dark"),
)


def take(browser: Browser, address: str, *, name: str, path: str, width: int, height: int, scheme: str) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    response = page.goto(f"{address}{path}")
    if response is None or not response.ok:
        raise SystemExit(f"{address}{path} does not answer: run `make run` in another terminal first.")
    page.screenshot(path=FOLDER / name)
    page.close()


def main(address: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path, width, height, scheme in PICTURES:
            take(browser, address.rstrip("/"), name=name, path=path, width=width, height=height, scheme=scheme)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
