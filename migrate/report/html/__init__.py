"""The report: one offline page for a manager and an engineer, and the other forms of the same numbers."""
