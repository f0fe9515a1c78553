// Memory pools have a header of their own; a device pointer is a plain one; half numbers of the host are bits.
#include <cuda.h>
#include <cuda_runtime.h>

static void CUDART_CB done(void *) {}

void pools(cudaMemPool_t pool, cudaStream_t stream, size_t size) {
    void *memory = nullptr;
    cudaMallocFromPoolAsync(&memory, size, pool, stream);
    cudaLaunchHostFunc(stream, done, nullptr);
    cudaFreeAsync(memory, stream);
    CUdeviceptr first = 0, second;
    __half *numbers = nullptr;
}
