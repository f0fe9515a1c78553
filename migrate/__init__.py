"""What becomes of CUDA code on the domestic stacks: reads sources, needs no toolkit, no GPU, no network."""

__version__ = "0.1.0"
