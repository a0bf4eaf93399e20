import type { EditorFigures, EditorOperation, Work } from './editorJob.ts';
import { isTimes, roundTrips, type BenchResult, type Figure, type LineName, type Measured, type ServerFigures } from './figures.ts';
import { operations, type Operation } from './operations.ts';

/** The client that the others are compared with. */
const ours = 'Ferry';

function milliseconds(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** `12 (10–20)`: the median, the fastest and the slowest. */
function told(measured: Measured | undefined, bytes?: number): string {
  if (measured === undefined) return '–';
  if ('longerThan' in measured) return `> ${measured.longerThan / 1000} s`;
  if ('failed' in measured) return 'failed';
  const { median, min, max, runs } = measured;
  const shown = bytes === undefined ? milliseconds : (ms: number) => String(Math.round(bytes / 1000 / ms));
  return runs === 1
    ? shown(median)
    : `${shown(median)} (${bytes === undefined ? shown(min) : shown(max)}–${bytes === undefined ? shown(max) : shown(min)})`;
}

function trips(figure: Figure | undefined, rttMs: number): string {
  const count = figure === undefined ? undefined : roundTrips(figure, rttMs);
  return count === undefined ? '–' : count.toFixed(1);
}

interface Row {
  readonly operation: Operation;
  readonly own: Figure | undefined;
  readonly others: readonly Figure[];
}

function rowsOf({ figures }: ServerFigures): Row[] {
  return operations.flatMap((operation) => {
    const found = figures.filter((figure) => figure.operation === operation.id);
    if (found.length === 0) return [];
    const own = found.find(({ client }) => client === ours);
    return [{ operation, own, others: found.filter(({ client }) => client !== ours) }];
  });
}

/** The best other's time divided by ours: above 1 ours is faster. */
function ratio({ own, others }: Row, line: LineName): string {
  const mine = own?.[line];
  const theirs = others.flatMap((figure) => (isTimes(figure[line]) ? [figure[line].median] : []));
  return isTimes(mine) && theirs.length > 0 ? `× ${(Math.min(...theirs) / mine.median).toFixed(1)}` : '–';
}

/** For the terminal, while the run goes on. */
export function toldFigure({ client, operation, ...lines }: Figure): string {
  return [client, operation, ...Object.entries(lines).map(([line, measured]) => `${line}: ${told(measured)}`)].join(' · ');
}

/** For the terminal: one server, each operation with all clients below each other. */
export function toldServer(server: ServerFigures, rttMs: number): string {
  const lines = [`\n${server.server} ${server.version} (${server.protocol.toUpperCase()})`];
  const head = ['operation', 'client', 'RTT 0 ms', `RTT ${rttMs} ms`, 'round trips', 'budget', 'limit', 'best other / Ferry'];
  const table = [head];
  for (const row of rowsOf(server)) {
    const { operation, own, others } = row;
    const { title, bytes, bounds } = operation;
    const bound = bounds[server.protocol];
    for (const figure of [...(own === undefined ? [] : [own]), ...others]) {
      const first = figure === own;
      const near = bytes === undefined ? told(figure.near) : `${told(figure.direct, bytes)} MB/s`;
      const far = bytes === undefined ? told(figure.far) : `${told(figure.far, bytes)} MB/s`;
      const limits = first
        ? [
            String(bound?.budget ?? '–'),
            bound?.limit ?? '–',
            `${ratio(row, bytes === undefined ? 'near' : 'direct')}; ${ratio(row, 'far')}`,
          ]
        : ['', '', ''];
      table.push([first ? title : '', figure.client, near, far, bytes === undefined ? trips(figure, rttMs) : '', ...limits]);
    }
  }
  if (table.length === 1) return lines[0] ?? '';
  const widths = head.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  lines.push(
    ...table.map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
  );
  lines.push(...failures(server));
  return lines.join('\n');
}

function failures({ figures }: ServerFigures): string[] {
  return figures.flatMap(({ client, operation, ...lines }) =>
    Object.entries(lines).flatMap(([line, measured]) =>
      'failed' in measured ? [`${client}, ${operation} (${line}): ${measured.failed}`] : [],
    ),
  );
}

const editorTitles: Readonly<Record<EditorOperation, string>> = {
  stat: '`workspace.fs.stat`',
  read: '`workspace.fs.readFile`, 10 KB',
  save: '`workspace.fs.writeFile`, 10 KB',
  openDocument: 'opening a document',
  saveDocument: 'saving a document',
};

/** For the terminal: what is beside the operations. */
export function toldExtras({ memory, editor, rttMs }: BenchResult): string {
  const lines = memory.map(
    ({ server, idleMb, downMb, upMb, downMbPerSecond, upMbPerSecond, listingStallMs }) =>
      `${server}: 1 GB down +${downMb.toFixed(0)} MB of memory at the most (${downMbPerSecond.toFixed(0)} MB/s), up +${upMb.toFixed(0)} MB ` +
      `(${upMbPerSecond.toFixed(0)} MB/s), above ${idleMb.toFixed(0)} MB; listing 20,000 entries holds the event loop ${listingStallMs.toFixed(0)} ms at the most`,
  );
  return [...lines, ...(editor === undefined ? [] : editorTable(editor, rttMs))].join('\n');
}

function expandedRow(name: string, { ms, longestWorkMs }: Work): string {
  return `| ${name} | the same folder in the Explorer | – | ${milliseconds(ms)}, at most ${milliseconds(longestWorkMs)} of work at a time | – | – |`;
}

function editorTable({ version, activationMs, nextActivationMs, alone, servers }: EditorFigures, rttMs: number): string[] {
  const names = [...new Set(servers.map(({ server }) => server))];
  const rows = names.flatMap((name) => {
    const [near, far] = (['near', 'far'] as const).map((line) => servers.find((each) => each.server === name && each.line === line));
    if (near === undefined || far === undefined) return [];
    const cells = (Object.keys(editorTitles) as EditorOperation[]).map((id) => {
      const [one, other] = [near.times[id], far.times[id]];
      return `| ${name} | ${editorTitles[id]} | ${told(alone[id])} | ${told(one)} | ${told(other)} | ${((other.median - one.median) / rttMs).toFixed(1)} |`;
    });
    const { ms, longestWorkMs } = near.listing;
    const listed = `| ${name} | \`workspace.fs.readDirectory\`, 20,000 entries | – | ${milliseconds(ms)}, at most ${milliseconds(longestWorkMs)} of work at a time | ${milliseconds(far.listing.ms)} | ${((far.listing.ms - ms) / rttMs).toFixed(1)} |`;
    return [...cells, listed, ...(near.expanding === undefined ? [] : [expandedRow(name, near.expanding)])];
  });
  return [
    `Within VS Code ${version} (the extension's activation: ${activationMs.toFixed(0)} ms in the first window of a new version, ${nextActivationMs.toFixed(0)} ms in the next):`,
    '',
    `| server | operation | VS Code alone, ms | ms, server near | ms, RTT ${rttMs} | round trips |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
}

/** For README. */
export function markdown(result: BenchResult): string {
  const { time, machine, line, rttMs, bytesPerSecond, servers, loadBefore, loadAfter } = result;
  const bandwidth = bytesPerSecond === undefined ? 'no limit of bandwidth' : `${((bytesPerSecond * 8) / 1e6).toFixed(0)} Mbit/s each way`;
  const load = [loadBefore, loadAfter].map(([minute = 0]) => minute.toFixed(1)).join(' and ');
  return [
    `Measured on ${time.slice(0, 10)} by \`npm run bench\` (${machine}; load ${load} before and after). The line: ${line}, ${bandwidth}.`,
    `Medians, in brackets the fastest and the slowest run. Round trips = (time at RTT ${rttMs} ms − time at RTT 0) / ${rttMs} ms.`,
    ...servers.flatMap((server) => serverTable(server, rttMs)),
    '',
    ...(result.memory.length > 0 || result.editor ? [toldExtras({ ...result, memory: [] }), '', ...memoryTable(result), ''] : []),
    ...notes(servers),
  ].join('\n');
}

function serverTable(server: ServerFigures, rttMs: number): string[] {
  const rows = rowsOf(server);
  const clients = [...new Set(rows.flatMap(({ others }) => others.map(({ client }) => client)))];
  const head = ['operation', 'RTT 0, ms', `RTT ${rttMs}, ms`, 'round trips', 'budget', 'limit', ...clients, 'best other / Ferry'];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '',
    `**${server.server} ${server.version}**`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map((row) => {
      const { operation, own, others } = row;
      const { bytes } = operation;
      const bound = operation.bounds[server.protocol];
      const other = (name: string): string => {
        const figure = others.find(({ client }) => client === name);
        if (figure === undefined) return '–';
        return bytes === undefined
          ? `${short(figure.near)} / ${short(figure.far)}`
          : `${short(figure.direct, bytes)} / ${short(figure.far, bytes)}`;
      };
      const unit = bytes === undefined ? '' : ' MB/s';
      return line([
        operation.title,
        `${told(bytes === undefined ? own?.near : own?.direct, bytes)}${unit}`,
        `${told(own?.far, bytes)}${unit}`,
        bytes === undefined ? trips(own, rttMs) : '',
        String(bound?.budget ?? ''),
        bound?.limit ?? '',
        ...clients.map(other),
        `${ratio(row, bytes === undefined ? 'near' : 'direct')}; ${ratio(row, 'far')}`,
      ]);
    }),
  ];
}

