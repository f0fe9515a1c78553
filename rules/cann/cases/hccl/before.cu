#include <cuda_runtime.h>
#include <nccl.h>

int reduce(const float *in, float *out, size_t n, int ranks, int rank, cudaStream_t stream) {
    ncclUniqueId id;
    ncclComm_t comm;
    int size = 0;
    ncclGetUniqueId(&id);
    ncclCommInitRank(&comm, ranks, id, rank);
    ncclCommCount(comm, &size);
    ncclAllReduce(in, out, n, ncclFloat, ncclSum, comm, stream);
    ncclAllGather(in, out, n, ncclFloat, comm, stream);
    ncclBroadcast(in, out, n, ncclFloat, 0, comm, stream);
    ncclSend(in, n, ncclFloat, 1, comm, stream);
    ncclRecv(out, n, ncclFloat, 1, comm, stream);
    ncclCommDestroy(comm);
    return size;
}
