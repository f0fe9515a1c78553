#include <musa_runtime.h>
#include <musa.h>

void graphs(musaGraph_t graph, musaGraphExec_t *run, musaGraphNode_t *node, char *log, size_t size) {
    cudaGraphInstantiate(run, graph, node, log, size);
    cudaGraphInstantiate(run, graph, 0);
    cudaGraphInstantiate(run, graph);
    MUcontext context;
    muCtxCreate(&context, 0, 0);
    cuCtxCreate(&context, nullptr, 0, 0);
}
