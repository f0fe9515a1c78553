#include <acl/acl.h>

#define CHECK(call) check(call)

void check(aclError error);

void copies(float *device, float *other, float *host, size_t n, aclrtStream stream, aclrtMemcpyKind kind) {
    aclrtMemcpy(device, n * sizeof(float), host, n * sizeof(float), ACL_MEMCPY_HOST_TO_DEVICE);
    aclrtMemset(device, n, 0, n);
    aclrtMemsetAsync(device, n, 0xff, n, stream);
    aclrtMemcpyAsync(device, n, host, n, ACL_MEMCPY_HOST_TO_DEVICE, stream);
    CHECK(aclrtSynchronizeDevice());
    CHECK(aclrtMemcpy(host, n, device, n, ACL_MEMCPY_DEVICE_TO_HOST));  // waits for what runs
    aclrtMemcpy(host, n, device, n, kind);                           // nothing runs any more
    aclrtMemcpyAsync(device, n, other, n, ACL_MEMCPY_DEVICE_TO_DEVICE, nullptr);
    aclrtSynchronizeDevice();
    if (n > 4)
        aclrtMemset(device, n, 1, n);
    cudaMemcpyAsync(host, host + n, n, ACL_MEMCPY_HOST_TO_HOST, stream);  // stays: rejected by ACL
    cudaMemcpy(device, host, n++, ACL_MEMCPY_HOST_TO_DEVICE);             // stays: would be written twice
    aclrtMemcpy2d(device, 64, host, 64, 48, n, ACL_MEMCPY_HOST_TO_DEVICE);
    aclrtMemcpy2dAsync(host, 64, device, 64, 48, n, ACL_MEMCPY_DEVICE_TO_HOST, nullptr);
    cudaMemcpy2D(device, 64, other, 64, 48, n, ACL_MEMCPY_DEVICE_TO_DEVICE);  // stays: not documented
    aclrtMemcpy(device, n, other, n, ACL_MEMCPY_DEVICE_TO_DEVICE);
    aclrtMemcpyAsync(device, n, other, n, ACL_MEMCPY_DEVICE_TO_DEVICE, stream);
    aclrtSynchronizeDevice();
}

int branches(float *device, float *host, size_t n, aclrtStream stream) {
    aclrtMemsetAsync(device, n, 0, n, stream);
    if (n == 0)
        return 0;
    else
        (aclrtSynchronizeDevice(), aclrtMemcpy(host, n, device, n, ACL_MEMCPY_DEVICE_TO_HOST));
    switch (n) {
        case 1: return 1;
        default: return 2;
    }
}
