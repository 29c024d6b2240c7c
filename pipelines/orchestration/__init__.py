"""Running it every morning: an Airflow DAG, a systemd service with its timer, a line for cron. See README.md beside."""
