#include <cnrt.h>
#include <cncl.h>

int ranks(cnclComm_t comm, const float *in, size_t n, cnrtQueue_t queue) {
    int count = 0, rank = 0;
    cnclGetCommCount(&count, comm);
    cnclGetCommRank(&rank, comm);
    cnclSend((void*)(in), n, cnclFloat, 1, comm, queue);
    return count + rank;
}
