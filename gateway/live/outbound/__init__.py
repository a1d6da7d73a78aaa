"""What clients are sent: run events, snapshots, progress."""
