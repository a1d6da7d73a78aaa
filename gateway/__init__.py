"""The gateway: the HTTP API, the Socket.IO server, and the fan-out of run events to clients."""
