"""The behaviour that all compared servers share.

Each socket joins one room on connection. ``answer`` is acknowledged with `REPLY` from memory;
``broadcast`` sends `QUESTION` to the room as many times as ordered, as fast as the server can. The
raw server does not use Socket.IO: it acknowledges frames that begin with `A`, and a frame with `B`
and a number is the order to broadcast.
"""

from __future__ import annotations

import json
from typing import Any

ROOM = "run"

REPLY: dict[str, Any] = {"ok": True, "status": "recorded", "elapsed_ms": 1234}

QUESTION: dict[str, Any] = {
    "question": 3,
    "question_count": 10,
    "type": "single",
    "text": "Which of these rivers flows into the Black Sea, and which ones do not?",
    "options": ["The Danube", "The Rhine", "The Rhône", "The Elbe"],
    "points": 1000,
    "time_limit_ms": 20000,
    "opens_at": 1767225600300,
    "closes_at": 1767225620300,
}

ANSWER: dict[str, Any] = {"question": 3, "answer": 0}

RAW_ANSWER = b"A" + json.dumps(ANSWER, separators=(",", ":")).encode()
RAW_REPLY = json.dumps(REPLY, separators=(",", ":")).encode()
RAW_QUESTION = json.dumps(
    ["question", QUESTION], separators=(",", ":"), ensure_ascii=False
).encode()
