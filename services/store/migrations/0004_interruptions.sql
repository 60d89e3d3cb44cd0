-- How often a batch was not counted at the first go, by cause, over all workers.
CREATE TABLE interruption_counts (
    cause text PRIMARY KEY,
    n bigint NOT NULL
);
