-- When alarms of KPIs were raised and ended.

-- name: changes
-- Those that stand, oldest first.
SELECT kpi, at, below, climb_from FROM kpi_changes
WHERE journey = %(journey)s AND NOT withdrawn ORDER BY kpi, at, change_id;
