/** A name for the host that nobody has yet, made of its address. */
export function suggestName(address: string, taken: readonly string[]): string {
  const plain = address.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  const base = plain === '' ? 'host' : plain.slice(0, 50);
  const isTaken = (name: string) => taken.some((other) => other.toLowerCase() === name.toLowerCase());
  if (!isTaken(base)) return base;
  for (let number = 2; ; number++) if (!isTaken(`${base}-${number}`)) return `${base}-${number}`;
}
