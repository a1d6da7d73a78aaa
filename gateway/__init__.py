"""The gateway: HTTP API for hosts, Socket.IO for players, and the fan-out of events to both."""
