import type { Reply } from './reply.ts';

/** The port of a 229 reply (RFC 2428 §3: `(|||port|)`, any delimiter, with or without the parentheses); undefined if there is none. */
export function epsvPort(reply: Reply): number | undefined {
  const match = /([!-/:-~])\1\1(\d{1,5})\1/.exec(reply.lines.join(' '));
  return validPort(Number(match?.[2]));
}

/**
 * Address and port of a 227 reply (RFC 959 §4.1.2; RFC 1123 §4.1.2.6: the first six numbers, wherever they stand); undefined if there are none.
 */
export function pasvAddress(reply: Reply): { readonly address: string; readonly port: number } | undefined {
  const match = /(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})/.exec(reply.lines.join(' '));
  if (!match) return undefined;
  const numbers = match.slice(1).map(Number);
  if (numbers.some((number) => number > 255)) return undefined;
  const port = validPort((numbers[4] ?? 0) * 256 + (numbers[5] ?? 0));
  return port === undefined ? undefined : { address: numbers.slice(0, 4).join('.'), port };
}

function validPort(port: number): number | undefined {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : undefined;
}

/** An IPv4 address in its own form, also where the socket shows it mapped into IPv6 (`::ffff:192.0.2.1`). */
export function plainAddress(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
