#include <musa_bf16.h>
#include <musa_runtime.h>

__global__ void scale(__nv_bfloat16 *values);

int attribute(int bytes, musaStream_t stream) {
    float *memory = nullptr;
    cudaFuncSetAttribute(scale, musaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    auto allocate = &cudaMallocAsync<float>;
    cudaMallocAsync(&memory, bytes, stream);
    return cudaGetErrorName(musaSuccess)[0];
}
