-- Who handled a touchpoint: a team of its department, or somebody outside the organisation.
ALTER TABLE touchpoint_events ADD COLUMN team text, ADD COLUMN party text;
