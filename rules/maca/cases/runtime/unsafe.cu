// target: maca:native
#include <mcr/maca.h>
#include <mc_runtime.h>

void runtime(float *host, size_t n, mcGraph_t graph, mcGraphExec_t run) {
    const char *text = nullptr;
    mcMallocHost(&host, n, mcMallocHostDefault);
    ((*(&text) = mcGetErrorString(mcSuccess)), mcSuccess);
    mcGraphInstantiate(&run, graph, nullptr, nullptr, 0);
    mcGraphInstantiate(&run, graph, nullptr, nullptr, 0);
}

int properties(mcError_t result) {
    mcDeviceProp_t properties;
    mcGetDeviceProperties(&properties, 0);
    return result == mcSuccess ? properties.major : 0;
}
