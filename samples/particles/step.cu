// The kernels of the particle simulation, and the sum of energies with Thrust.
#include <thrust/device_ptr.h>  // want: thrust/device_ptr.h include
#include <thrust/execution_policy.h>  // want: thrust/execution_policy.h include
#include <thrust/functional.h>
#include <thrust/transform_reduce.h>  // want: thrust/transform_reduce.h include

#include "../common/check.cuh"
#include "particles.cuh"

namespace particles {

constexpr int kBlock = 128;

// All bodies against all, through tiles of shared memory whose size the launch gives.
__global__ void attract(const float4* bodies, float3* velocities, int count, float seconds) {  // want: __global__ qualifier, float4 type, float3 type
  extern __shared__ float4 tile[];  // want: __shared__ qualifier, float4 type
  const int i = blockIdx.x * blockDim.x + threadIdx.x;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
  const float4 mine = i < count ? bodies[i] : make_float4(0.0f, 0.0f, 0.0f, 0.0f);  // want: float4 type, make_float4 call
  float3 force = make_float3(0.0f, 0.0f, 0.0f);  // want: float3 type, make_float3 call

  for (int start = 0; start < count; start += blockDim.x) {  // want: blockDim.x variable
    const int j = start + threadIdx.x;  // want: threadIdx.x variable
    tile[threadIdx.x] = j < count ? bodies[j] : make_float4(0.0f, 0.0f, 0.0f, 0.0f);  // want: threadIdx.x variable, make_float4 call
    __syncthreads();  // want: __syncthreads call
    for (int k = 0; k < blockDim.x; ++k) {  // want: blockDim.x variable
      const float inverse = rsqrtf(distance2(mine, tile[k]));  // want: rsqrtf call
      const float pull = tile[k].w * inverse * inverse * inverse;
      force.x += pull * (tile[k].x - mine.x);
      force.y += pull * (tile[k].y - mine.y);
      force.z += pull * (tile[k].z - mine.z);
    }
    __syncthreads();  // want: __syncthreads call
  }
  if (i < count) {
    velocities[i].x += force.x * seconds;
    velocities[i].y += force.y * seconds;
    velocities[i].z += force.z * seconds;
  }
}

__global__ void move(float4* bodies, const float3* velocities, int count, float seconds) {  // want: __global__ qualifier, float4 type, float3 type
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    bodies[i].x += velocities[i].x * seconds;
    bodies[i].y += velocities[i].y * seconds;
    bodies[i].z += velocities[i].z * seconds;
  }
}

// Half the squared speed; every body has mass one.
struct Energy {
  __host__ __device__ float operator()(const float3& v) const {  // want: __host__ qualifier, __device__ qualifier, float3 type
    return 0.5f * (v.x * v.x + v.y * v.y + v.z * v.z);
  }
};

void create(Buffers& buffers, int count, const Body* bodies) {
  buffers.count = count;
  CHECK_CUDA(cudaStreamCreate(&buffers.stream));  // want: cudaStreamCreate call
  CHECK_CUDA(cudaMalloc(&buffers.bodies, count * sizeof(Body)));  // want: cudaMalloc call
  CHECK_CUDA(cudaMalloc(&buffers.velocities, count * sizeof(float3)));  // want: cudaMalloc call, float3 type
  CHECK_CUDA(cudaMemcpy(buffers.bodies, bodies, count * sizeof(Body), cudaMemcpyHostToDevice));  // want: cudaMemcpy call, cudaMemcpyHostToDevice constant
  CHECK_CUDA(cudaMemset(buffers.velocities, 0, count * sizeof(float3)));  // want: cudaMemset call, float3 type
  const int shared = kBlock * sizeof(float4);  // want: float4 type
  CHECK_CUDA(cudaFuncSetAttribute(attract, cudaFuncAttributeMaxDynamicSharedMemorySize, shared));  // want: cudaFuncSetAttribute call, cudaFuncAttributeMaxDynamicSharedMemorySize constant
}

void destroy(Buffers& buffers) {
  CHECK_CUDA(cudaFree(buffers.velocities));  // want: cudaFree call
  CHECK_CUDA(cudaFree(buffers.bodies));
  CHECK_CUDA(cudaStreamDestroy(buffers.stream));  // want: cudaStreamDestroy call
}

void step(Buffers& buffers, float seconds) {
  const dim3 grid(cuda_util::divide_up(buffers.count, kBlock));  // want: dim3 type
  attract<<<grid, kBlock, kBlock * sizeof(float4), buffers.stream>>>(  // want: attract launch, float4 type
      buffers.bodies, buffers.velocities, buffers.count, seconds);
  move<<<grid, kBlock, 0, buffers.stream>>>(buffers.bodies, buffers.velocities, buffers.count, seconds);  // want: move launch
  CHECK_CUDA(cudaPeekAtLastError());  // want: cudaPeekAtLastError call
}

float kineticEnergy(const Buffers& buffers) {
  const auto first = thrust::device_pointer_cast(buffers.velocities);  // want: thrust::device_pointer_cast call
  return thrust::transform_reduce(thrust::cuda::par.on(buffers.stream), first, first + buffers.count, Energy(), 0.0f,
                                  thrust::plus<float>());
}

}  // namespace particles
