"""Reading the rule tables: CUDA's own names and what each target makes of them."""
