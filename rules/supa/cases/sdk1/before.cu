// target: supa:sdk1
#include <cuda_runtime.h>

void copies(float *to, const float *from, size_t n, cudaStream_t stream, void **values, cudaGraphExec_t run, cudaGraph_t graph) {
    cudaMemcpyAsync(to, from, n, cudaMemcpyHostToDevice, stream);
    cudaMemcpy2DAsync(to, 64, from, 64, 48, n, cudaMemcpyDeviceToHost, stream);
    cudaLaunchKernel((const void *)copies, dim3(1), dim3(32), values, 0, stream);
    cudaGraphInstantiate(&run, graph, 0);
}
