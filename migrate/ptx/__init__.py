"""PTX, the virtual instruction set of NVIDIA GPUs: instructions, their groups, and the CUDA C++ that says the same."""
