#include <cuda_runtime.h>
struct Mine { int regsPerBlock; };
bool fits(int registers, size_t bytes) {
  cudaDeviceProp prop;
  cudaGetDeviceProperties(&prop, 0);
  Mine mine;
  mine.regsPerBlock = 0;
  if (registers > prop.regsPerBlock) return false;  // hazard: regsPerBlock
  if (bytes > prop.totalConstMem) return false;  // hazard: totalConstMem
  return prop.persistingL2CacheMaxSize > 0 && prop.totalGlobalMem > 0;  // hazard: persistingL2CacheMaxSize
}
