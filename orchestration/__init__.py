"""How the assets run: partitions, checks, resources, jobs, sensors, schedules. `definitions` is the root."""
