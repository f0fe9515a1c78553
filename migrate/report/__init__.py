"""Everything a scan is shown as. A report reads a Scan and writes text; it never parses a source."""
