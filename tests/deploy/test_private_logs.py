from __future__ import annotations

import os
import stat
from pathlib import Path

from deploy.local.logs import open_log
from deploy.local.state import exclusive


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_logs_and_state_are_private_even_if_an_earlier_release_created_them(tmp_path: Path) -> None:
    data_dir = tmp_path / "state"
    log = data_dir / "logs" / "gateway-1.log"
    log.parent.mkdir(mode=0o755, parents=True)
    log.touch(mode=0o644)
    with exclusive(data_dir), open_log(log), open_log(log.with_name("new.log")):
        # PostgreSQL's own user must be able to enter it.
        assert mode(data_dir) == (0o711 if os.geteuid() == 0 else 0o700)
        assert mode(log.parent) == 0o700
        assert mode(log) == mode(log.with_name("new.log")) == 0o600
