-- Baselines of control charts that begin anew, who said so and why; one that was undone is kept, and holds no longer.
CREATE TABLE chart_resets (
    reset_id   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    journey    text        NOT NULL,
    measure    text        NOT NULL,
    span       text        NOT NULL, -- the empty string: of no span, or any touchpoint or department
    touchpoint text        NOT NULL,
    department text        NOT NULL,
    since      date        NOT NULL, -- the first day of the new baseline, in the journey's time zone
    reset_at   timestamptz NOT NULL,
    by         text        NOT NULL,
    why        text        NOT NULL,
    undone_at  timestamptz,
    undone_by  text,
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE INDEX chart_resets_of ON chart_resets (journey, measure, touchpoint);
