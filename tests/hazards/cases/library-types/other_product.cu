#include <cusparse.h>
// SpMM takes batches
void host(cusparseHandle_t h, cusparseSpMatDescr_t a, cusparseDnMatDescr_t b, cusparseDnMatDescr_t c, int n, void *buffer) {
  float one = 1.0f;
  cusparseDnMatSetStridedBatch(b, n, 1024);
  cusparseSpMM(h, CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, b, &one, c, CUDA_R_32F,
               CUSPARSE_SPMM_ALG_DEFAULT, buffer);
}
