/** Errors from HTTP and sockets, each with a stable code that has a translated text. */
import type { ErrorCode } from '@/protocol/codes';
import type { components } from '@/protocol/http';

export type FieldProblem = components['schemas']['ProblemDetail'];

/** `offline`: no connection. `timeout`: no reply in time. */
export type ClientCode = ErrorCode | 'offline' | 'timeout';

export class ApiError extends Error {
  constructor(
    readonly code: ClientCode,
    message: string,
    readonly status = 0,
    readonly retryable = false,
    readonly problems: FieldProblem[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** The server's message about a field of the request. */
  at(field: string): string | undefined {
    return this.problems.find((problem) => problem.field === field)?.message;
  }
}

/** The error of a refused response, from its problem document or else its status. */
export function refusalIn(response: Response, body: unknown): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<
    components['schemas']['Problem']
  >;
  return new ApiError(
    problem.code ?? (response.status >= 500 ? 'unavailable' : 'internal'),
    problem.detail ?? response.statusText,
    response.status,
    problem.retryable ?? response.status >= 500,
    problem.problems ?? [],
  );
}
