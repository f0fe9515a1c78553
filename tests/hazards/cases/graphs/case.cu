#include <cuda_runtime.h>
void host(cudaGraphExec_t exec, cudaGraph_t graph, cudaStream_t stream) {
  cudaGraphExecUpdateResultInfo info;
  cudaGraphExecUpdate(exec, graph, &info);  // hazard: graph-update
  cudaGraphLaunch(exec, stream);
}
