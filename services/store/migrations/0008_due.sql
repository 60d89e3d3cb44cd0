-- When a touchpoint was promised, for telling what is late from what is not.
ALTER TABLE touchpoint_events ADD COLUMN due_at timestamptz;

-- Response is told by when it was decided to ask.
CREATE INDEX invitations_decided ON invitations (decided_at);
