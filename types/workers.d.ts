// SPDX-License-Identifier: Apache-2.0
// The shape of a worker: what its main module exports by default, and what it is called with.

/** What a handler has besides its event. */
interface ExecutionContext<Props = unknown> {
  /** Lets work go on after the answer, within the limits. */
  waitUntil(promise: PromiseLike<any>): void;
  /** Has no effect: there is no origin behind a worker. */
  passThroughOnException(): void;
  /** What the binding that led here was configured with. */
  readonly props: Props;
}

/** A moment that a worker's schedule names. */
interface ScheduledController {
  /** The pattern of the schedule, such as "0 * * * *". */
  readonly cron: string;
  /** When it was due, in milliseconds since 1970. */
  readonly scheduledTime: number;
}

/** Answers a request. */
type ExportedHandlerFetchHandler<Env = unknown, Props = unknown> = (
  request: Request, env: Env, ctx: ExecutionContext<Props>,
) => Response | Promise<Response>;
/** Does what is to be done at a moment. */
type ExportedHandlerScheduledHandler<Env = unknown, Props = unknown> = (
  controller: ScheduledController, env: Env, ctx: ExecutionContext<Props>,
) => void | Promise<void>;

/** What a worker's main module exports by default; `Env` has its bindings by name. */
interface ExportedHandler<Env = unknown, Props = unknown> {
  /** Called with each request. */
  fetch?: ExportedHandlerFetchHandler<Env, Props>;
  /** Called at each moment of its schedule. */
  scheduled?: ExportedHandlerScheduledHandler<Env, Props>;
}

/** Another worker, or the network as far as it is granted: a binding of the types "worker" and "fetch". */
interface Fetcher {
  /** Asks it. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
}
