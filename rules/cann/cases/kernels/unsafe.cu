// Kernels are written anew: their text is kept aside, the host calls what the kernel's build will provide.
#include <acl/acl.h>

// Doubles every element.
#ifdef MIGRATE_CUDA_KERNELS
__global__ void scale(const float *__restrict__ from, float *to, int count) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) to[i] = 2.0f * from[i];
}

template <typename T, int N>
__global__ void __launch_bounds__(256) fill(T *to, T value) { to[threadIdx.x * N] = value; }
#else
extern "C" uint32_t aclrtlaunch_scale(uint32_t blocks, aclrtStream stream, void* from, void* to, int count);
template <typename T, int N> uint32_t aclrtlaunch_fill(uint32_t blocks, aclrtStream stream, T *to, T value);
#endif

void elsewhere(const float *table);
namespace later {
#ifdef MIGRATE_CUDA_KERNELS
__global__ void step(double *state);
#else
extern "C" uint32_t aclrtlaunch_step(uint32_t blocks, aclrtStream stream, void* state);
#endif
}

void run(const float *from, float *to, int count, aclrtStream stream) {
    const dim3 grid(count / 256, 2), block(16, 16);
    aclrtlaunch_scale(grid.x * grid.y * grid.z /* blocks of block */, stream, (void*)from, to, count);
    aclrtlaunch_scale((count / 64) * (4) /* blocks of 64 */, nullptr, (void*)(from + 1), to, count);
    aclrtlaunch_fill<float, 4>(count / 1024 /* blocks of 256, 256 * sizeof(float) bytes of shared memory */, nullptr, to, 1.0f);
    later::aclrtlaunch_step(1 /* blocks of 1 */, nullptr, nullptr);
    aclrtSynchronizeStream(stream);
}
