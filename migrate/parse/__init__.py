"""From bytes to uses: view, mask, tree, and the rules that tell CUDA from what only looks like it."""
