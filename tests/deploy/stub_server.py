"""A stub for a worker or gateway: responds 200 to every path, records its start and stop in
$STUB_NOTES.
"""

import http.server
import os
import signal
import sys
import time
from pathlib import Path


def note(word: str) -> None:
    """Append a line with the process's name and the event."""
    if path := os.environ.get("STUB_NOTES"):
        with Path(path).open("a") as notes:
            notes.write(f"{os.environ.get('QUIZRUN_PROCESS_NAME', 'stub')} {word}\n")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def end(*_: object) -> None:
    note("ended")
    sys.exit(0)


def main() -> None:
    if os.environ.get("STUB_DEAF"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, end)
    if complaint := os.environ.get("STUB_COMPLAINT"):
        sys.stdout.write(complaint + "\n")
        sys.exit(3)
    if os.environ.get("STUB_SILENT"):
        sys.stdout.write("I am here but I do not listen\n")
        # time: a server that hangs
        time.sleep(60)
    arguments = sys.argv[1:]
    port = arguments[arguments.index("--port") + 1] if "--port" in arguments else None
    number = int(port or os.environ["QUIZRUN_METRICS_PORT"])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", number), Handler)
    note("started")
    server.serve_forever()


if __name__ == "__main__":
    main()
