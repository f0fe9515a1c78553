#include <acl/acl.h>

#define CHECK(call) check(call)

void check(cudaError_t error);

void copies(float *device, float *other, float *host, size_t n, aclrtStream stream, aclrtMemcpyKind kind) {
    cudaMemcpy(device, host, n * sizeof(float), ACL_MEMCPY_HOST_TO_DEVICE);
    cudaMemset(device, 0, n);
    cudaMemsetAsync(device, 0xff, n, stream);
    cudaMemcpyAsync(device, host, n, ACL_MEMCPY_HOST_TO_DEVICE, stream);
    CHECK(cudaMemcpy(host, device, n, ACL_MEMCPY_DEVICE_TO_HOST));  // waits for what runs
    cudaMemcpy(host, device, n, kind);                           // nothing runs any more
    cudaMemcpyAsync(device, other, n, ACL_MEMCPY_DEVICE_TO_DEVICE);
    if (n > 4)
        cudaMemset(device, 1, n);
    cudaMemcpyAsync(host, host + n, n, ACL_MEMCPY_HOST_TO_HOST, stream);  // stays: rejected by ACL
    cudaMemcpy(device, host, n++, ACL_MEMCPY_HOST_TO_DEVICE);             // stays: would be written twice
    cudaMemcpy2D(device, 64, host, 64, 48, n, ACL_MEMCPY_HOST_TO_DEVICE);
    cudaMemcpy2DAsync(host, 64, device, 64, 48, n, ACL_MEMCPY_DEVICE_TO_HOST);
    cudaMemcpy2D(device, 64, other, 64, 48, n, ACL_MEMCPY_DEVICE_TO_DEVICE);  // stays: not documented
    cudaMemcpyPeer(device, 1, other, 0, n);
    cudaMemcpyPeerAsync(device, 1, other, 0, n, stream);
    aclrtSynchronizeDevice();
}

int branches(float *device, float *host, size_t n, aclrtStream stream) {
    cudaMemsetAsync(device, 0, n, stream);
    if (n == 0)
        return 0;
    else
        cudaMemcpy(host, device, n, ACL_MEMCPY_DEVICE_TO_HOST);
    switch (n) {
        case 1: return 1;
        default: return 2;
    }
}
