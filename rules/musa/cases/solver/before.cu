#include <cusolverDn.h>

int factor(cusolverDnHandle_t handle, int n, float *a, int *work) {
    cusolverDnSgetrf_bufferSize(handle, n, n, a, n, work);
    return cusolverDnSgeqrf_bufferSize(handle, n, n, a, n, work);
}
