#include <cuda_bf16.h>
#include <cuda_runtime.h>

__global__ void scale(__nv_bfloat16 *values);

int attribute(int bytes, cudaStream_t stream) {
    float *memory = nullptr;
    cudaFuncSetAttribute(scale, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    auto allocate = &cudaMallocAsync<float>;
    cudaMallocAsync(&memory, bytes, stream);
    return cudaGetErrorName(cudaSuccess)[0];
}
