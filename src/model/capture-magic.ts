/** The numbers that packet captures begin with. A file is written in either byte order, so each may stand reversed. */

const PCAP_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_NANOSECONDS = 0xa1b23c4d;
/** Kuznetzov's variant: 24 bytes in front of each packet, not 16. */
export const PCAP_KUZNETZOV = 0xa1b2cd34;

/** A pcap begins with one of these. */
export const PCAP_MAGICS: readonly number[] = [PCAP_MICROSECONDS, PCAP_NANOSECONDS, PCAP_KUZNETZOV];

/** The type of the block that a pcapng begins with, and a .scap, too: the same in either order. */
export const PCAPNG_SECTION = 0x0a0d0d0a;
/** The section's third number, by which its byte order is told. */
export const PCAPNG_BYTE_ORDER = 0x1a2b3c4d;
