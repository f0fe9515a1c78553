#include <cusparse.h>
void host(cusparseHandle_t h, cusparseDnMatDescr_t a, cusparseDnMatDescr_t b, cusparseSpMatDescr_t c, int n, void *buffer) {
  float one = 1.0f;
  cusparseDnMatSetStridedBatch(a, n, 1024);  // hazard: sddmm-batch
  cusparseCsrSetStridedBatch(c, n, 33, 100);  // hazard: sddmm-batch
  cusparseSDDMM(h, CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, b, &one, c, CUDA_R_32F,
                CUSPARSE_SDDMM_ALG_DEFAULT, buffer);
}
