#include <musa_runtime.h>
#include <musa.h>

void graphs(musaGraph_t graph, musaGraphExec_t *run, musaGraphNode_t *node, char *log, size_t size) {
    musaGraphInstantiate(run, graph, node, log, size);
    musaGraphInstantiate(run, graph, nullptr, nullptr, 0);
    musaGraphInstantiate(run, graph, nullptr, nullptr, 0);
    MUcontext context;
    muCtxCreate(&context, 0, 0);
    muCtxCreate(&context, 0, 0);
}
