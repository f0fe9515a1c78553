#include <cuda_runtime.h>

#define CHECK(call) check(call)

void check(cudaError_t error);

void copies(float *device, float *other, float *host, size_t n, cudaStream_t stream, cudaMemcpyKind kind) {
    cudaMemcpy(device, host, n * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemset(device, 0, n);
    cudaMemsetAsync(device, 0xff, n, stream);
    cudaMemcpyAsync(device, host, n, cudaMemcpyHostToDevice, stream);
    CHECK(cudaMemcpy(host, device, n, cudaMemcpyDeviceToHost));  // waits for what runs
    cudaMemcpy(host, device, n, kind);                           // nothing runs any more
    cudaMemcpyAsync(device, other, n, cudaMemcpyDeviceToDevice);
    if (n > 4)
        cudaMemset(device, 1, n);
    cudaMemcpyAsync(host, host + n, n, cudaMemcpyHostToHost, stream);  // stays: rejected by ACL
    cudaMemcpy(device, host, n++, cudaMemcpyHostToDevice);             // stays: would be written twice
    cudaMemcpy2D(device, 64, host, 64, 48, n, cudaMemcpyHostToDevice);
    cudaMemcpy2DAsync(host, 64, device, 64, 48, n, cudaMemcpyDeviceToHost);
    cudaMemcpy2D(device, 64, other, 64, 48, n, cudaMemcpyDeviceToDevice);  // stays: not documented
    cudaMemcpyPeer(device, 1, other, 0, n);
    cudaMemcpyPeerAsync(device, 1, other, 0, n, stream);
    cudaDeviceSynchronize();
}

int branches(float *device, float *host, size_t n, cudaStream_t stream) {
    cudaMemsetAsync(device, 0, n, stream);
    if (n == 0)
        return 0;
    else
        cudaMemcpy(host, device, n, cudaMemcpyDeviceToHost);
    switch (n) {
        case 1: return 1;
        default: return 2;
    }
}
