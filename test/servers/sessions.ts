import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { descendants } from './process.ts';

/** On Linux, and as root: elsewhere nobody can tell whose a connection is. */
export function canFindSessions(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** Processes below `listener` that hold a connection whose other end has one of these ports. */
export function sessionsOf(clientPorts: readonly number[], listener: number): number[] {
  const sockets = new Set(socketsFrom(clientPorts).map((inode) => `socket:[${inode}]`));
  return descendants(listener).filter((pid) => openFiles(pid).some((target) => sockets.has(target)));
}

/** Lines of /proc/net/tcp: `sl local remote st tx:rx tr:when retrnsmt uid timeout inode`, addresses as hex `IP:PORT`. */
function socketsFrom(clientPorts: readonly number[]): string[] {
  const [, ...lines] = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'latin1').trimEnd().split('\n'));
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote = '']) => clientPorts.includes(Number.parseInt(remote.slice(remote.indexOf(':') + 1), 16)))
    .map((fields) => fields[9] ?? '');
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((file) => readlinkSync(`/proc/${pid}/fd/${file}`));
  } catch {
    // It ended in the meantime.
    return [];
  }
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in the meantime.
    }
  }
}
