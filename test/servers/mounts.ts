import { runProgram } from './program.ts';

/* Only root can mount; tests ask `isRoot` before. */

const mounted = new Set<string>();

// Before the folders are removed.
process.prependListener('exit', () => {
  for (const folder of mounted) unmount(folder);
});

/** An empty disk of so many megabytes over a folder. The result takes it away. */
export function mountSmallDisk(folder: string, megabytes: number, mode = '0777'): () => void {
  runProgram('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=${mode}`, 'ferry-test', folder]);
  return lifting(folder);
}

/** The folder with what it holds takes no change. The result takes that away. */
export function mountReadOnly(folder: string): () => void {
  runProgram('mount', ['--bind', folder, folder]);
  const lift = lifting(folder);
  runProgram('mount', ['-o', 'remount,ro,bind', folder]);
  return lift;
}

function lifting(folder: string): () => void {
  mounted.add(folder);
  return () => unmount(folder);
}

function unmount(folder: string): void {
  if (mounted.delete(folder)) runProgram('umount', ['-l', folder]);
}
