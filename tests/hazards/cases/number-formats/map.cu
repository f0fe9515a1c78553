#include <hip/hip_runtime.h>
#include <cuda_runtime.h>
#define CUDA_R_16BF HIP_R_16BF
#define __nv_bfloat16 __hip_bfloat16
