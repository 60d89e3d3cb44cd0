"""What every page and API shows figures of: histograms, scores with their intervals, rolling windows, the snapshot."""
