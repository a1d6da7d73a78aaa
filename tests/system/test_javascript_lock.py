"""The JavaScript clients can be installed from any registry."""

from __future__ import annotations

import json

from tests.system.javascript import PACKAGE


def test_the_lock_pins_every_package_by_content_and_names_no_registry() -> None:
    text = (PACKAGE / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert "socket.io-client" in packages[""]["dependencies"]
    assert all("integrity" in package for path, package in packages.items() if path)
    assert "resolved" not in text
    for package in packages.values():
        package.pop("funding", None)
    assert "://" not in json.dumps(packages)
