// target: xpu:xre
#include <xpu/runtime.h>
#include <bkcl.h>

void reduce(const float *in, float *out, size_t n, BKCLContext_t comm, XPUStream stream) {
    bkcl_all_reduce(comm, in, out, n, BKCL_FLOAT, BKCL_ADD, stream);
    bkcl_all_gather(comm, in, n, out, BKCL_FLOAT, stream);
    bkcl_reduce(comm, in, out, n, BKCL_FLOAT, BKCL_ADD, 0, stream);
    bkcl_send(comm, in, n, 1, BKCL_FLOAT, stream);
}
