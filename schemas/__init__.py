"""What travels: the models, topics and metric names that everything else shares."""
