// A cloud of particles that attract each other: the host's side, plain C++ with the runtime API.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../common/check.cuh"
#include "particles.cuh"  // none

// Makes the device with the most processors the current one.
static void chooseDevice() {
  int count = 0, best = 0, most = -1;
  CHECK_CUDA(cudaGetDeviceCount(&count));  // want: cudaGetDeviceCount call
  for (int device = 0; device < count; ++device) {
    cudaDeviceProp properties;  // want: cudaDeviceProp type
    CHECK_CUDA(cudaGetDeviceProperties(&properties, device));  // want: cudaGetDeviceProperties call
    std::printf("%d: %s, cc %d.%d, ", device, properties.name,  // want: cudaDeviceProp.name member
                properties.major, properties.minor);  // want: cudaDeviceProp.major member, cudaDeviceProp.minor member
    std::printf("%zu MiB, warps of %d\n", properties.totalGlobalMem >> 20,  // want: cudaDeviceProp.totalGlobalMem member
                properties.warpSize);  // want: cudaDeviceProp.warpSize member
    if (properties.multiProcessorCount > most) {  // want: cudaDeviceProp.multiProcessorCount member
      most = properties.multiProcessorCount;  // want: cudaDeviceProp.multiProcessorCount member
      best = device;
    }
  }
  CHECK_CUDA(cudaSetDevice(best));  // want: cudaSetDevice call
}

// A word such as clock or norm is a name of CUDA's device library too, but not here.
struct Statistics {
  int clock = 0;  // none
  float norm = 0.0f;  // none
  void add(float energy) {
    ++clock;  // none
    norm = std::max(norm, energy);  // none
  }
};

static float uniform() {
  return float(std::rand()) / RAND_MAX - 0.5f;
}

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 4096;
  chooseDevice();

  std::vector<particles::Body> bodies(count);  // none
  for (particles::Body& body : bodies) {
    body = make_float4(uniform(), uniform(), uniform(), 1.0f / count);  // want: make_float4 call
  }

  particles::Buffers buffers;
  particles::create(buffers, count, bodies.data());
  Statistics statistics;
  for (int frame = 0; frame < 100; ++frame) {
    particles::step(buffers, 0.01f);  // none
    if (frame % 10 == 9) {
      CHECK_CUDA(cudaStreamSynchronize(buffers.stream));  // want: cudaStreamSynchronize call
      statistics.add(particles::kineticEnergy(buffers));
    }
  }

  size_t unused = 0, total = 0;
  CHECK_CUDA(cudaMemGetInfo(&unused, &total));  // want: cudaMemGetInfo call
  std::printf("%d samples, largest energy %.6f, cudaMemGetInfo: %zu of %zu MiB free\n", statistics.clock,
              statistics.norm, unused >> 20, total >> 20);
  particles::destroy(buffers);
  CHECK_CUDA(cudaDeviceReset());  // want: cudaDeviceReset call
  return 0;
}
