# Who may do what on the broker, and no more, where its properties are those of acls.properties, too. For an administrator to run once, with what
# the broker wants to know of one: KAFKA_ACLS='kafka-acls.sh --bootstrap-server ... --command-config admin.properties' sh acls.sh
# Topics have to be there: the worker may not make them. `klantreis doctor` says which are missing.

# The worker reads what is counted and judged, under its group, and sends what follows from it.
$KAFKA_ACLS --add --allow-principal User:klantreis-worker --operation Read --topic touchpoint-events --topic survey-answers --topic kpi-checks
$KAFKA_ACLS --add --allow-principal User:klantreis-worker --operation Write --topic rejected-events --topic survey-invitations --topic kpi-checks --topic kpi-alerts
$KAFKA_ACLS --add --allow-principal User:klantreis-worker --operation Read --group klantreis

# The monitor, an import and a replay of rejects send events and answers, and read nothing.
$KAFKA_ACLS --add --allow-principal User:klantreis-monitor --operation Write --topic touchpoint-events --topic survey-answers
