"""What cases really did, against the drawn map."""
