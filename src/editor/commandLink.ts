/** A link in a message of ours that runs one of our commands. `title` is our own text; the command gets `id` as its argument. */
export function commandLink(title: string, command: string, id: number): string {
  return `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([id]))})`;
}

/** A number that nobody who writes links can guess. */
export function newId(): number {
  const [high = 0, low = 0] = globalThis.crypto.getRandomValues(new Uint32Array(2));
  return (high & 0xf_ffff) * 2 ** 32 + low;
}
