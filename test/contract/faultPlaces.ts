import type { Fault } from '../servers/faultyProxy.ts';
import type { FaultOperation } from './faultOperations.ts';

/**
 * Where the link breaks: the first bytes, the middle and the last bytes, both ways, of the commands and of the content. Each server takes
 * every other place and kind, by its `number`; all together take all.
 */
export function placesOf({ up, down }: Pick<FaultOperation, 'up' | 'down'>, isFtp: boolean, number: number): Fault[] {
  const content = (bytes: number): number[] => (bytes === 0 ? [] : [0, 1000, Math.floor(bytes / 2), bytes - 5]);
  const around = (bytes: number): number[] => [...content(bytes), bytes, bytes + 60, bytes + 150, bytes + 600];
  const places: Omit<Fault, 'kind'>[] = isFtp
    ? [
        ...content(up).map((afterBytes) => ({ direction: 'toServer', channel: 'data', afterBytes }) as const),
        ...content(down).map((afterBytes) => ({ direction: 'toClient', channel: 'data', afterBytes }) as const),
        ...[0, 10, 40, 90, 160].map((afterBytes) => ({ direction: 'toServer', channel: 'control', afterBytes }) as const),
        ...[0, 10, 60, 150, 300].map((afterBytes) => ({ direction: 'toClient', channel: 'control', afterBytes }) as const),
      ]
    : [
        ...around(up).map((afterBytes) => ({ direction: 'toServer', afterBytes }) as const),
        ...around(down).map((afterBytes) => ({ direction: 'toClient', afterBytes }) as const),
      ];
  return places
    .filter((_, index) => (index + number) % 2 === 0)
    .map((place, index) => ({ ...place, kind: (index + (number >> 1)) % 2 === 0 ? 'cut' : 'reset' }));
}

export function toldFault({ kind, direction, channel, afterBytes }: Fault): string {
  return `${kind} after ${afterBytes} bytes ${direction}${channel === undefined ? '' : ` of the ${channel} connection`}`;
}
