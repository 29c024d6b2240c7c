"""What a refresh tells machines: lines of JSON, metrics for Prometheus, events for OpenLineage."""
