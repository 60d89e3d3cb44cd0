-- Improvements of journeys, planned and made, and every revision of them: who changed what, when. None is ever deleted; one
-- that was withdrawn is kept, and changes no more.
CREATE TABLE improvements (
    improvement_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    journey        text        NOT NULL,
    revision       integer     NOT NULL DEFAULT 1,
    touchpoint     text        NOT NULL, -- where customers are to notice it
    what_nl        text        NOT NULL,
    what_en        text        NOT NULL,
    owner          text,
    measure        text        NOT NULL, -- of the effect that is expected: satisfaction, effort, throughput
    span           text, -- of throughput alone
    direction      text        NOT NULL CHECK (direction IN ('up', 'down')),
    size           numeric     NOT NULL CHECK (size > 0), -- in points of the measure, of throughput in days
    planned_week   date        CHECK (extract(isodow FROM planned_week) = 1),
    done_on        date, -- in the journey's time zone
    settles_weeks  integer     NOT NULL DEFAULT 0 CHECK (settles_weeks >= 0),
    written_at     timestamptz NOT NULL,
    written_by     text        NOT NULL,
    withdrawn_at   timestamptz,
    withdrawn_by   text,
    CHECK ((measure = 'throughput') = (span IS NOT NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
CREATE INDEX improvements_of ON improvements (journey, improvement_id);

CREATE TABLE improvement_revisions (
    improvement_id bigint      NOT NULL REFERENCES improvements,
    revision       integer     NOT NULL,
    at             timestamptz NOT NULL,
    by             text        NOT NULL,
    note           text        NOT NULL,
    withdrawn      boolean     NOT NULL,
    proposal       jsonb       NOT NULL, -- as it read from then on (schemas/improvement.py)
    PRIMARY KEY (improvement_id, revision)
);

CREATE VIEW reporting.fact_improvement AS
SELECT i.improvement_id AS improvement, i.journey, i.touchpoint, t.department, i.what_nl, i.what_en, i.owner,
       i.measure, i.span, i.direction, i.size, i.planned_week, i.done_on, i.settles_weeks,
       CASE WHEN i.done_on IS NOT NULL THEN 'done' WHEN i.planned_week IS NOT NULL THEN 'planned' ELSE 'open' END AS state,
       coalesce(i.done_on, i.planned_week)::timestamp AT TIME ZONE j.time_zone AS at
FROM public.improvements i
JOIN reporting.dim_journey j USING (journey)
LEFT JOIN reporting.dim_touchpoint t USING (journey, touchpoint)
WHERE i.withdrawn_at IS NULL;
COMMENT ON VIEW reporting.fact_improvement IS 'A row for each improvement, as it reads now, without those that were withdrawn.';
COMMENT ON COLUMN reporting.fact_improvement.touchpoint IS 'Where customers are to notice it.';
COMMENT ON COLUMN reporting.fact_improvement.department IS 'The one with which the touchpoint is drawn.';
COMMENT ON COLUMN reporting.fact_improvement.owner IS 'Who sees to it, as it was written.';
COMMENT ON COLUMN reporting.fact_improvement.measure IS 'What it is expected to change: satisfaction, effort or throughput.';
COMMENT ON COLUMN reporting.fact_improvement.span IS 'Whose throughput; null for other measures.';
COMMENT ON COLUMN reporting.fact_improvement.direction IS 'up or down.';
COMMENT ON COLUMN reporting.fact_improvement.size IS 'By how much: in points of the measure, of throughput in days.';
COMMENT ON COLUMN reporting.fact_improvement.planned_week IS 'The Monday of the week it is planned for; null: not planned yet.';
COMMENT ON COLUMN reporting.fact_improvement.settles_weeks IS 'How many weeks after it was made customers meet it.';
COMMENT ON COLUMN reporting.fact_improvement.state IS 'open, planned or done.';
COMMENT ON COLUMN reporting.fact_improvement.at IS 'Where it stands in a chart: when the day on which it was made begins, else the week it is planned for.';
