"""From HTTP into the log: who may send, how fast, and a word about every event."""
