#include <musa_bf16.h>
#include <musa_runtime.h>

__global__ void scale(__mt_bfloat16 *values);

int attribute(int bytes, musaStream_t stream) {
    float *memory = nullptr;
    musaFuncSetAttribute(scale, musaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    auto allocate = &musaMallocAsync<float>;
    musaMallocAsync(&memory, bytes, stream);
    return musaGetErrorName(musaSuccess)[0];
}
