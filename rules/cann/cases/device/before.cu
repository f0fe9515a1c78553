#include <cuda_runtime.h>

int device() {
    int count = 0, current = 0, cores = 0, number = 0;
    cudaGetDeviceCount(&count);
    cudaSetDevice(1);
    cudaGetDevice(&current);
    cudaDeviceGetAttribute(&cores, cudaDevAttrMultiProcessorCount, current);
    cudaDriverGetVersion(&number);
    cudaRuntimeGetVersion(&number);
    cudaDeviceSynchronize();
    cudaDeviceReset();
    return cores;
}
