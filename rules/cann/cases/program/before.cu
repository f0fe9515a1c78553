// A whole program: ACL is started and ended once.
#include <cuda_runtime.h>

int main(int argc, char **argv) {
    float *memory = nullptr;
    if (argc > 2) {
        return 1;
    }
    cudaMalloc(&memory, 64);
    cudaFree(memory);
    return 0;
}
