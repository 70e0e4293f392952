/** Calls that read, or write, through a descriptor, by the names that sysdig and strace print. */

export const READS: ReadonlySet<string> = new Set(
  'read recv recvfrom recvmsg recvmmsg pread pread64 readv preadv preadv2 copy_file_range finit_module'.split(
    ' ',
  ),
);

export const WRITES: ReadonlySet<string> = new Set(
  'write send sendto sendmsg sendmmsg pwrite pwrite64 writev pwritev pwritev2 copy_file_range'.split(' '),
);
