import type { Ssh2Protocol } from './ssh2Protocol.ts';

/** RFC 4253 §4.2 sets no limit to what comes before the identification; it allows 255 bytes for the line itself. */
const mostBytes = 64 * 1024;
const longestLine = 8 * 1024;
const newline = 0x0a;

/**
 * Gives `ssh2` the server's identification, with the lines before it, in one piece: of one that comes in three it loses the second.
 * Throws, as a parser of `ssh2` does, where no identification comes in reasonable space.
 */
export function gatherIdentification(protocol: Ssh2Protocol): void {
  const parse = protocol._parse;
  let gathered: Buffer = Buffer.alloc(0);
  let lineStart = 0;
  protocol._parse = (chunk, from, to) => {
    const before = gathered.length;
    gathered = Buffer.concat([gathered, chunk.subarray(from, to)]);
    for (let at = gathered.indexOf(newline, before); at >= 0; at = gathered.indexOf(newline, lineStart)) {
      const identified = gathered.toString('latin1', lineStart, lineStart + 4) === 'SSH-';
      lineStart = at + 1;
      if (!identified) continue;
      protocol._parse = parse;
      parse.call(protocol, gathered.subarray(0, lineStart), 0, lineStart);
      return from + lineStart - before;
    }
    if (gathered.length > mostBytes || gathered.length - lineStart > longestLine) throw new Error('no SSH identification');
    return to;
  };
}
