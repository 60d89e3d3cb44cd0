-- Real paths: a gap's scope names the touchpoint from which it runs, in `span`, and a case's row the path that it has
-- gone so far (streams/paths.py). Gaps and cases that were counted before this get theirs by `klantreis rebuild`; a case
-- also gets its path with its next event.
ALTER TABLE cases ADD COLUMN path uuid;

COMMENT ON COLUMN reporting.fact_hour.span IS 'Of throughput and within the span; of gap the touchpoint from which it runs; of volume how the visit stood to its limits (late, in_time, or nothing held for it).';
