import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RefusalPoint, type Refusal } from './refusals.ts';

export type Direction = 'toServer' | 'toClient';

/** `cut`: FIN to both ends; `reset`: RST to both; `stall`: a black hole, both ends stay open and nothing passes any more. */
export type FaultKind = 'cut' | 'reset' | 'stall';

export interface Fault {
  readonly kind: FaultKind;
  readonly direction: Direction;
  /** So many bytes still pass in that direction: counted from `arm` for a connection that is open, from its first byte for a later one. */
  readonly afterBytes: number;
  /** Default: any connection. `data`: those to `dataPorts`. */
  readonly channel?: 'control' | 'data';
  /** Connections that it strikes, one after the other; default 1. */
  readonly times?: number;
  /** With the one that it strikes, all others that are open. */
  readonly all?: boolean;
}

export interface ProxyOptions {
  readonly port: number;
  readonly address?: string;
  /** Where it listens; default 127.0.0.1. */
  readonly listenAddress?: string;
  /**
   * An FTP server's passive ports. The proxy listens at the same numbers, so `listenAddress` must be another one
   * than the server's (127.0.0.2), and the client must use the control connection's peer for data (EPSV does).
   */
  readonly dataPorts?: readonly number[];
}

/** A TCP proxy on loopback that does to its connections what networks do. */
export interface FaultyProxy {
  readonly address: string;
  readonly port: number;
  /** Since the start. */
  readonly counts: {
    readonly connections: number;
    /** Those among them that are no data connections of FTP. */
    readonly controls: number;
    /** Open now. */
    readonly open: number;
    readonly toServer: number;
    readonly toClient: number;
    /** How often a client spoke for the first time or after the server had, on all connections together. */
    readonly roundTrips: number;
    /** Armed faults that came to pass. */
    readonly struck: number;
  };
  /** Each way, so half of a round trip. 0 at the start. */
  latencyMs: number;
  arm(fault: Fault): void;
  /** On plain FTP's control connections. */
  refuse(refusal: Refusal): void;
  /** Takes back the faults and refusals that have not struck. */
  disarm(): void;
  /** Each way on each connection; undefined, as at the start: no bound. */
  limitRate(bytesPerSecond: number | undefined): void;
  /** Control connections from now on go to another server. */
  retarget(port: number): void;
  /** Of open connections: the ports that the server sees them come from. */
  clientPorts(): number[];
  /** Strikes all open connections now. */
  strike(kind: FaultKind): void;
  /** Resolves when so many more bytes have passed in that direction, on all connections together. */
  until(direction: Direction, bytes: number): Promise<void>;
  close(): Promise<void>;
}

interface Link {
  readonly channel: 'control' | 'data';
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes that came in, by direction. */
  readonly seen: Record<Direction, number>;
  last: Direction | undefined;
  stalled: boolean;
}

interface ArmedFault extends Fault {
  left: number;
  /** Where the count of each open link began. */
  readonly from: Map<Link, number>;
}

interface State {
  readonly options: ProxyOptions;
  readonly links: Set<Link>;
  readonly counts: {
    connections: number;
    controls: number;
    open: number;
    toServer: number;
    toClient: number;
    roundTrips: number;
    struck: number;
  };
  readonly waiting: Set<{ readonly direction: Direction; readonly total: number; readonly resolve: () => void }>;
  faults: ArmedFault[];
  refusal: RefusalPoint | undefined;
  latencyMs: number;
  bytesPerSecond: number | undefined;
  target: number;
}

export async function startFaultyProxy(options: ProxyOptions): Promise<FaultyProxy> {
  const { listenAddress = '127.0.0.1', dataPorts = [] } = options;
  const counts = { connections: 0, controls: 0, open: 0, toServer: 0, toClient: 0, roundTrips: 0, struck: 0 };
  const state: State = {
    ...{ options, links: new Set(), counts, waiting: new Set(), faults: [], refusal: undefined },
    ...{ latencyMs: 0, bytesPerSecond: undefined, target: options.port },
  };
  const control = createServer({ allowHalfOpen: true }, (client) => join(state, client, state.target, 'control'));
  const data = dataPorts.map((port) => ({
    port,
    server: createServer({ allowHalfOpen: true }, (client) => join(state, client, port, 'data')),
  }));
  const port = await listen(control, 0, listenAddress);
  for (const each of data) await listen(each.server, each.port, listenAddress);
  return proxyOver(state, listenAddress, port, [control, ...data.map(({ server }) => server)]);
}

