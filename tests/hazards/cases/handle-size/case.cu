#include <cuda_runtime.h>
#include <string.h>
struct Message {
  char handle[64];  // hazard: ipc-handle
  cudaIpcMemHandle_t whole;
  char name[64];
};
void host(void *p, char *out) {
  cudaIpcMemHandle_t handle;
  cudaIpcGetMemHandle(&handle, p);
  memcpy(out, &handle, 64);  // hazard: ipc-handle
  memcpy(out, &handle, sizeof handle);
}
