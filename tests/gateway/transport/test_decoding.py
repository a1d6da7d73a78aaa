"""What stands before the data of a packet is remembered, if it is short."""

from __future__ import annotations

import pytest

from gateway.transport.decoding import BadPacketError, decode
from gateway.transport.packets import EVENT


@pytest.mark.parametrize("name", ["/play", "/" + "n" * 200])
def test_a_head_means_the_same_each_time(name: str) -> None:
    packet = f'42{name},17["answer",1]'.encode()
    for _ in range(2):
        assert decode(packet, 0) == (EVENT, name, 17, ["answer", 1], 0)
    assert decode(f'42{name}?token=1,["answer"]'.encode(), 0)[1:3] == (name, None)


def test_what_handlers_do_to_the_data_does_not_reach_the_next_packet() -> None:
    packet = b'427["answer",{"question":3}]'
    decode(packet, 0)[3].clear()
    assert decode(packet, 0)[3] == ["answer", {"question": 3}]


@pytest.mark.parametrize("head", ["x", "+1", "1_0", "1" * 16, "play,1", "n" * 100])
def test_an_invalid_head_is_rejected_each_time(head: str) -> None:
    for _ in range(2):
        with pytest.raises(BadPacketError):
            decode(f'42{head}["answer"]'.encode(), 0)
