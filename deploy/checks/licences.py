"""Check the licences of what is installed, without a network: ``python -m deploy.checks.licences``.

Of Python, that is every installed distribution, tools included; of npm, what the web client may
ship, by its lock file. Both state licences as SPDX expressions, or in the older words of `_WORDS`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import license_expression as spdx

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "web" / "package-lock.json"

# What may be shipped with, or used by, a project under the MIT licence. MPL-2.0 binds only changes
# to its own files.
ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0",
    "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Unlicense", "Zlib",
})  # fmt: skip

_LGPL = "LGPL-3.0: imported unmodified, and anybody can replace it in the environment"
EXCEPTIONS: Mapping[str, str] = {
    "psycopg": _LGPL,
    "psycopg-binary": _LGPL,
    "psycopg-pool": _LGPL,
}

# Read by a person in the licence file, because the metadata have none.
READ: Mapping[str, str] = {
    "aiofastnet": "MIT",
    "picows": "MIT",
    "zxcvbn-rs-py": "MIT",
    "npm:xmlhttprequest-ssl": "MIT",
}

_CLASSIFIER = "License :: "
_WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Say only that a licence is free, not which one.
_VAGUE = ("OSI Approved", "DFSG approved")


def main() -> None:
    """Print each licence that is not allowed; exit with code 1 if there is one."""
    licences = {**dict(python_licences()), **npm_licences(LOCK)}
    if faults := [*problems(licences, EXCEPTIONS)]:
        sys.exit("\n".join(faults))
    print(f"{len(licences)} licences are allowed, {len(EXCEPTIONS)} of them as exceptions.")


def problems(licences: Mapping[str, str], exceptions: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each licence that is not allowed, and each exception without a use."""
    refused = {name for name, licence in licences.items() if not allowed(licence)}
    for name in sorted(refused - exceptions.keys()):
        yield f"{name}: {licences[name] or 'no licence is stated'}"
    for name in sorted(exceptions.keys() - refused):
        yield f"{name}: the exception is not needed"


def allowed(expression: str) -> bool:
    """Whether one may choose licences of the SPDX expression that are all in `ALLOWED`."""
    try:
        parsed = _spdx().parse(expression, validate=True)
    except spdx.ExpressionError:
        return False
    return parsed is not None and _satisfied(parsed)


def python_licences(
    distributions: Iterable[metadata.Distribution] | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield name and licence of distributions, by default of all that are installed."""
    for one in metadata.distributions() if distributions is None else distributions:
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
        yield name, python_licence(one) or READ.get(name, "")


def python_licence(distribution: metadata.Distribution) -> str:
    """The distribution's SPDX expression; empty if its metadata have none that we understand."""
    fields = distribution.metadata
    if stated := fields["License-Expression"]:
        return str(stated)
    text = (fields["License"] or "").strip()
    known = _WORDS.get(text, text)
    if "\n" not in known and _is_spdx(known):
        return known
    entries = fields.get_all("Classifier") or []
    names = {one.split(" :: ")[-1] for one in entries if one.startswith(_CLASSIFIER)}
    # Several may be a choice or all apply: assume the latter.
    return " AND ".join(sorted({_WORDS.get(one, one) for one in names.difference(_VAGUE)}))


def npm_licences(lock: Path) -> dict[str, str]:
    """The licences of a lock file's packages, without those for development, by ``npm:name``."""
    packages = json.loads(lock.read_text())["packages"]
    shipped = {
        f"npm:{path.rpartition('node_modules/')[2]}": one.get("license")
        for path, one in packages.items()
        if path and not one.get("dev")
    }
    return {name: stated or READ.get(name, "") for name, stated in shipped.items()}


def _satisfied(node: spdx.Renderable | spdx.LicenseSymbol) -> bool:
    if isinstance(node, spdx.OR):
        return any(map(_satisfied, node.args))
    if isinstance(node, spdx.AND):
        return all(map(_satisfied, node.args))
    return str(node) in ALLOWED


def _is_spdx(text: str) -> bool:
    try:
        return bool(text) and _spdx().parse(text, validate=True) is not None
    except spdx.ExpressionError:
        return False


@cache
def _spdx() -> spdx.Licensing:
    return spdx.get_spdx_licensing()


if __name__ == "__main__":
    main()
