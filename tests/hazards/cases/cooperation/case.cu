#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__global__ void kernel(float *x) {
  cg::grid_group grid = cg::this_grid();  // hazard: grid-sync, grid-sync
  auto tile = cg::tiled_partition<32>(cg::this_thread_block());  // hazard: tiled-partition
  grid.sync();
  x[0] = tile.size();
}
__global__ void __cluster_dims__(2, 1, 1) clustered(float *x);  // hazard: cluster
void host(void **args) {
  cudaLaunchCooperativeKernel((void *)kernel, 1, 1, args, 0, 0);  // hazard: grid-sync
}
#define cudaLaunchCooperativeKernel hipLaunchCooperativeKernel
__global__ void ranks(float *x) {
  x[cg::this_grid().thread_rank()] = 1;
  auto asked = cg::this_grid();
  x[asked.thread_rank()] = asked.size();
}
