#include <acl/acl.h>

float events(aclrtStream stream, unsigned flags) {
    aclrtEvent start, stop, untimed, shared;
    aclrtCreateEvent(&start);
    aclrtCreateEventExWithFlag(&stop, ACL_EVENT_SYNC | ACL_EVENT_TIME_LINE);
    aclrtCreateEventExWithFlag(&stop, ACL_EVENT_SYNC | ACL_EVENT_TIME_LINE);
    aclrtCreateEventExWithFlag(&untimed, ACL_EVENT_SYNC);
    aclrtCreateEventExWithFlag(&shared, ACL_EVENT_IPC);
    cudaEventCreateWithFlags(&untimed, flags);  // stays: nobody knows the flags
    aclrtRecordEvent(start, nullptr);
    aclrtRecordEvent(stop, stream);
    aclrtRecordEventWithFlag(stop, stream, 0);
    aclrtStreamWaitEvent(stream, stop);
    aclrtStreamWaitEvent(stream, stop);
    while ([&] { aclrtEventRecordedStatus acl_status; return aclrtQueryEventStatus(stop, &acl_status) == ACL_SUCCESS && acl_status == ACL_EVENT_RECORDED_STATUS_NOT_READY; }()) {
    }
    if (![&] { aclrtEventRecordedStatus acl_status; return aclrtQueryEventStatus(stop, &acl_status) == ACL_SUCCESS && acl_status == ACL_EVENT_RECORDED_STATUS_COMPLETE; }()) {
        aclrtSynchronizeEvent(stop);
    }
    int state = cudaEventQuery(stop);  // stays: the code itself is wanted
    aclrtIpcEventHandle handle;
    aclrtIpcGetEventHandle(shared, &handle);
    aclrtIpcOpenEventHandle(handle, &shared);
    float milliseconds = 0;
    aclrtEventElapsedTime(&milliseconds, start, stop);
    aclrtDestroyEvent(start);
    return milliseconds + state;
}