function proxyOver(state: State, address: string, port: number, servers: readonly Server[]): FaultyProxy {
  return {
    ...{ address, port, counts: state.counts },
    get latencyMs() {
      return state.latencyMs;
    },
    set latencyMs(value) {
      state.latencyMs = value;
    },
    arm(fault) {
      const from = new Map([...state.links].map((link) => [link, link.seen[fault.direction]]));
      state.faults.push({ ...fault, left: fault.times ?? 1, from });
    },
    refuse: (refusal) => void (state.refusal = new RefusalPoint(refusal, () => state.counts.struck++)),
    disarm() {
      state.faults = [];
      state.refusal = undefined;
    },
    limitRate: (bytesPerSecond) => void (state.bytesPerSecond = bytesPerSecond),
    retarget: (port) => void (state.target = port),
    clientPorts: () => [...state.links].flatMap(({ server }) => (server.localPort === undefined ? [] : [server.localPort])),
    strike: (kind) => state.links.forEach((link) => strikeLink(link, kind)),
    async until(direction, bytes) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      state.waiting.add({ direction, total: state.counts[direction] + bytes, resolve: () => resolve(undefined) });
      await promise;
    },
    async close() {
      state.links.forEach((link) => strikeLink(link, 'reset'));
      await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function listen(server: Server, port: number, address: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}

function join(state: State, client: Socket, port: number, channel: Link['channel']): void {
  const server = connect({ port, host: state.options.address ?? '127.0.0.1', allowHalfOpen: true });
  const link: Link = { channel, client, server, seen: { toServer: 0, toClient: 0 }, last: undefined, stalled: false };
  state.links.add(link);
  state.counts.connections++;
  if (channel === 'control') state.counts.controls++;
  state.counts.open++;
  for (const socket of [client, server]) socket.setNoDelay(true);
  forward(state, link, 'toServer', client, server);
  forward(state, link, 'toClient', server, client);
  let open = 2;
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.on('error', () => {
      if (!link.stalled) other.resetAndDestroy();
    });
    socket.once('close', () => {
      if (--open > 0) return;
      state.links.delete(link);
      state.counts.open--;
    });
  }
}

function forward(state: State, link: Link, direction: Direction, from: Socket, to: Socket): void {
  let before: Promise<unknown> = Promise.resolve();
  let delayed = 0;
  const inOrder = (act: () => void, bytes = 0): void => {
    if (state.latencyMs === 0 && state.bytesPerSecond === undefined && delayed === 0) {
      act();
      return;
    }
    const due = performance.now() + state.latencyMs;
    delayed++;
    before = before.then(async () => {
      if (due > performance.now()) await sleep(due - performance.now());
      if (state.bytesPerSecond !== undefined) await sleep((bytes / state.bytesPerSecond) * 1000);
      delayed--;
      if (!link.stalled) act();
    });
  };
  const pass = (chunk: Buffer): void => {
    count(state, link, direction, chunk.length);
    // What drips is felt by who sends.
    const drips = state.bytesPerSecond !== undefined;
    if (drips) from.pause();
    for (const piece of piecesOf(chunk, state.bytesPerSecond)) {
      inOrder(() => {
        if (!to.destroyed && !to.write(piece)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      }, piece.length);
    }
    if (drips) inOrder(() => from.resume());
  };
  from.on('data', (received: Buffer) => {
    if (link.stalled) return;
    const { passing: chunk, hangUp } = pastRefusals(state, link, direction, received);
    const fault = strikingFault(state, link, direction, chunk.length);
    pass(fault === undefined ? chunk : chunk.subarray(0, fault.afterBytes - (link.seen[direction] - startOf(fault, link))));
    if (fault !== undefined) inOrder(() => (fault.all === true ? [...state.links] : [link]).forEach((one) => strikeLink(one, fault.kind)));
    else if (hangUp) inOrder(() => strikeLink(link, 'cut'));
  });
  from.on('end', () =>
    inOrder(() => {
      if (!link.stalled) to.end();
    }),
  );
}

function pastRefusals({ refusal }: State, { channel }: Link, direction: Direction, chunk: Buffer): { passing: Buffer; hangUp: boolean } {
  if (refusal === undefined || channel !== 'control') return { passing: chunk, hangUp: false };
  return direction === 'toClient' ? refusal.fromServer(chunk) : { passing: refusal.fromClient(chunk), hangUp: false };
}

/** Small enough that they drip. */
function piecesOf(chunk: Buffer, bytesPerSecond: number | undefined): Buffer[] {
  const size = bytesPerSecond === undefined ? chunk.length : Math.ceil(bytesPerSecond / 10);
  return Array.from({ length: Math.ceil(chunk.length / size) }, (_, index) => chunk.subarray(index * size, (index + 1) * size));
}

/** The fault, if any, whose byte lies within the next `length` ones; it is used up. */
function strikingFault(state: State, link: Link, direction: Direction, length: number): ArmedFault | undefined {
  const fault = state.faults.find(
    (one) =>
      one.left > 0 &&
      one.direction === direction &&
      (one.channel === undefined || one.channel === link.channel) &&
      link.seen[direction] - startOf(one, link) + length >= one.afterBytes,
  );
  if (fault !== undefined) {
    fault.left--;
    state.counts.struck++;
  }
  return fault;
}

function startOf(fault: ArmedFault, link: Link): number {
  return fault.from.get(link) ?? 0;
}

function count(state: State, link: Link, direction: Direction, bytes: number): void {
  if (bytes === 0) return;
  link.seen[direction] += bytes;
  state.counts[direction] += bytes;
  if (direction === 'toServer' && link.last !== 'toServer') state.counts.roundTrips++;
  link.last = direction;
  for (const one of state.waiting) {
    if (state.counts[one.direction] < one.total) continue;
    state.waiting.delete(one);
    one.resolve();
  }
}

function strikeLink(link: Link, kind: FaultKind): void {
  link.stalled = true;
  if (kind === 'stall') return;
  for (const socket of [link.client, link.server]) {
    if (kind === 'reset') socket.resetAndDestroy();
    /* Its own FIN goes out after what passed; what still comes in is read and dropped, so that no RST follows. */ else socket.end();
  }
}