function short(measured: Measured | undefined, bytes?: number): string {
  return isTimes(measured) ? told({ ...measured, runs: 1 }, bytes) : told(measured, bytes);
}

function memoryTable({ memory }: BenchResult): string[] {
  if (memory.length === 0) return [];
  return [
    '| server | 1 GB down: memory above idle, at the most | 1 GB up | listing 20,000 entries: longest hold of the event loop |',
    '| --- | --- | --- | --- |',
    ...memory.map(
      ({ server, downMb, upMb, downMbPerSecond, upMbPerSecond, listingStallMs }) =>
        `| ${server} | ${downMb.toFixed(0)} MB (at ${downMbPerSecond.toFixed(0)} MB/s) | ${upMb.toFixed(0)} MB (at ${upMbPerSecond.toFixed(0)} MB/s) | ${listingStallMs.toFixed(0)} ms |`,
    ),
  ];
}

function notes(servers: readonly ServerFigures[]): string[] {
  const clients = new Map(servers.flatMap((server) => server.clients.map(({ client, how }) => [client, how])));
  const missing = [...new Set(servers.flatMap((server) => server.missing))];
  return [
    'Before each run but those of trees and of 100 MB the line rests for four round trips, as between the actions of a person, and “one right after the other” does not.',
    'Other clients: milliseconds at both lengths of the line; given up (>) at twice what Ferry took, 5 s at least. “100 MB” at RTT 0 is without the',
    'line, on loopback, for Ferry and the libraries after a first transfer that does not count; trees on the long line are moved by all other clients at the same time. How each was driven:',
    '',
    ...[...clients].map(([client, how]) => `- ${client}: ${how}.`),
    ...missing.map((reason) => `- Not measured: ${reason}`),
  ];
}
