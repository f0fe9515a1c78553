#include <cstdio>
#include <cuda_runtime.h>

#define CUDA_CHECK(call)                                                                  \
    do {                                                                                  \
        cudaError_t error = (call);                                                       \
        if (error != cudaSuccess) {                                                       \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(error)); \
        }                                                                                 \
    } while (0)

enum cudaError last() {
    CUDA_CHECK(cudaGetLastError());
    if (cudaPeekAtLastError() == cudaErrorMemoryAllocation) {
        return cudaErrorInvalidValue;
    }
    return cudaGetLastError();
}
