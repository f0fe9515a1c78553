#include <cuda_runtime.h>
#include <cuda.h>

void graphs(cudaGraph_t graph, cudaGraphExec_t *run, cudaGraphNode_t *node, char *log, size_t size) {
    cudaGraphInstantiate(run, graph, node, log, size);
    cudaGraphInstantiate(run, graph, 0);
    cudaGraphInstantiate(run, graph);
    CUcontext context;
    cuCtxCreate(&context, 0, 0);
    cuCtxCreate(&context, nullptr, 0, 0);
}
