#include <acl/acl.h>
#include <hccl/hccl.h>

int reduce(const float *in, float *out, size_t n, int ranks, int rank, aclrtStream stream) {
    ncclUniqueId id;
    HcclComm comm;
    int size = 0;
    HcclGetRootInfo(&id);
    HcclCommInitRootInfo(ranks, &id, rank, &comm);
    HcclGetRankSize(comm, (uint32_t*)(&size));
    HcclAllReduce((void*)(in), out, n, HCCL_DATA_TYPE_FP32, HCCL_REDUCE_SUM, comm, stream);
    HcclAllGather((void*)(in), out, n, HCCL_DATA_TYPE_FP32, comm, stream);
    ncclBroadcast(in, out, n, HCCL_DATA_TYPE_FP32, 0, comm, stream);
    HcclSend((void*)(in), n, HCCL_DATA_TYPE_FP32, 1, comm, stream);
    HcclRecv(out, n, HCCL_DATA_TYPE_FP32, 1, comm, stream);
    HcclCommDestroy(comm);
    return size;
}
