#include <acl/acl.h>

bool streams(int least) {
    aclrtStream one, two;
    aclrtCreateStream(&one);
    aclrtCreateStreamWithConfig(&one, 0, 0);
    cudaStreamCreateWithFlags(&two, cudaStreamDefault);
    cudaStreamCreateWithPriority(&two, cudaStreamNonBlocking, least);
    aclrtSynchronizeStream(one);
    bool done = cudaStreamQuery(two) == ACL_SUCCESS;
    aclmdlRICaptureStatus status;
    [&] { aclmdlRI acl_model; return aclmdlRICaptureGetInfo(one, &status, &acl_model); }();
    aclrtDestroyStream(two);
    return done;
}
