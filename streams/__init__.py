"""What happens to it: a pure core (timeline, observations, windows) and the Faust agents around it."""
