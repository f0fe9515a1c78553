"""PTX, the virtual instruction set of NVIDIA GPUs: text to instructions, their groups, and the CUDA C++ that says the same."""
