from __future__ import annotations

import sys

# These tests read /proc.
collect_ignore = [] if sys.platform == "linux" else ["test_network.py", "test_seeds.py"]
