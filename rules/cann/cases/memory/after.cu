#include <acl/acl.h>

void memory(size_t n, float *(&table)[4], void *known) {
    float *device = nullptr;
    float *host = nullptr;
    cudaMalloc(&device, n * sizeof(float));
    cudaMalloc((void **)&device, n);
    cudaMalloc(reinterpret_cast<void **>(&table[1]), n);
    cudaMalloc(&table[2], n);
    cudaMalloc(true ? &device : &host, n);
    cudaMallocHost(&host, n);
    cudaHostAlloc(&host, n, cudaHostAllocDefault);
    cudaHostAlloc(&host, n, cudaHostAllocPortable | cudaHostAllocMapped);  // stays: nothing like it
    cudaHostRegister(known, n, 0);
    cudaHostRegister(known, n, cudaHostRegisterDefault);
    size_t left = 0, total = 0;
    cudaMemGetInfo(&left, &total);
    cudaPointerAttributes attributes;
    cudaPointerGetAttributes(&attributes, known);
    cudaFree(0);
    aclrtFree(device);
    aclrtFreeHost(host);
}
