import { endWithParent } from '../bench/parent.ts';
import { startHttpProxy, type HttpProxy } from '../servers/httpProxy.ts';

/* An HTTP proxy in the network of another machine. */

export type Order = { readonly address: string; readonly login: string } | { readonly tell: true };
/** The port that it listens on, and the destinations that it was asked for so far. */
export interface Answer {
  readonly port: number;
  readonly asked: readonly string[];
}

let proxy: Promise<HttpProxy> | undefined;

process.on('message', (order: Order) => {
  if ('address' in order) proxy = startHttpProxy(order.login, order.address);
  void proxy?.then(({ port, asked }) => process.send?.({ port, asked } satisfies Answer));
});
endWithParent();
