-- When a touchpoint was promised, for telling what is late from what is not.
ALTER TABLE touchpoint_events ADD COLUMN due_at timestamptz;
