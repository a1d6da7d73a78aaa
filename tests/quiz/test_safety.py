from __future__ import annotations

from quiz.safety import device_hash


def test_a_device_is_known_again_in_one_run_only() -> None:
    assert device_hash("run", "device") == device_hash("run", "device")
    assert device_hash("run", "device") != device_hash("other run", "device")
    assert device_hash("run", "device") != device_hash("run", "other device")
    assert device_hash("run", None) is None
    assert device_hash("run", "\ud800")  # half of a surrogate pair, as JSON may bring it
