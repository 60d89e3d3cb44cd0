-- One table of windows: {rows} summed by {scope}, in buckets of {bucket}.

SET LOCAL work_mem = '256MB';
SET LOCAL enable_hashagg = off;  -- one sort serves both sums
INSERT INTO {table} (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
SELECT scope_id, bucket, writer, sum(n), sum(total), sum(squares), count(bin),
       coalesce(array_agg(bin ORDER BY bin) FILTER (WHERE bin IS NOT NULL), ARRAY[]::integer[]),
       coalesce(array_agg(n ORDER BY bin) FILTER (WHERE bin IS NOT NULL), ARRAY[]::integer[])
FROM (
    SELECT {scope} AS scope_id, {bucket} AS bucket, writer, bin,
           sum(n)::integer AS n, sum(total) AS total, sum(squares) AS squares
    FROM filling.{rows} GROUP BY 1, 2, 3, 4
) AS binned
GROUP BY scope_id, bucket, writer;
