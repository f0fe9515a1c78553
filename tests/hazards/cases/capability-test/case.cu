#include <cuda_runtime.h>
int sm_version();
bool fast() {
  cudaDeviceProp prop;
  cudaGetDeviceProperties(&prop, 0);
  if (prop.major >= 7) return true;  // hazard: major
  int both = prop.major * 10 + prop.minor;
  int level = 0;
  cudaDeviceGetAttribute(&level, cudaDevAttrComputeCapabilityMajor, 0);
  if (level < 6) return false;  // hazard: number
  if (sm_version() >= 90) return true;  // hazard: number
  return both == 75;  // hazard: number
}
bool other(int both, int kMinComputeCapability) { return both == 75 && kMinComputeCapability >= 80; }
bool any(cudaDeviceProp prop) { return prop.major > 0; }
