// The particles' data on the device and what can be done with it.
// Included by main.cpp, which no CUDA compiler reads, so that kernels are declared for nvcc only.
#pragma once

#include <cuda_runtime.h>  // want: cuda_runtime.h include

#ifdef __CUDACC__  // want: __CUDACC__ macro
#define PARTICLES_BOTH __host__ __device__  // want: __host__ qualifier, __device__ qualifier
#else
#define PARTICLES_BOTH
#endif

namespace particles {

// Position in x, y, z; mass in w.
using Body = float4;  // want: float4 type

struct Buffers {
  Body* bodies = nullptr;
  float3* velocities = nullptr;  // want: float3 type
  int count = 0;
  cudaStream_t stream = nullptr;  // want: cudaStream_t type
};

// Squared distance, softened so that bodies can pass through each other.
PARTICLES_BOTH inline float distance2(const float4& a, const float4& b) {  // want: float4 type
  const float x = a.x - b.x, y = a.y - b.y, z = a.z - b.z;
  return x * x + y * y + z * z + 1e-4f;
}

void create(Buffers& buffers, int count, const Body* bodies);
void destroy(Buffers& buffers);
void step(Buffers& buffers, float seconds);
float kineticEnergy(const Buffers& buffers);

}  // namespace particles
