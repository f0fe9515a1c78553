#include <cuda_runtime.h>
__global__ void kernel(float3 *points, float4 *other) {  // hazard: vector3
  float3 p = points[0];
  other[0].x = p.x;
}
void host(float3 *&points) { cudaMalloc(&points, 10 * sizeof(float3)); }  // hazard: vector3
__device__ float3 add(float3 a, float3 b) { return make_float3(a.x + b.x, a.y + b.y, a.z + b.z); }
