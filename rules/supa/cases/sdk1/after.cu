// target: supa:sdk1
#include <supa.h>

void copies(float *to, const float *from, size_t n, suStream_t stream, void **values, suTaskGraphExec_t run, suTaskGraph_t graph) {
    suMemcpyAsync(to, from, n, stream, suMemcpyHostToDevice);
    suMemcpy2DAsync(to, 64, from, 64, 48, n, stream, suMemcpyDeviceToHost);
    suLaunchKernelSingleDevice((const void *)copies, dim3(1), dim3(32), 0, stream, values);
    cudaGraphInstantiate(&run, graph, 0);
}
