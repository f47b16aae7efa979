/** Status codes of gRPC that the client tells apart. */
export const grpcCodes = { deadlineExceeded: 4, notFound: 5, unavailable: 14 };

/** Undefined for an error that is not of gRPC. */
export function grpcCode(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

/** Tells whether the server could not be reached, or did not answer in time. */
export function isUnavailable(error: unknown): boolean {
  const code = grpcCode(error);
  if (code === grpcCodes.unavailable || code === grpcCodes.deadlineExceeded) return true;
  return error instanceof Error && error.cause instanceof Error && isUnavailable(error.cause);
}
