#include <cuda_runtime.h>
#if __CUDA_ARCH__ >= 700  // hazard: compared
#endif
#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ < 530)  // hazard: compared
#endif
#ifdef __CUDACC__  // hazard: defined
#endif
#ifndef __CUDA_ARCH__  // hazard: absent
#endif
#if !defined(__NVCC__)  // hazard: absent
#endif
#if defined(__CUDACC__) || defined(__MUSACC__)
#endif
#if CUDART_VERSION >= 11000  // hazard: compared
#elif CUDA_VERSION < 9000  // hazard: compared
#endif
#if defined(USE_MUSA) || __CUDA_ARCH__ >= 700
#endif
#if PROJECT_VERSION >= 700
#endif
int main() { cudaDeviceSynchronize(); }
