"""What clients send: connecting, joining, answering."""
