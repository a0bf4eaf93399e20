/**
 * For a process that `startAt` began: it ends with its parent, in order, so that servers and folders are gone. Ctrl+C reaches it too, but
 * it is the parent who ends it.
 */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => {});
}
