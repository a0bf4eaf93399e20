import { ServerUnavailable } from '../servers/server.ts';
import { tortureProtocol, type Order, type Result } from './protocol.ts';

/** What a process of one protocol answers. */
export type Answer = { readonly result: Result } | { readonly unavailable: string } | { readonly failure: string };

async function answer(order: Order): Promise<Answer> {
  try {
    return { result: await tortureProtocol(order) };
  } catch (error) {
    if (error instanceof ServerUnavailable) return { unavailable: error.message };
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/* A promise that nobody owns ends the process, and so fails the run. */
process.once('message', (order) => {
  void answer(order as Order).then((said) => process.send?.(said, () => process.exit(0)));
});
process.once('disconnect', () => process.exit(1));
