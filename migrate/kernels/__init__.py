"""What a CUDA kernel computes, told from its name and body, and which way it goes on a stack without CUDA's threads.

`features` counts what a body uses, `profiles` says which of ten profiles it is and which operation, `routes` which of
four ways it takes given the operators of a target (`rules/<target>/operators.tsv`).
"""
