// target: xpu:xre
#include <nccl.h>

void reduce(const float *in, float *out, size_t n, ncclComm_t comm, cudaStream_t stream) {
    ncclAllReduce(in, out, n, ncclFloat, ncclSum, comm, stream);
    ncclAllGather(in, out, n, ncclFloat, comm, stream);
    ncclReduce(in, out, n, ncclFloat, ncclSum, 0, comm, stream);
    ncclSend(in, n, ncclFloat, 1, comm, stream);
}
