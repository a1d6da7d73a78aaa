"""Validate Kubernetes objects on standard input: ``validate.py VERSION…``.

This is a standalone script, because it runs in the environment of `kubernetes-validate`. Built-in
objects are checked strictly against each version; KEDA's and the Prometheus operator's against
`custom-resources.json`, which has the fields that the chart uses.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import kubernetes_validate  # type: ignore[import-not-found]
import yaml

CUSTOM = json.loads(Path(__file__).with_name("custom-resources.json").read_text())


def main() -> None:
    """Print a line for each error; exit with 1 if there are any."""
    objects = [one for one in yaml.safe_load_all(sys.stdin) if one]
    faults = [
        f"{one['kind']} {one['metadata']['name']}: {fault}"
        for one in objects
        for fault in _faults(one, sys.argv[1:])
    ]
    for fault in faults:
        print(fault)
    print(f"{len(objects)} objects checked, {len(faults)} errors.", file=sys.stderr)
    sys.exit(1 if faults else 0)


def _faults(thing: dict[str, Any], versions: list[str]) -> list[str]:
    kind = f"{thing['apiVersion']}/{thing['kind']}"
    if kind in CUSTOM["properties"]:
        checker = jsonschema.Draft202012Validator({**CUSTOM, "required": [kind]})
        return [fault.message for fault in checker.iter_errors({kind: thing})]
    faults = []
    for version in versions:
        try:
            kubernetes_validate.validate(thing, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            faults.append(f"Kubernetes {version}: {error.message}")
        except kubernetes_validate.SchemaNotFoundError:
            faults.append(f"Kubernetes {version} does not have {kind}.")
    return faults


if __name__ == "__main__":
    main()
