-- A case that has been closed for long keeps its row, for what it is counted in; its events and answers have gone.
ALTER TABLE cases ADD COLUMN history_dropped boolean NOT NULL DEFAULT false;
