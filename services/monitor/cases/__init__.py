"""The single case: which wait longest, and what happened to one."""
