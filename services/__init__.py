"""What runs: the commands, the store, the monitor and the embedded parts."""
