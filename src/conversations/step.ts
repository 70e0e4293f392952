/** What one event does on a connection, whatever kind of trace shows it. */

/** An event's place and time, on the run's axis. */
export interface Moment {
  readonly ns: number;
  readonly num: number | null;
  /** In the trace's own notation. */
  readonly time: string | null;
  readonly source: number;
}

/** Index of a side. Packets: 0 is the client, 1 the server. Calls: 0 is the traced process, 1 its peer. */
export type SideIndex = 0 | 1;

/** The connection that a step belongs to. */
export interface Connection {
  /** Equal for all steps of one connection. */
  readonly key: string;
  /** No other connection can have this key without a handshake: a close may be one of several holders'. */
  readonly isUnique: boolean;
  readonly kind: 'packets' | 'calls';
  readonly name: string;
  readonly protocol: 'tcp' | 'unix' | null;
  readonly proc: string | null;
  readonly pid: number | null;
  readonly tid: number | null;
  readonly fd: number | null;
  /** Of calls: what the traced process is, where known. */
  readonly self: 'client' | 'server' | null;
}

export type Step =
  /** `side` sent data: it began to at `began`, and all of it had moved by `at`. A reader sees the latter only. */
  | {
      readonly kind: 'data';
      readonly of: Connection;
      readonly at: Moment;
      readonly began: Moment;
      readonly side: SideIndex;
      readonly bytes: number;
    }
  /** A new connection: asked for, or there at once; `handshakeNs` where this event alone tells it. */
  | {
      readonly kind: 'open';
      readonly of: Connection;
      readonly at: Moment;
      readonly handshakeNs: number | null;
    }
  /** The server took the connection that was asked for. */
  | { readonly kind: 'accepted'; readonly of: Connection; readonly at: Moment }
  /** `side` will send no more; null: neither will. */
  | {
      readonly kind: 'end';
      readonly of: Connection;
      readonly at: Moment;
      readonly side: SideIndex | null;
      readonly how: 'closed' | 'reset';
    };
