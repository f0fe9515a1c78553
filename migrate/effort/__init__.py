"""What a port costs: pure arithmetic over a scan and one file of weights (rules/effort.toml)."""
