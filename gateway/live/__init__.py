"""The Socket.IO namespaces `/play` and `/host`, and the fan-out of run events to their sockets."""
