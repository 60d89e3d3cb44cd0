-- What customers said is shown in lots (streams/releasing.py). Answers that were counted before this get into lots by
-- `klantreis rebuild`.

-- What batches have changed in the scores, for the one who releases them.
CREATE TABLE score_changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope_id  integer     NOT NULL,
    at        timestamptz NOT NULL,
    value     integer     NOT NULL, -- thousandths of a point of the measure's scale
    count     integer     NOT NULL
);

-- Every score, in its lot or waiting for one.
CREATE TABLE scores (
    scope_id integer     NOT NULL,
    at       timestamptz NOT NULL,
    value    integer     NOT NULL,
    shown    boolean     NOT NULL, -- was in a lot of this scope that was taken back
    lot      bigint
);
CREATE INDEX scores_like ON scores (scope_id, at);
CREATE INDEX scores_waiting ON scores (scope_id) WHERE lot IS NULL;
CREATE INDEX scores_lot ON scores (lot) WHERE lot IS NOT NULL;
CREATE SEQUENCE lot_numbers;

INSERT INTO writers (topic, partition) VALUES ('released scores', 0);
