"""Reading crawls: where their files are, the records in them, and what each record states."""
