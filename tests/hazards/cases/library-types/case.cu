#include <cublas_v2.h>
void host(cublasHandle_t h, int n, void *a, void *b, void *c, float *one, float *zero) {
  cublasGemmEx(h, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, one, a, CUDA_R_16F, n, b, CUDA_R_16F, n,  // hazard: blas-types
               zero, c, CUDA_R_16F, n, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
  cublasSgemm(h, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, one, (float *)a, n, (float *)b, n, zero, (float *)c, n);
}
