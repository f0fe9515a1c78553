#include <nccl.h>

int ranks(ncclComm_t comm, const float *in, size_t n, cudaStream_t queue) {
    int count = 0, rank = 0;
    ncclCommCount(comm, &count);
    ncclCommUserRank(comm, &rank);
    ncclSend(in, n, ncclFloat, 1, comm, queue);
    return count + rank;
}
